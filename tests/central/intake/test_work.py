"""An import as work: batches, a second run, a kill in the middle, a file that breaks off, a rehearsal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import func, select

from central import db
from central.commands import log
from central.context import Context
from central.events.models import Event
from central.intake import queries, reading, service, work
from central.intake.models import LedgerImport, Stage
from central.intake.reading import BadFile, Sheet
from central.intake.rows import RawRow
from central.petitions.models import Petition
from central.settings import Imports
from tests.central.intake.sheets import HEADS, ROW, book
from tests.factories.accounts import House


def answered(number: int) -> tuple[Any, ...]:
    return (number, *ROW[1:])


@pytest.fixture
def small(context: Context) -> Context:
    """A context that takes two rows at a time."""
    settings = context.settings.model_copy(update={"imports": Imports(batch_rows=2)})
    return replace(context, settings=settings)


def uploaded(context: Context, house: House, *rows: tuple[Any, ...], heads: tuple[str, ...] = HEADS) -> UUID:
    """Keep a ledger with `rows` and let it wait, as the page does."""
    folder = context.settings.data / "imports"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{len(list(folder.iterdir()))}.xlsx"
    path.write_bytes(book(heads, *rows))
    looked = service.look(path, context.settings.imports)
    fields = [column.field for column in service.propose(looked)]
    layout = work.stored(service.laid(looked, fields), looked.sheet, "online")
    with db.unit_of_work(context.engine) as s:
        made = service.create(
            s,
            court_id=house.court.id,
            file_name=path.name,
            file_digest=service.digest_of(path),
            stored_as=str(path.relative_to(context.settings.data)),
            by=house.registrar,
            now=context.clock.now(),
        )
        s.flush()
        service.start(s, import_id=made.id, layout=layout)
        return made.id


def import_(context: Context, import_id: UUID) -> LedgerImport:
    with context.read() as s:
        return s.get_one(LedgerImport, import_id)


def petitions(context: Context) -> int:
    with context.read() as s:
        return s.exec(select(func.count()).select_from(Petition)).one()


def path_of(context: Context, import_id: UUID) -> Path:
    return context.settings.data / import_(context, import_id).stored_as


def test_all_rows_go_in_batch_by_batch_and_the_log_is_whole(small: Context, house: House) -> None:
    ident = uploaded(small, house, *(answered(number) for number in range(1, 6)))
    work.resume(small)
    done = import_(small, ident)
    assert (done.stage, done.cursor, done.taken) == (Stage.DONE, 6, 5)
    assert log.run(small).findings == []


def test_a_second_import_of_the_same_file_adds_nothing(small: Context, house: House) -> None:
    rows = [answered(number) for number in range(1, 4)]
    uploaded(small, house, *rows)
    work.resume(small)
    again = uploaded(small, house, *rows)
    work.resume(small)
    done = import_(small, again)
    assert (done.taken, done.known) == (0, 3)
    assert petitions(small) == 3


def test_a_row_that_says_something_else_now_is_reported_and_not_taken_again(
    small: Context, house: House
) -> None:
    uploaded(small, house, answered(1))
    work.resume(small)  # two of one moment would go in whichever order
    again = uploaded(small, house, (*answered(1)[:5], "另一个答复", ROW[6]))
    work.resume(small)
    done = import_(small, again)
    assert (done.changed, done.taken) == (1, 0)
    with small.read() as s:
        [found] = queries.refusals(s, again, kinds=["refused"])
        assert (found.number, found.column, found.value, found.reason) == (2, "留言编号", "1", "changed")


def test_rows_that_cannot_be_taken_do_not_keep_the_others_out(small: Context, house: House) -> None:
    impossible = (2, *ROW[1:3], "2019/2/30", *ROW[4:])
    ident = uploaded(small, house, answered(1), impossible, answered(3))
    work.resume(small)
    done = import_(small, ident)
    assert (done.taken, done.refused) == (2, 1)


class Killed(BaseException):
    """The process ends here."""


def breaking_off(after: int) -> Any:
    """Return `reading.opened` for a process that is killed behind row `after`."""
    real = reading.opened

    @contextmanager
    def opened(path: Path, limits: Imports, *, sheet: str | None = None) -> Iterator[Sheet]:
        with real(path, limits, sheet=sheet) as found:
            yield Sheet(found.name, found.names, found.last_row, _until(found.rows, after))

    return opened


def _until(rows: Iterator[RawRow], last: int) -> Iterator[RawRow]:
    for row in rows:
        if row.number > last:
            raise Killed
        yield row


def test_killed_in_the_middle_the_rest_goes_in_and_nothing_twice(
    small: Context, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = uploaded(small, house, *(answered(number) for number in range(1, 8)))
    with monkeypatch.context() as patched:
        patched.setattr(reading, "opened", breaking_off(6))
        with pytest.raises(Killed):
            work.resume(small)
    broken = import_(small, ident)
    assert (broken.stage, broken.cursor, petitions(small)) == (Stage.RUNNING, 5, 4)
    work.resume(small)
    done = import_(small, ident)
    assert (done.stage, done.taken, done.known, petitions(small)) == (Stage.DONE, 7, 0, 7)
    assert log.run(small).findings == []


def test_what_is_in_stays_in_when_the_file_breaks_off(
    small: Context, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    ident = uploaded(small, house, *(answered(number) for number in range(1, 4)))

    def lost(rows: Iterator[RawRow]) -> Iterator[RawRow]:
        for row in rows:
            if row.number > 3:
                raise BadFile("intake.file.too_big")
            yield row

    real = reading.opened

    @contextmanager
    def opened(path: Path, limits: Imports, *, sheet: str | None = None) -> Iterator[Sheet]:
        with real(path, limits, sheet=sheet) as found:
            yield Sheet(found.name, found.names, found.last_row, lost(found.rows))

    monkeypatch.setattr(reading, "opened", opened)
    work.resume(small)
    failed = import_(small, ident)
    assert failed.stage == Stage.FAILED
    assert failed.problem is not None
    assert failed.problem["key"] == "intake.file.too_big"
    assert work.resume(small) == 0


def test_the_end_of_an_import_is_an_event_of_the_court_with_its_counts(small: Context, house: House) -> None:
    ident = uploaded(small, house, answered(1))
    work.resume(small)
    work.run(small, ident, path_of(small, ident))
    with small.read() as s:
        found = s.exec(select(Event).where(Event.kind == "ledger.imported")).one()
    assert found.stream == f"court/{house.court.id.hex}"
    assert '"taken":1' in found.data


def test_a_rehearsal_counts_and_writes_nothing(small: Context, house: House) -> None:
    rows = (answered(1), answered(1), (2, *ROW[1:3], "昨天", *ROW[4:]))
    ident = uploaded(small, house, *rows)
    found = import_(small, ident)
    ledger = work.ledger_of(work.layout_of(found.layout), house.court, "online", small.clock.now())
    counts, missing = work.rehearse(small, ledger, path_of(small, ident), None, court_id=house.court.id)
    assert (counts["taken"], counts["held"], counts["refused"]) == (1, 1, 1)
    assert [(each.number, each.column, each.value, each.reason) for each in missing] == [
        (3, "", "", "row_in_file"),
        (4, "留言时间", "昨天", "date_unreadable"),
    ]
    assert petitions(small) == 0
