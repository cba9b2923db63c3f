"""Sealed columns of tables: what a program reads as text is ciphertext in the database, bound to its row and column.

A column takes part by its type, `SealedText`. The database is given nothing else in such a column: text that was not sealed
is refused on its way out. Sealing and opening happen in `rows` (objects of a session) or here (rows as mappings, in bulk).
"""

from collections.abc import Callable, Iterable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Dialect, LargeBinary, Table
from sqlalchemy.types import TypeDecorator

from central.vault.cipher import HEADER_BYTES, DataKey, NotSealed, Suite, content, parsed
from central.vault.errors import KeyGone, SealBroken
from central.vault.vault import Vault

Seal = Callable[[UUID, bytes], bytes]


class Locked(bytes):
    """A sealed value as stored. It is not text: whoever shows it by mistake fails instead of printing signs."""

    __slots__ = ()

    def __str__(self) -> str:
        msg = "a sealed value was read past the vault: load the row, or open it with columns.opened"
        raise TypeError(msg)


class Opened(str):
    """Text out of a sealed column, or on its way into one; `sealed` is what the database holds."""

    __slots__ = ("sealed",)
    sealed: Locked


class Erased(Opened):
    """What is left of a text whose key was destroyed: nothing."""

    __slots__ = ()


class SealedText(TypeDecorator[str]):
    """Text that the database holds sealed. Not to be compared in SQL: look up by a blind index."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        """Return the sealed bytes; raise `TypeError` for text that is not sealed."""
        del dialect
        if isinstance(value, Opened):
            return bytes(value.sealed)
        if value is None or isinstance(value, Locked):
            return value
        msg = "text for a sealed column must be sealed first"
        raise TypeError(msg)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return the sealed bytes, to be opened by whoever knows the row."""
        del dialect
        # SQLite gives back whatever was put there by hand; opening it will say so.
        return Locked(value) if isinstance(value, bytes | memoryview) else value

    @property
    def python_type(self) -> type[Any]:
        """Text, for whoever builds values of a column."""
        return str


@lru_cache
def sealed_columns(table: Table) -> tuple[str, ...]:
    """Return the names of the sealed columns."""
    return tuple(column.name for column in table.columns if isinstance(column.type, SealedText))


@lru_cache
def indexed_columns(table: Table) -> tuple[tuple[str, str], ...]:
    """Return (index column, column it is made of); the name of the latter is the kind of the index."""
    return tuple((c.name, c.info["index_of"]) for c in table.columns if "index_of" in c.info)


def place(table: str, key: object, column: str) -> str:
    """Return the place a value is bound to. All tables with sealed columns have one id as their key."""
    return f"{table}:{key.hex if isinstance(key, UUID) else key}:{column}"


def seal_text(vault: Vault, key_id: UUID, text: str, where: str) -> Opened:
    """Return the text with its sealed form."""
    found = Opened(text)
    found.sealed = Locked(vault.seal(key_id, text.encode(), aad=where))
    return found


def open_text(vault: Vault, value: Any, where: str) -> Opened:
    """Return the text of a stored value, `Erased` if its key was destroyed; raise `SealBroken`."""
    if not isinstance(value, bytes):
        raise SealBroken("vault.seal_broken", place=where)
    try:
        found = Opened(vault.open(value, aad=where).decode())
    except KeyGone:
        found = Erased()
    found.sealed = value if isinstance(value, Locked) else Locked(value)
    return found


def seal_row(vault: Vault, table: Table, row: MutableMapping[str, Any], key_id: UUID) -> None:
    """Seal the columns of a whole row as a mapping, in place, and fill its blind indexes."""
    if not sealed_columns(table):
        return
    for index, source in indexed_columns(table):
        row[index] = None if row[source] is None else vault.blind_index(source, row[source])
    key = row[_key_column(table)]
    for name in sealed_columns(table):
        if row[name] is not None:
            row[name] = Locked(vault.seal(key_id, row[name].encode(), aad=place(table.name, key, name)))


def opened(vault: Vault, table: Table, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as read by SQL with its sealed columns opened; raise `SealBroken`."""
    if not sealed_columns(table):
        return dict(row)
    key = row[_key_column(table)]
    found = dict(row)
    for name in sealed_columns(table):
        if row[name] is not None:
            found[name] = open_text(vault, row[name], place(table.name, key, name))
    return found


class Opener:
    """Opens many values of one table, each key looked up once; for a lot of rows, not to be kept."""

    def __init__(self, vault: Vault, table: Table) -> None:
        self._vault, self._table = vault, table.name
        self._known: dict[bytes, tuple[Suite, DataKey]] = {}

    def prefetch(self, rows: Iterable[Sequence[Any]]) -> None:
        """Have the keys at hand of the sealed values of many rows."""
        heads = {bytes(value[:HEADER_BYTES]) for row in rows for value in row if isinstance(value, bytes)}
        self._vault.prefetch([UUID(bytes=head[2:]) for head in heads if len(head) == HEADER_BYTES])

    def text(self, value: Any, key: object, name: str) -> str:
        """Return the text of a stored value; raise `KeyGone` or `SealBroken`."""
        where = f"{self._table}:{key}:{name}"
        try:
            head = value[:HEADER_BYTES]
            known = self._known.get(head)
            if known is None:
                suite, key_id = parsed(value)
                known = self._known[head] = suite, self._vault.key(key_id)
            return content(known[1], known[0], value, where).decode()
        except (NotSealed, TypeError, AttributeError, UnicodeDecodeError):
            raise SealBroken("vault.seal_broken", place=where) from None


def key_ids(table: Table, row: Mapping[str, Any]) -> set[UUID]:
    """Return the keys with which a row's values are sealed, as far as they can be told."""
    found = set()
    for name in sealed_columns(table):
        try:
            found.add(parsed(row[name] or b"")[1])
        except (NotSealed, TypeError):
            continue
    return found


@lru_cache
def _key_column(table: Table) -> str:
    [column] = table.primary_key.columns
    return column.name
