"""Doubles that a person decides, an import that is stopped, goes on, and is undone; sources that are kept."""

from collections import Counter
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from central import db
from central.commands import log
from central.context import Context
from central.errors import Conflict
from central.hot.models import HotIssue, HotMember
from central.intake import correcting, deciding, jobs, queries, report, service, sources, work
from central.intake.models import LedgerImport, Stage
from central.intake.rows import Field
from central.matters import following as matters
from central.matters.models import MatterPiece, MatterSketch
from central.notifications.models import Notice
from central.notifications.service import tell
from central.petitions.models import Note, Petition
from central.search import following as searching
from central.search import service as search
from central.settings import Imports
from central.vault.errors import KeyGone
from tests.central.intake.corpus import book
from tests.factories.accounts import House

HEADS = ("来信日期", "姓名", "联系电话", "反映内容")


def uploaded(context: Context, house: House, *rows: tuple[Any, ...], doubles: str = "hold") -> UUID:
    folder = context.settings.data / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.ledger"
    path.write_bytes(book(("台账", [HEADS, *rows])))
    looked = service.look(path, context.settings.imports)
    layout = service.laid(looked, [column.field for column in service.propose(looked)])
    with db.unit_of_work(context.engine) as s:
        made = service.create(
            s,
            court_id=house.court.id,
            file_name=path.name,
            file_digest=service.digest_of(path),
            by=house.registrar,
            now=context.clock.now(),
        )
        # Not by the name an earlier version gave, so that the job does not seal it first.
        made.stored_as = str(path.relative_to(context.settings.data))
        s.flush()
        service.start(s, import_id=made.id, layout=work.stored(layout, looked.sheet, "letter", doubles))
        return made.id


def run(context: Context, ident: UUID) -> LedgerImport:
    with context.read() as s:
        path = context.settings.data / s.get_one(LedgerImport, ident).stored_as
    work.run(context, ident, path)
    return found(context, ident)


def found(context: Context, ident: UUID) -> LedgerImport:
    with context.read() as s:
        return s.get_one(LedgerImport, ident)


def count(context: Context) -> int:
    with context.read() as s:
        return s.exec(select(func.count()).select_from(Petition)).one()


ONE = ("2019-04-25", "王小明", "13800010002", "小区停车费上涨")
AGAIN = ("2019-04-25", "王小明", "", "小区停车费上涨")
LATER = ("2019-06-01", "王小明", "13800010002", "停车费还在上涨")


def test_doubles_wait_and_go_in_or_stay_out_as_a_person_says(context: Context, house: House) -> None:
    """One whole course: in the file, against what is here, one by one, all."""
    first = run(context, uploaded(context, house, ONE, ("二、来访",), AGAIN, LATER))
    assert (first.taken, first.held, first.remarks, count(context)) == (2, 1, 1, 2)
    second = run(
        context,
        uploaded(
            context,
            house,
            ("2019-04-25", "王先生", "", ONE[3]),
            ("2019-04-25", "李四", "13800010002", "另一件事"),
        ),
    )
    assert (second.taken, second.held) == (0, 2)
    with context.read() as s:
        held = list(queries.refusals(s, second.id, kinds=["double"]))
    assert [each.reason for each in held] == ["text_here", "phone_here"]
    assert all(each.like_id for each in held)
    with db.unit_of_work(context.engine) as s:
        assert held[1].id is not None
        deciding.one(
            s,
            import_id=second.id,
            remark_id=held[1].id,
            take=True,
            by=house.registrar,
            now=context.clock.now(),
        )
        deciding.leave_all(s, import_id=second.id, by=house.registrar, now=context.clock.now())
    second = found(context, second.id)
    assert (second.taken, second.held, second.passed, count(context)) == (1, 0, 1, 3)
    with db.unit_of_work(context.engine) as s:
        deciding.take_all(s, import_id=first.id)
    jobs.resume(context)
    first = found(context, first.id)
    assert (first.stage, first.taken, first.held, count(context)) == (Stage.DONE, 3, 0, 4)
    with context.read() as s:
        channels = Counter(s.exec(select(Petition.channel)).all())
    # ONE and the one beside; AGAIN and LATER below their heading.
    assert channels == {"letter": 2, "visit": 2}
    assert log.run(context).findings == []


def test_an_undone_import_is_gone_but_for_what_was_acted_on(context: Context, house: House) -> None:
    ident = run(context, uploaded(context, house, ONE, LATER)).id
    with db.unit_of_work(context.engine) as s:
        kept, gone = s.exec(select(Petition).order_by(Petition.received_at)).all()  # type: ignore[arg-type]
        gone_key, gone_id = gone.key_id, gone.id
        s.connection().execute(
            Note.__table__.insert(),  # type: ignore[attr-defined]
            {
                "id": gone.id,
                "petition_id": kept.id,
                "act": "x",
                "at": context.clock.now(),
                "text": kept.subject,
                "salt": kept.salt,
            },
        )
        service.undo(s, import_id=ident)
    jobs.resume(context)
    done = found(context, ident)
    assert (done.stage, done.undone, done.kept, count(context)) == (Stage.UNDONE, 1, 1, 1)
    with db.unit_of_work(context.engine) as s, pytest.raises(Conflict, match="undone"):
        service.undo(s, import_id=ident)
    with context.read() as s:
        assert s.get(Petition, gone_id) is None
    try:
        context.vault.seal(gone_key, b"x", aad="x")
    except KeyGone:
        pass
    else:
        raise AssertionError("the key of what was taken back is still there")


