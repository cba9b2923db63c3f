"""Telling beside the one that writes: the same petitions, and nothing lost when that process is gone."""

from collections.abc import Iterator
from pathlib import Path

import psutil  # type: ignore[import-untyped]
from sqlmodel import select

from central import db
from central.context import Context
from central.events.verify import verify
from central.intake import beside, bulk, preparing
from central.intake.checking import Ledger
from central.intake.heads import Layout
from central.intake.models import LedgerImport
from central.intake.rows import Field, RawRow
from central.petitions.models import Petition
from tests.factories.accounts import House

_HEADS = ("编号", "信访人", "主题", "日期", "内容", "答复", "答复日期")
_FIELDS = (
    Field.NUMBER,
    Field.PETITIONER,
    Field.SUBJECT,
    Field.RECEIVED_AT,
    Field.TEXT,
    Field.REPLY,
    Field.REPLIED_AT,
)


def endless() -> Iterator[list[RawRow]]:
    number = 1
    while True:
        number += 1
        cells = (str(number), "王某", "物业", "2019/3/1", "收费没有公示。", "已核实。", "2019/4/1")
        yield [RawRow(number, cells)]


def terms_of(context: Context, house: House, source: LedgerImport) -> preparing.Terms:
    now = context.clock.now()
    layout = Layout(1, _HEADS, {what: place for place, what in enumerate(_FIELDS)}, None, from_1904=False)
    with context.read() as s:
        teller = bulk.teller_of(s, house.court, by=house.registrar, now=now, source=source.id)
    of = bulk.Source(house.court.id, house.court.code, house.registrar.staff_id, source.id, {})
    ledger = Ledger(layout, house.court.code, "online", now)
    return preparing.Terms(ledger, of, teller, context.engine.dialect.name)


def test_rows_told_beside_go_in_whole_and_none_is_lost_with_that_process(
    context: Context, house: House, tmp_path: Path
) -> None:
    with db.unit_of_work(context.engine) as s:
        source = LedgerImport(
            court_id=house.court.id, file_name="a.xlsx", file_digest="0" * 64, created_at=context.clock.now()
        )
        s.add(source)
    terms, numbers, told = terms_of(context, house, source), list[int](), list[preparing.Batch]()
    for batch in beside.prepared(endless(), terms, context.settings):
        numbers += [row.number for row in batch.rows]
        if batch.ready and not told:
            told.append(batch)
            for child in psutil.Process().children():
                if "central.intake.beside" in child.cmdline():
                    child.kill()
        elif told and not batch.ready:
            break
    assert numbers == list(range(2, 2 + len(numbers)))
    [batch] = told
    with db.unit_of_work(context.engine) as s:
        bulk.write_new(
            s,
            court_id=house.court.id,
            rows=batch.rows,
            by=house.registrar,
            now=terms.teller.now,
            source=source.id,
            prepared=batch.ready,
        )
    with context.read() as s:
        petition = s.exec(select(Petition)).one()
        assert (petition.number, petition.state) == ("辽0102-2019-000001", "closed")
        assert petition.text == "收费没有公示。"
        assert not verify(s, public_key=None, anchor_folder=tmp_path).findings
