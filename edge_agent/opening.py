"""Opens the box's file at the start. A damaged one is set aside, and what can still be read goes into a new one."""

import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from pydantic import ValidationError

from edge_agent import outbox
from edge_agent.sealing import BrokenSeal, Sealer, load_key
from edge_agent.store import FILE, Damaged, Store, set_aside
from shared import wire

log = structlog.get_logger()
_KEY_FILE = "box.key"
#: Tables of state, each with the columns that are copied and those its seal is bound to.
_STATE = {
    "ticket": (("id", "day", "kind", "number", "nonce", "sealed"), ("id",)),
    "call": (("id", "day", "open", "sealed"), ("id",)),
    "used_appointment": (("appointment_id", "day"), ()),
    "document": (("name", "day", "serial", "sealed"), ("name", "day")),
}


class Salvaged(NamedTuple):
    """How much came over from a damaged file: events not yet acknowledged, and records of state."""

    events: int
    records: int


def open_store(folder: Path, *, box: str, now: datetime) -> Store:
    """Open or create the file; raise `OtherBox` or sqlite3.OperationalError (disk full, locked)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / FILE
    sealer = _sealer(folder, box=box, now=now)
    try:
        return Store(path, sealer, box=box)
    except Damaged as error:
        aside = set_aside(path, now=now)
        log.warning("box_file_damaged", set_aside=aside.name, reason=str(error))
        store = Store(path, sealer, box=box)
        saved = salvage(aside, store)
        log.warning("box_file_salvaged", events=saved.events, records=saved.records)
        return store


def _sealer(folder: Path, *, box: str, now: datetime) -> Sealer:
    path = folder / "keys" / _KEY_FILE
    try:
        return Sealer(load_key(path), box)
    except BrokenSeal:
        path.rename(path.with_name(f"{_KEY_FILE}.damaged-{now:%Y%m%dT%H%M%S}"))
        log.exception("box_key_damaged")
        return Sealer(load_key(path), box)


def salvage(aside: Path, store: Store) -> Salvaged:
    """Copy every readable, sealed record of a damaged file. Events keep id and time, and get new numbers.

    The work is done on a copy: the damaged file itself stays as it was found.
    """
    with tempfile.TemporaryDirectory() as scratch:
        copy = Path(scratch) / "copy.sqlite3"
        for suffix in ("", "-wal"):
            part = aside.with_name(aside.name + suffix)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + suffix))
        damaged = sqlite3.connect(copy)
        try:
            return Salvaged(_events(damaged, store), sum(_state(damaged, store, table) for table in _STATE))
        finally:
            damaged.close()


def _rows(damaged: sqlite3.Connection, table: str, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """Yield what can be read from either end of a table, each row once."""
    seen = set()
    for direction in ("asc", "desc"):
        try:
            query = f"select {', '.join(columns)} from {table} order by 1 {direction}"  # noqa: S608  names of this module # nosec B608
            for row in damaged.execute(query):
                if row[0] not in seen:
                    seen.add(row[0])
                    yield row
        except sqlite3.DatabaseError:
            continue


def _events(damaged: sqlite3.Connection, store: Store) -> int:
    found = []
    for seq, event_id, payload, state in _rows(damaged, "outbox", ("seq", "event_id", "payload", "state")):
        if state == "kept":
            continue
        try:
            text = store.sealer.open(payload, seq, event_id)
            found.append(wire.Envelope.model_validate_json(text))
        except (BrokenSeal, ValidationError, TypeError):
            log.error("event_unreadable", seq=seq)  # noqa: TRY400  the row, not our stack, is the news
    with store.transaction() as connection:
        for old in sorted(found, key=lambda one: one.seq):
            outbox.put(store, connection, body=old.body, at=old.at, event_id=old.event_id)
    return len(found)


def _state(damaged: sqlite3.Connection, store: Store, table: str) -> int:
    columns, bound = _STATE[table]
    found = [row for row in _rows(damaged, table, columns) if _intact(store, table, columns, bound, row)]
    places = ", ".join("?" for _ in columns)
    with store.transaction() as connection:
        connection.executemany(f"insert or ignore into {table} values ({places})", found)  # noqa: S608
    return len(found)


def _intact(
    store: Store, table: str, columns: tuple[str, ...], bound: tuple[str, ...], row: tuple[Any, ...]
) -> bool:
    facts = dict(zip(columns, row, strict=True))
    if "sealed" not in facts:
        return _is_uuid(row[0])
    try:
        store.sealer.open(facts["sealed"], table, *(facts[name] for name in bound))
    except (BrokenSeal, TypeError):
        return False
    return True


def _is_uuid(value: object) -> bool:
    try:
        UUID(str(value))
    except ValueError:
        return False
    return True
