"""Which row changes belong to which event, found on flush instead of trusted to every service.

A table takes part by `__journal__ = (prefix, column)`: its rows belong to the stream `prefix/<column>`. When a session
flushes, the changed columns of such rows are collected per stream; `log.record` moves them into the event it writes.
A commit with collected changes that no event took raises `UnrecordedChange`.

Columns with `info={"sensitive": True}` appear only as digests salted with the row's own `salt` column: the log proves
them without holding them, and forgets with the row. The salt itself is not in the log, nor are columns with
`info={"logged": False}`: which key a row is sealed with may change without an act.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum
from functools import lru_cache
from typing import Any, ClassVar, TypedDict
from uuid import UUID

from sqlalchemy import Column, Table, event, inspect
from sqlalchemy.orm import Session as SaSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import SQLModel

from shared.canonical import Json, sha256_hex

SALT = "salt"
#: What most columns hold: JSON without a further look. Enums are of types of their own.
_AS_IT_IS = frozenset({str, int, bool, float, type(None)})
_PENDING = "minyi.pending_changes"


class Change(TypedDict, total=False):
    """One row change: table, key, and either the columns set or the mark of deletion."""

    t: str
    k: str
    s: dict[str, Json]
    d: int


class UnrecordedChange(RuntimeError):
    """A journaled row changed and no event in the same transaction says so. A programmer's mistake."""


class Journaled(SQLModel):
    """Base of tables that the log can rebuild."""

    __journal__: ClassVar[tuple[str, str]] = ("", "")


def from_before(*, value: Json) -> dict[str, Any]:
    """Return what makes a column one that was added later: events from before say nothing of it, its rows had `value`."""
    return {"info": {"before": value}}


def stream_of(table: Table, values: Mapping[str, Any]) -> str:
    """Return the stream to which a row of `table` with `values` belongs."""
    prefix, column = _journal(table)
    return stream_name(prefix, values[column])


def stream_name(prefix: str, key: object) -> str:
    """Return `prefix/key`; ids without hyphens, so that SQL can build the same text on both engines."""
    return f"{prefix}/{key.hex if isinstance(key, UUID) else key}"


def plain(value: Any) -> Json:
    """Return a column's value as JSON: moments in UTC with microseconds, ids without hyphens, enums by value."""
    kind = type(value)
    if kind in _AS_IT_IS:
        return value  # type: ignore[no-any-return]
    if kind is UUID:
        return value.hex  # type: ignore[no-any-return]
    if kind is date:
        return value.isoformat()  # type: ignore[no-any-return]
    return _shown(value)


def _shown(value: Any) -> Json:
    match value:
        case Enum():
            shown: Json = plain(value.value)
        case datetime():
            shown = value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            shown = value.isoformat()
        case UUID():
            shown = value.hex
        case list() | tuple():
            shown = [plain(item) for item in value]
        case Mapping():
            shown = {str(key): plain(item) for key, item in value.items()}
        case _:
            shown = value
    return shown


def logged(column: Column[Any], value: Any, salt: str) -> Json:
    """Return what the log says of one column: the value, or a salted digest if the column is sensitive."""
    if value is None or not column.info.get("sensitive"):
        return plain(value)
    if isinstance(value, bytes):
        return "sealed"
    return "~" + sha256_hex(f"{salt}:{column.name}:{plain(value)}")[:40]


def salt_of(values: Mapping[str, Any]) -> str:
    """Return the salt of a row, '' if it has none or it was not opened: its digests then differ from the log's."""
    salt = values.get(SALT)
    return salt if isinstance(salt, str) else ""


def inserted(table: Table, values: Mapping[str, Any]) -> Change:
    """Return the change that the insertion of a row makes; empty columns are left out."""
    return {"t": table.name, "k": key_of(table, values), "s": row_image(table, values)}


def changed(table: Table, before: Mapping[str, Any], values: Mapping[str, Any]) -> Change | None:
    """Return the change of a row from `before` to `values`, None if the log sees none. No salted column may have changed."""
    new = {
        name: plain(values[name])
        for name, _, sensitive in columns(table)
        if not sensitive and before[name] != values[name]
    }
    return {"t": table.name, "k": key_of(table, values), "s": new} if new else None


