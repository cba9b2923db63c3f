"""What the log says of row changes, written straight as canonical JSON: for imports, where that is half of the work.

Each text is the one that `canonical` makes of what `journal` says of the same row.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as quoted
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from central.events import journal
from shared.canonical import Json, canonical, sha256_hex


def value(of: Any) -> str:
    """Return a column's value as the log writes it: `canonical(journal.plain(of))`."""
    write = _WRITERS.get(type(of))
    return write(of) if write else canonical(journal.plain(of))


def object_(of: Mapping[str, Any]) -> str:
    """Return an object of plain values: `canonical` of what `journal.plain` makes of each."""
    return "{" + ",".join([f"{quoted(name)}:{value(of[name])}" for name in sorted(of)]) + "}"


def inserted(table: Table, values: Mapping[str, Any]) -> str:
    """Return the change that the insertion of a row makes, as `journal.inserted`."""
    salt, parts = journal.salt_of(values), list[str]()
    for name, begin, sensitive in _columns(table):
        found = values[name]
        if found is None:
            continue
        if not sensitive:
            write = _WRITERS.get(type(found))
            parts.append(begin + (write(found) if write else canonical(journal.plain(found))))
        elif type(found) is str:
            parts.append(f'{begin}"~{sha256_hex(f"{salt}:{name}:{found}")[:40]}"')
        else:
            parts.append(begin + value(journal.logged(table.c[name], found, salt)))
    return line(table.name, journal.key_of(table, values), "{" + ",".join(parts) + "}")


def changed(change: journal.Change) -> str:
    """Return the change of a row that was there, of which `journal` says what it says."""
    return line(change["t"], change["k"], object_(change["s"]))


def line(table: str, key: str, columns: str) -> str:
    """Return a change: `columns` is JSON already."""
    return f'{{"k":{quoted(key)},"s":{columns},"t":"{table}"}}'


def event(facts: Mapping[str, Json], lines: Sequence[str]) -> str:
    """Return the data of an event with such lines."""
    return f'{{"facts":{object_(facts)},"rows":[{",".join(lines)}]}}'


@lru_cache
def _columns(table: Table) -> tuple[tuple[str, str, bool], ...]:
    """Return name, beginning of its text and sensitivity of every column the log knows, by name."""
    return tuple(
        (name, f'"{name}":', sensitive) for name, _, sensitive in sorted(journal.columns(table), key=_name)
    )


def _name(column: tuple[str, Any, bool]) -> str:
    return column[0]


@lru_cache(maxsize=4096)
def _moment(at: datetime) -> str:
    return f'"{at.astimezone(UTC).isoformat(timespec="microseconds")}"'


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: quoted,
    bool: lambda yes: "true" if yes else "false",
    int: str,
    type(None): lambda _: "null",
    UUID: lambda key: f'"{key.hex}"',
    date: lambda day: f'"{day.isoformat()}"',
    datetime: _moment,
}
