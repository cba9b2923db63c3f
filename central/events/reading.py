"""Read rows for checking: a value that somebody wrote by hand and that is no date, id or truth value comes back as it stands.

The usual column types raise on such a value, and a check that stops there would name nothing.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Date, Dialect, Select, String, Table, Uuid, cast, select, type_coerce
from sqlalchemy.types import TypeDecorator, TypeEngine
from sqlmodel import Session

from central.db import UtcDateTime, is_sqlite


@contextmanager
def any_text(s: Session) -> Iterator[None]:
    """Read text that is no UTF-8 as well, its wrong bytes spelled out: SQLite keeps whatever bytes it was given."""
    if not is_sqlite(s):
        yield
        return
    raw: Any = s.connection().connection.dbapi_connection
    usual, raw.text_factory = raw.text_factory, _spelled
    try:
        yield
    finally:
        raw.text_factory = usual


def _spelled(value: bytes) -> str:
    return value.decode("utf-8", "backslashreplace")


def rows_of(s: Session, table: Table) -> Select[Any]:
    """Return a selection of all columns of `table` that no stored value can break."""
    lite = is_sqlite(s)
    return select(*(_loose(column, lite=lite).label(column.name) for column in table.columns))


def _loose(column: Any, *, lite: bool) -> Any:
    reader = _reader(column.type, lite=lite)
    if reader is None:
        return column
    # PostgreSQL keeps the type of a column, but `infinity` is a moment there and not in Python.
    return type_coerce(column if lite else cast(column, String), _Loose(reader))


def _reader(kind: TypeEngine[Any], *, lite: bool) -> Callable[[Any], Any] | None:
    if isinstance(kind, UtcDateTime):
        return _moment
    if isinstance(kind, Date):
        return date.fromisoformat
    if not lite:
        return None
    if isinstance(kind, Uuid):
        return _id
    return _truth if isinstance(kind, Boolean) else None


def _moment(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _id(value: str) -> UUID | str:
    found = UUID(hex=value)
    return found if found.hex == value else value


def _truth(value: int) -> bool | int:
    # 7 is true for Python, and in no index of open petitions.
    return bool(value) if value in {0, 1} else value


class _Loose(TypeDecorator[Any]):
    """Text read by `reader`, or left as it is."""

    impl = String
    cache_ok = True

    def __init__(self, reader: Callable[[Any], Any]) -> None:
        super().__init__()
        self.reader = reader

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return what the value means, or the value."""
        del dialect
        if value is None:
            return None
        try:
            return self.reader(value)
        except (ValueError, TypeError, AttributeError):
            return value
