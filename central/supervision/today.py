"""The lines of Today beside the worklist: what else waits for a person, counted for all domains in one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Date, cast, func, literal, null, union_all
from sqlmodel import Session, select
from sqlmodel.sql.expression import Select


@dataclass(frozen=True, slots=True)
class Waiting:
    """A line of Today: what waits (`key` names it), how many, where they stand, the nearest day among them, how many are late."""

    key: str
    href: str
    count: int
    nearest: date | None = None
    late: int = 0


Counted = Select[int, Any, int]


class Line(NamedTuple):
    """A line of Today before it is counted: its name, where it leads, and the query of how many, the nearest day, how many are late."""

    key: str
    href: str
    query: Counted


def dated(due_on: Any, today: date) -> Counted:
    """Return the beginning of a line's query: how many, the nearest of `due_on`, how many are late."""
    return select(func.count(), func.min(due_on), func.count().filter(due_on < today))


def undated() -> Counted:
    """Return the beginning of the query of a line that has no day."""
    return select(func.count(), cast(null(), Date), literal(0))


def waiting(s: Session, lines: Sequence[Line]) -> list[Waiting]:
    """Return the lines of Today that count something: one statement for all, however many domains have lines."""
    if not lines:
        return []
    found = {row[3]: row for row in s.connection().execute(_counting(tuple(lines)))}
    return [
        Waiting(line.key, line.href, row[0], row[1], row[2])
        for number, line in enumerate(lines)
        if (row := found[number])[0]
    ]


@lru_cache(maxsize=512)
def _counting(lines: tuple[Line, ...]) -> CompoundSelect[Any]:
    """Return the one statement; kept for lines that are kept, as composing it takes longer than counting."""
    return union_all(*(line.query.add_columns(literal(number)) for number, line in enumerate(lines)))
