"""Objects of a session: sealed when they are written, opened when they are read, with the key of the row they belong to."""

from functools import lru_cache
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Table, event, inspect, select
from sqlalchemy.orm import Session as SaSession
from sqlalchemy.orm import UOWTransaction
from sqlmodel import SQLModel

from central.vault import columns
from central.vault.columns import Opened
from central.vault.vault import Vault

#: Of a column that follows from others or from the key ring: the log does not hold it, it may change without an event.
NOT_LOGGED: dict[str, Any] = {"info": {"logged": False}}
_KEYS = "minyi.keys"


class Sealing:
    """Base of tables with sealed columns.

    `__sealed_by__ = (table, column)`: the row is sealed with the `key_id` of the row of `table` that `column` names
    (its own id for a `KeyOwner`). `("", name)`: with the long-lived key of that name.
    """

    __sealed_by__: ClassVar[tuple[str, str]]


class KeyOwner(Sealing):
    """Base of tables whose rows have a data key of their own in `key_id`; what belongs to the row is sealed with it."""


def index_of(source: str) -> dict[str, Any]:
    """Return what makes a column the blind index of another."""
    return {"info": {"logged": False, "index_of": source}}


def vault_of(s: SaSession) -> Vault:
    """Return the session's vault; raise `RuntimeError` if it was opened without one."""
    found = s.info.get("vault")
    if not isinstance(found, Vault):
        msg = "this session has no vault: make its engine with make_engine(url, vault=...)"
        raise RuntimeError(msg)  # noqa: TRY004 it is not the caller's type that is wrong
    return found


def key_of(s: SaSession, row: Sealing) -> UUID:
    """Return the data key with which a row is sealed."""
    table, column = row.__sealed_by__
    if not table:
        return vault_of(s).named_key(column)
    owner: UUID = getattr(row, column)
    known: dict[UUID, UUID] = s.info.setdefault(_KEYS, {})
    if owner not in known:
        source = SQLModel.metadata.tables[table]
        known[owner] = (
            s.connection().execute(select(source.c.key_id).where(source.c.id == owner)).scalar_one()
        )
    return known[owner]


def _seal(s: SaSession, _context: UOWTransaction, _instances: object) -> None:
    changed = [(row, True) for row in s.new] + [(row, False) for row in s.dirty]
    for row, new in changed:
        if isinstance(row, KeyOwner) and new:
            _give_key(s, row)
    for row, new in changed:
        if isinstance(row, Sealing):
            _seal_row(s, row, new=new)


def _give_key(s: SaSession, row: Any) -> None:
    if row.key_id is None:
        row.key_id = vault_of(s).new_key()
    s.info.setdefault(_KEYS, {})[row.id] = row.key_id


def _seal_row(s: SaSession, row: Sealing, *, new: bool) -> None:
    """Seal what is new or was set anew; a value that came from another row is sealed for this one."""
    table, state = _table(type(row)), inspect(row)
    touched = [
        name
        for name in columns.sealed_columns(table)
        if (new or name in state.committed_state) and state.dict.get(name) is not None
    ]
    for index, source in columns.indexed_columns(table):
        if new or source in state.committed_state:
            value = getattr(row, source)
            setattr(row, index, vault_of(s).blind_index(source, value) if value is not None else None)
    if touched:
        vault, key_id, key = vault_of(s), key_of(s, row), state.mapper.primary_key_from_instance(row)[0]
        for name in touched:
            # Past the attribute: for the program nothing changes, and the history of the row stays as it is.
            where = columns.place(table.name, key, name)
            state.dict[name] = columns.seal_text(vault, key_id, state.dict[name], where)


@lru_cache
def _of(kind: type) -> tuple[str, tuple[str, ...], bool]:
    """Return what is opened of the rows of a class: the table, its sealed columns, and whether the rows have keys of their own."""
    table = _table(kind)
    return table.name, columns.sealed_columns(table), issubclass(kind, KeyOwner)


def _open(state: Any, context: Any, names: Any = None) -> None:
    """Open what was just read from the database, and note the key of a row that has one. For every row of every list."""
    del names
    values, key, info = state.dict, state.key[1][0], context.session.info
    table, sealed, owns = _of(state.class_)
    if owns and (key_id := values.get("key_id")) is not None:
        info.setdefault(_KEYS, {})[key] = key_id
    for name in sealed:
        value = values.get(name)
        if value is not None and not isinstance(value, Opened):
            values[name] = columns.open_text(
                vault_of(context.session), value, columns.place(table, key, name)
            )


def _table(kind: type) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


event.listen(SaSession, "before_flush", _seal)
for _moment in ("load", "refresh"):
    event.listen(Sealing, _moment, _open, propagate=True, raw=True)
