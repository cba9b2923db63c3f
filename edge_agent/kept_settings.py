"""Settings of the centre in the box's file: the proven ones, those on trial, the last that were not kept. Each change is one write.

A kill at any moment leaves the one state or the other. A box that ends without saying so while settings are on trial
finds them withdrawn at its next start.
"""

from datetime import datetime
from sqlite3 import Connection

from pydantic import AwareDatetime, BaseModel, ConfigDict

from edge_agent.store import Store
from shared.hall_settings import HallSettings

GOOD, TRIAL, REFUSED = "good", "trial", "refused"
#: Highest serial of a paper with settings that this box ever took.
COUNTER = "serial/settings"
_CLEAN = "settings/stopped"
RESTARTED = "restarted"


class Kept(BaseModel):
    """One slot. `reason` is empty but in the slot of what was refused."""

    model_config = ConfigDict(frozen=True)

    serial: int
    edition: int
    values: HallSettings
    at: AwareDatetime
    reason: str = ""


Slots = dict[str, Kept]


def read(store: Store) -> Slots:
    """Return the slots that are filled."""
    with store.reading() as connection:
        rows = connection.execute("select slot, sealed from settings").fetchall()
    opened = store.sealer.open
    return {slot: Kept.model_validate_json(opened(sealed, "settings", slot)) for slot, sealed in rows}


def held(connection: Connection, *, floor: str) -> int:
    """Return the serial that a new paper must be above; `floor` is the fact that enrolment wrote."""
    return max(int(Store.meta(connection, key) or 0) for key in (COUNTER, floor))


def at_start(store: Store, *, now: datetime) -> Slots:
    """Return the slots as a starting box finds them: what was on trial when it died is withdrawn."""
    slots = read(store)
    trial = slots.get(TRIAL)
    if trial is None:
        return slots
    with store.transaction() as connection:
        if Store.meta(connection, _CLEAN) == str(trial.serial):
            connection.execute("delete from meta where key = ?", (_CLEAN,))
            return slots
        return _withdrawn(store, connection, slots, reason=RESTARTED, now=now)


def stopped(store: Store) -> None:
    """Note that the box ends because it was told to: what is on trial goes on at its next start."""
    trial = read(store).get(TRIAL)
    if trial is not None:
        with store.transaction() as connection:
            Store.set_meta(connection, _CLEAN, str(trial.serial))


def begin(store: Store, found: Kept) -> Slots:
    """Put settings on trial, in the place of what may be on trial."""
    with store.transaction() as connection:
        _put(store, connection, TRIAL, found)
        Store.set_meta(connection, COUNTER, str(found.serial))
    return read(store)


def confirm(store: Store, *, now: datetime) -> Slots:
    """What is on trial has proven itself."""
    slots = read(store)
    with store.transaction() as connection:
        _put(store, connection, GOOD, slots[TRIAL].model_copy(update={"at": now}))
        connection.execute("delete from settings where slot in (?, ?)", (TRIAL, REFUSED))
    return read(store)


def withdraw(store: Store, *, reason: str, now: datetime) -> Slots:
    """Take back what is on trial, and remember why."""
    slots = read(store)
    with store.transaction() as connection:
        return _withdrawn(store, connection, slots, reason=reason, now=now)


def refuse(store: Store, refused: Kept) -> Slots:
    """Remember settings that were not even tried: their paper is taken no second time."""
    with store.transaction() as connection:
        _put(store, connection, REFUSED, refused)
        Store.set_meta(connection, COUNTER, str(refused.serial))
    return read(store)


def _withdrawn(store: Store, connection: Connection, slots: Slots, *, reason: str, now: datetime) -> Slots:
    failed = slots[TRIAL].model_copy(update={"reason": reason, "at": now})
    _put(store, connection, REFUSED, failed)
    connection.execute("delete from settings where slot = ?", (TRIAL,))
    return {**{slot: kept for slot, kept in slots.items() if slot != TRIAL}, REFUSED: failed}


def _put(store: Store, connection: Connection, slot: str, kept: Kept) -> None:
    sealed = store.sealer.seal(kept.model_dump_json(), "settings", slot)
    connection.execute(
        "insert into settings (slot, serial, sealed) values (?, ?, ?) on conflict (slot)"
        " do update set serial = excluded.serial, sealed = excluded.sealed",
        (slot, kept.serial, sealed),
    )
