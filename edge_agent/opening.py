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

from edge_agent import carving, outbox
from edge_agent.sealing import BrokenSeal, Sealer, load_key
from edge_agent.store import FILE, Damaged, Store, set_aside
from shared import wire

log = structlog.get_logger()
_KEY_FILE = "box.key"
#: Of the table `outbox`, as its first step made it.
_OUTBOX_COLUMNS = 7
#: Numbers tried for an event whose own cannot be read: some seconds at the worst, once.
_TRIED_NUMBERS = 200_000
#: Tables of state, each with the columns that are copied and those its seal is bound to.
_STATE = {
    "ticket": (("id", "day", "kind", "number", "nonce", "sealed"), ("id",)),
    "call": (("id", "day", "open", "sealed"), ("id",)),
    "used_appointment": (("appointment_id", "day"), ()),
    "document": (("name", "day", "serial", "sealed"), ("name", "day")),
    "paper_batch": (("id", "counter", "state", "settled_at", "sealed"), ("id",)),
    "settings": (("slot", "serial", "sealed"), ("slot",)),
    "spare": (("number", "day", "nonce", "state", "sealed"), ("number",)),
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
    if mended := carving.mend_log(path.with_name(f"{path.name}-wal")):
        log.warning("box_log_mended", bits=mended)
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
        # A text with a byte that is none costs its own row at most, not every row behind it.
        damaged.text_factory = carving.text_of
        try:
            return Salvaged(
                _events(damaged, copy, store), sum(_state(damaged, copy, store, table) for table in _STATE)
            )
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


def _events(damaged: sqlite3.Connection, copy: Path, store: Store) -> int:
    found: dict[UUID, wire.Envelope] = {}
    settled = set()
    for seq, event_id, payload, state in _rows(damaged, "outbox", ("seq", "event_id", "payload", "state")):
        if state == "kept":
            settled.add(str(event_id))
            continue
        envelope = _event(store, seq, event_id, payload)
        if envelope is None:  # its page is looked at once more below
            log.error("event_unreadable", seq=seq)
        else:
            found[envelope.event_id] = envelope
    known = settled | {str(each) for each in found}
    for envelope in _carved_events(copy, store, known):
        found.setdefault(envelope.event_id, envelope)
    with store.transaction() as connection:
        for old in sorted(found.values(), key=lambda one: one.seq):
            outbox.put(store, connection, body=old.body, at=old.at, event_id=old.event_id)
    return len(found)


def _event(store: Store, seq: Any, event_id: Any, payload: Any) -> wire.Envelope | None:
    try:
        try:
            text = store.sealer.open(payload, seq, event_id)
        except BrokenSeal:
            text = store.sealer.mend(payload, seq, event_id)
        return wire.Envelope.model_validate_json(text)
    except (BrokenSeal, ValidationError, TypeError, ValueError):
        return None


def _carved_events(copy: Path, store: Store, known: set[str]) -> Iterator[wire.Envelope]:
    """Yield events on pages that SQLite cannot read. An older copy of a settled one is none; the centre knows repeats."""
    opened: set[str] = set()
    for page in carving.pages(copy):
        for numbers, row in carving.records(page, _OUTBOX_COLUMNS):
            event_id, payload, state = row[1], row[3], row[4]
            if (
                not isinstance(payload, bytes)
                or not isinstance(event_id, str)
                or state == "kept"
                or event_id in known
                or event_id in opened
            ):
                continue
            for seq in numbers:
                try:
                    envelope = wire.Envelope.model_validate_json(store.sealer.open(payload, seq, event_id))
                except (BrokenSeal, ValidationError):
                    continue
                opened.add(event_id)
                yield envelope
                break
    yield from _loose_events(copy, store, known | opened)


def _loose_events(copy: Path, store: Store, known: set[str]) -> Iterator[wire.Envelope]:
    """Yield events whose records do not even parse: what they are is told by their shape, their number by trying."""
    loose = {
        event_id: payload
        for page in carving.pages(copy)
        for event_id, payload in carving.loose_events(page)
        if event_id not in known
    }
    for event_id, payload in loose.items():
        for seq in range(1, _TRIED_NUMBERS):
            try:
                yield wire.Envelope.model_validate_json(store.sealer.open(payload, seq, event_id))
            except (BrokenSeal, ValidationError):
                continue
            break


def _state(damaged: sqlite3.Connection, copy: Path, store: Store, table: str) -> int:
    columns, bound = _STATE[table]
    rows = [*_rows(damaged, table, columns)]
    if (
        "sealed" in columns
    ):  # an appointment's mark has no seal: of a broken page it cannot be told from chance
        rows += [row for page in carving.pages(copy) for _, row in carving.records(page, len(columns))]
    found = [row for row in rows if _intact(store, table, columns, bound, row)]
    places = ", ".join("?" for _ in columns)
    with store.transaction() as connection:
        connection.executemany(f"insert or ignore into {table} values ({places})", found)  # noqa: S608
    return len(found)


def _intact(
    store: Store, table: str, columns: tuple[str, ...], bound: tuple[str, ...], row: tuple[Any, ...]
) -> bool:
    facts = dict(zip(columns, row, strict=True))
    if not all(carving.is_text(value) for value in row if isinstance(value, str)):
        return False
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
