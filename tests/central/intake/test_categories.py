"""What an office sorted its petitions as comes in with its ledger: matched to the scheme, kept as typed where it fits nothing."""

import json
from typing import Any

import pytest
from sqlmodel import col, select

from central import db
from central.context import Context
from central.events.kinds import Kind
from central.events.models import Event
from central.events.verify import verify
from central.intake import columns, finding, service, undoing, work
from central.intake.models import LedgerImport, LedgerRefusal
from central.intake.rows import Field, RawRow
from central.petitions.models import Petition
from central.sorting import naming
from central.sorting.models import PetitionCategory
from central.sorting.work import _decisions
from tests.central.intake.test_work import uploaded
from tests.factories.accounts import House

TEXT = "执行款已经划到法院账户，没有发放给我。"
HEADS = ("来信日期", "信访内容", "一级分类", "二级分类", "三级分类")


@pytest.mark.parametrize(
    ("cells", "code", "left"),
    [
        (["050203"], "050203", ""),
        (["50203"], "050203", ""),  # the nought before it was lost
        (["执行款发放"], "050203", ""),
        (["一、执行类", "财产处置", "执行款发放问题"], "050203", ""),
        (["执行 - 财产处置 - 执行款发放"], "050203", ""),
        (["0502", "", "050203"], "050203", ""),
        (["执行", "执行救助", ""], "05", "执行救助"),
        (["05"], None, "05"),  # may be the office's own numbering
        (["0502 执行款发放"], None, "0502 执行款发放"),  # the name is another's
        (["劳动争议"], None, "劳动争议"),
    ],
    ids=str,
)
def test_words_are_matched_as_deep_as_they_fit(cells: list[str], code: str | None, left: str) -> None:
    found = naming.read(cells)
    assert (found.category.code if found.category else None, found.left) == (code, left)


@pytest.mark.parametrize(
    ("head", "cells", "field"),
    [
        ("信访类别", ("执行", "民事审判"), Field.CATEGORY),
        ("问题归口", ("执行款发放", "0201"), Field.CATEGORY),  # by its cells
        ("类别", ("甲类", "乙类", "丙类"), Field.CATEGORY),  # a list of the office's own is kept and named
        ("类别", ("来信", "来访", "来信"), Field.CHANNEL),
        ("案件类别", ("民事", "执行", "刑事"), None),  # of the case, not of the petition
    ],
)
def test_columns_are_known_by_head_and_cells(head: str, cells: tuple[str, ...], field: Field | None) -> None:
    rows = [RawRow(at, ("2019-4-25", TEXT, cell)) for at, cell in enumerate(cells, start=2)]
    found = finding.find([RawRow(1, ("来信日期", "信访内容", head)), *rows])
    assert columns.propose(found, rows)[2].field == field


def test_a_category_of_a_ledger_is_an_event_and_is_learned_from_without_a_proposal(
    context: Context, house: House
) -> None:
    rows: list[tuple[Any, ...]] = [
        ("2019-4-25", TEXT + "一", "执行", "财产处置", "执行款发放"),
        ("2019-4-26", TEXT + "二", "劳动争议", "", ""),
    ]
    ident = uploaded(context, house, *rows, heads=HEADS)
    work.resume(context)
    with context.read() as s:
        assert s.get_one(LedgerImport, ident).taken == 2
        assert s.exec(select(LedgerRefusal.reason)).all() == ["category_unknown"]
        chosen = s.exec(select(PetitionCategory)).one()
        assert (chosen.code, chosen.month, chosen.model_id, chosen.seen) == ("050203", "2019-04", None, False)
        data = s.exec(select(Event.data).where(Event.kind == Kind.PETITION_SORTED)).one()
        facts = json.loads(data)["facts"]
        assert (facts["category"], facts["imported"], facts["row"]) == ("050203", True, 2)
        assert verify(s, public_key=None, anchor_folder=context.settings.data).findings == []
        assert [each.code for each in _decisions(s)] == ["050203"]
    with db.unit_of_work(context.engine) as s:
        service.undo(s, import_id=ident)
    undoing.run(context, ident)
    with context.read() as s:
        assert s.exec(select(col(Petition.id))).all() == s.exec(select(PetitionCategory)).all() == []