def read_by_jobs(context: Context) -> search.Index:
    """Let what reads all texts read those that came in: matters, hot issues, search."""
    matters.run(context)
    with db.unit_of_work(context.engine) as s:
        issue = HotIssue(quarter="2019-Q2", made_at=context.clock.now(), words="停车费")
        s.add(issue)
        s.flush()
        for row in s.exec(select(Petition)).all():
            s.add(HotMember(issue_id=issue.id, petition_id=row.id, received_on=row.received_at.date()))
    index = search.index_of(context.settings.data, context.vault, context.engine)
    searching.advance(index.shelf, context.engine, seconds=5)
    return index


def test_after_undoing_all_the_log_is_whole_and_the_file_can_go_in_again(
    context: Context, house: House
) -> None:
    ident = run(context, uploaded(context, house, ONE, LATER)).id
    index = read_by_jobs(context)
    with db.unit_of_work(
        context.engine
    ) as s:  # an old petition is overdue at once: the desk is told within a minute
        for row in s.exec(select(Petition)).all():
            tell(
                s,
                recipient=house.registrar.staff_id or house.court.id,
                court_id=house.court.id,
                kind="notifications.kind.overdue",
                key=f"x/{row.id.hex}",
                at=context.clock.now(),
                petition_id=row.id,
            )
    assert searching.standing(index.shelf, context.engine).petitions == 2
    with db.unit_of_work(context.engine) as s:
        service.undo(s, import_id=ident)
    jobs.resume(context)
    assert (found(context, ident).undone, count(context)) == (2, 0)
    with context.read() as s:
        for kind in (MatterPiece, MatterSketch, HotMember, Notice):
            assert s.exec(select(func.count()).select_from(kind)).one() == 0, kind
    searching.advance(index.shelf, context.engine, seconds=5)
    assert searching.standing(index.shelf, context.engine).petitions == 0
    matters.run(context)
    assert log.run(context).findings == []
    assert run(context, uploaded(context, house, ONE, LATER)).taken == 2
    assert log.run(context).findings == []


def test_a_stopped_import_goes_on_where_it_was(context: Context, house: House) -> None:
    ident = uploaded(context, house, ONE, LATER)
    with db.unit_of_work(context.engine) as s:
        service.cancel(s, import_id=ident, now=context.clock.now())
    assert (run(context, ident).stage, count(context)) == (Stage.CANCELLED, 0)
    with db.unit_of_work(context.engine) as s:
        service.go_on(s, import_id=ident)
    assert (run(context, ident).taken, count(context)) == (2, 2)


def test_refused_rows_come_back_corrected_and_nothing_goes_in_twice(
    context: Context, house: House, tmp_path: Path
) -> None:
    bad = ("2019-02-30", "=cmd", "13900010003", "日期写错了")
    ident = run(context, uploaded(context, house, ONE, bad)).id
    work_ = found(context, ident)
    with context.read() as s:
        refused = {row.number: row for row in queries.refusals(s, ident, kinds=["refused"])}
    path, layout = context.settings.data / work_.stored_as, work.layout_of(work_.layout)
    target = tmp_path / "correct.xlsx"
    rows = correcting.rows(path, Imports(), "台账", layout, refused)
    report.write_rows(
        target,
        layout.heads,
        rows,
        lambda key, _: {"row_before": "原行号", "reason_before": "未导入的原因"}.get(
            key.split(".")[-1], key.split(".")[-1]
        ),
    )
    looked = service.look(target, Imports())
    held = {column.head: column.field for column in service.propose(looked)}
    assert list(looked.first[1].cells) == ["3", "date_impossible", *bad]
    assert held == {
        "原行号": "ignore",
        "未导入的原因": "ignore",
        "来信日期": "received_at",
        "姓名": "petitioner",
        "联系电话": "phone",
        "反映内容": "text",
    }


def test_the_columns_of_a_source_are_offered_for_the_next_ledger_of_its_kind(
    context: Context, house: House
) -> None:
    layout = service.laid(_look(context, ("甲", "乙", "丙"), ("2019-04-25", "x", "某事")), _fields())
    with db.unit_of_work(context.engine) as s:
        sources.keep(
            s, court_id=house.court.id, name="月报", layout=layout, channel="phone", now=context.clock.now()
        )
    with context.read() as s:
        known = sources.of_court(s, house.court.id)
        source = sources.like(known, ["丙", "乙", "甲"])
        assert source is not None
        assert sources.fields(source) == {"甲": "received_at", "乙": "ignore", "丙": "text"}
        assert sources.like(known, ["甲", "丁", "戊"]) is None


def _fields() -> list[Field | None]:
    return [Field.RECEIVED_AT, None, Field.TEXT]


def _look(context: Context, *rows: tuple[Any, ...]) -> Any:
    path = context.settings.data / "source.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(book(("台账", rows)))
    return service.look(path, context.settings.imports)
