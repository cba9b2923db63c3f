"""Checks of petitions that hashes alone cannot make."""

from collections import Counter
from collections.abc import Iterator

from sqlalchemy import Table, select
from sqlmodel import Session, SQLModel

from central.courts.models import Court
from central.events.reading import rows_of
from central.events.verify import Finding
from central.petitions.models import Petition
from central.petitions.tallies import Numbering, VoidNumber


def check_numbers(s: Session) -> Iterator[Finding]:
    """Find receipt numbers that were given and are gone: a petition removed together with all its events.

    Also a count of given numbers that was turned back or removed, which would give a number a second time.
    """
    codes = {row.id: row.code for row in s.connection().execute(rows_of(s, _table(Court)))}
    given = {
        f"{codes.get(row.court_id, row.court_id)}-{row.year}": row.last
        for row in s.connection().execute(rows_of(s, _table(Numbering)))
    }
    found = _counted(s)
    for series in sorted(given.keys() | found.keys()):
        if found[series] != given.get(series, 0):
            detail = f"{found[series]} / {given.get(series, 0)}"
            yield Finding(f"numbering/{series}", 0, 0, "number_missing", detail)


def _counted(s: Session) -> Counter[str]:
    """Return how many petitions there are of each court and year, by their numbers; with those of imports that were undone."""
    found = Counter[str]()
    for table in (_table(Petition), _table(VoidNumber)):
        numbers = s.connection().execute(select(table.c.number), execution_options={"yield_per": 5000})
        found.update(str(number).rpartition("-")[0] for (number,) in numbers)
    return found


def _table(kind: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(kind.__tablename__)]