def row_image(table: Table, values: Mapping[str, Any]) -> dict[str, Json]:
    """Return a whole row as the log knows it: no salt, no empty columns."""
    salt = salt_of(values)
    return {
        name: logged(column, values[name], salt) if sensitive else plain(values[name])
        for name, column, sensitive in columns(table)
        if values.get(name) is not None
    }


def _is_logged(column: Column[Any]) -> bool:
    return column.name != SALT and bool(column.info.get("logged", True))


@lru_cache
def columns(table: Table) -> tuple[tuple[str, Column[Any], bool], ...]:
    """Return name, column and sensitivity of every column the log knows."""
    return tuple((c.name, c, bool(c.info.get("sensitive"))) for c in table.columns if _is_logged(c))


def key_of(table: Table, values: Mapping[str, Any]) -> str:
    """Return the primary key of a row as text."""
    return "|".join([str(plain(values[name])) for name in key_columns(table)])


@lru_cache
def key_columns(table: Table) -> tuple[str, ...]:
    """Return the names of the columns of the primary key."""
    return tuple(column.name for column in table.primary_key.columns)


def take(s: SaSession, stream: str) -> list[Change]:
    """Return and forget the changes collected for `stream`, in the order in which they were made."""
    return _pending(s).pop(stream, [])


def _journal(table: Table) -> tuple[str, str]:
    found = table.info.get("journal")
    if found is None:
        msg = f"table {table.name} is not journaled"
        raise LookupError(msg)
    return found  # type: ignore[no-any-return]


def _pending(s: SaSession) -> dict[str, list[Change]]:
    return s.info.setdefault(_PENDING, {})  # type: ignore[no-any-return]


def _collect(s: SaSession, _context: UOWTransaction, _instances: object) -> None:
    for row in _journaled(s.new):
        table, values = _table(row), _values(row)
        _add(s, stream_of(table, values), inserted(table, values))
    for row in _journaled(s.dirty):
        change = _updated(row)
        if change["s"]:
            _add(s, stream_of(_table(row), _values(row)), change)
    for row in _journaled(s.deleted):
        table, values = _table(row), _values(row)
        _add(s, stream_of(table, values), {"t": table.name, "k": key_of(table, values), "d": 1})


def _add(s: SaSession, stream: str, change: Change) -> None:
    """Note a change; columns set right after the row was written belong to the same line of the event."""
    changes = _pending(s).setdefault(stream, [])
    for before in changes:
        if (before["t"], before["k"]) == (change["t"], change["k"]) and "s" in before and "s" in change:
            before["s"] |= change["s"]
            return
    changes.append(change)


def _updated(row: Journaled) -> Change:
    table, values, state = _table(row), _values(row), inspect(row)
    salt = salt_of(values)
    changed = {
        column.name: logged(column, values[column.name], salt)
        for column in table.columns
        if _is_logged(column) and state.attrs[column.name].history.has_changes()
    }
    return {"t": table.name, "k": key_of(table, values), "s": changed}


def _journaled(rows: Iterable[object]) -> list[Journaled]:
    return [row for row in rows if isinstance(row, Journaled)]


def _table(row: Journaled) -> Table:
    table: Table = type(row).__table__  # type: ignore[attr-defined]
    table.info.setdefault("journal", type(row).__journal__)
    return table


def _values(row: Journaled) -> dict[str, Any]:
    return {column.name: getattr(row, column.name) for column in _table(row).columns}


def _refuse_unrecorded(s: SaSession) -> None:
    # The commit flushes first; whatever it finds must be taken by then.
    s.flush()
    left = _pending(s)
    if left:
        tables = sorted({change["t"] for changes in left.values() for change in changes})
        raise UnrecordedChange(", ".join(tables))


def _forget(s: SaSession, *_: object) -> None:
    s.info.pop(_PENDING, None)


event.listen(SaSession, "before_flush", _collect)
event.listen(SaSession, "before_commit", _refuse_unrecorded)
event.listen(SaSession, "after_rollback", _forget)
event.listen(SaSession, "after_soft_rollback", _forget)


def journaled_models() -> list[type[Journaled]]:
    """Return all table classes that take part, base classes and forms left out."""
    found: list[type[Journaled]] = []
    waiting = [Journaled]
    while waiting:
        for kind in waiting.pop().__subclasses__():
            waiting.append(kind)
            if hasattr(kind, "__table__"):
                kind.__table__.info.setdefault("journal", kind.__journal__)
                found.append(kind)
    return sorted(found, key=lambda kind: str(kind.__tablename__))
