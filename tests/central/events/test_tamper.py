"""Edits of the log past the program, drawn at random: each is found, and the first bad place is named (S1).

`MINYI_TEST_ROUNDS=1000 MINYI_TEST_SEED=...` runs more of them, or those of an earlier run again.
"""

import os
import random
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Row, delete, insert, select, update
from sqlmodel import SQLModel

from central import tables
from central.events import journal
from central.events.log import hash_of
from tests.central.events.conftest import World
from tests.central.events.test_forgery import ANCHOR, CHAIN, EVENT, change, rehash

assert tables.ALL
ROUNDS = int(os.environ.get("MINYI_TEST_ROUNDS", "40"))
SEED = int(os.environ.get("MINYI_TEST_SEED") or random.SystemRandom().randrange(2**32))
JOURNALED = [SQLModel.metadata.tables[kind.__tablename__] for kind in journal.journaled_models()]
Forge = Callable[[Connection, random.Random, Row[Any]], object]


def edit(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Change one value of an event."""
    name = draw.choice(["actor", "kind", "data", "prev", "hash", "stream", "seq", "at", "recorded_at"])
    old = getattr(event, name)
    match old:
        case int():
            new: Any = old + 1000
        case str():
            new = old[:-1] + draw.choice([each for each in "xyz" if each != old[-1]])
        case _:
            new = old.replace(microsecond=(old.microsecond + 1) % 1_000_000)
    change(connection, event, **{name: new})


def rewrite(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Change an event and make its hash fit."""
    del draw
    changed = {**event._asdict(), "actor": "staff:somebody else"}
    change(connection, event, actor=changed["actor"], hash=hash_of(changed))


def remove(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Delete an event."""
    del draw
    connection.execute(delete(EVENT).where(EVENT.c.id == event.id))


def swap(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Let two events change their contents."""
    other = draw.choice([row for row in events(connection) if row.id != event.id])
    one, two = event._asdict(), other._asdict()
    for row, values in ((event, two), (other, one)):
        change(connection, row, **{name: values[name] for name in ("actor", "data", "kind", "at")})


def put_in(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Insert an event of one's own behind another, with links that fit."""
    last = max(row.id for row in events(connection))
    values = {**event._asdict(), "id": last + draw.randrange(1, 9), "seq": event.seq + 1, "prev": event.hash}
    taken = select(EVENT.c.id).where(EVENT.c.stream == event.stream, EVENT.c.seq == values["seq"])
    if connection.execute(taken).first():
        values["seq"] += 1000
    connection.execute(insert(EVENT).values(**{**values, "hash": hash_of(values)}))


def cut(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Cut off the end of a stream and turn its head back."""
    del draw
    connection.execute(delete(EVENT).where(EVENT.c.stream == event.stream, EVENT.c.seq >= event.seq))
    if event.seq == 1:
        connection.execute(delete(CHAIN).where(CHAIN.c.stream == event.stream))
    else:
        rehash(connection, event.stream)


def rehash_tail(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Change an event and recompute everything behind it."""
    del draw
    change(connection, event, actor="staff:somebody else")
    rehash(connection, event.stream)


def edit_row(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Delete a row that events tell of."""
    del event
    table = draw.choice([table for table in JOURNALED if connection.execute(select(table).limit(1)).first()])
    [key, *more] = table.primary_key.columns
    row = draw.choice(connection.execute(select(table)).all())
    where = [column == getattr(row, column.name) for column in (key, *more)]
    connection.execute(delete(table).where(*where))


def edit_seal(connection: Connection, draw: random.Random, event: Row[Any]) -> None:
    """Change a seal."""
    del event
    day = draw.choice(connection.execute(select(ANCHOR.c.day)).scalars().all())
    connection.execute(update(ANCHOR).where(ANCHOR.c.day == day).values(digest="0" * 64))


FORGERIES: list[Forge] = [edit, rewrite, remove, swap, put_in, cut, rehash_tail, edit_row, edit_seal]


def events(connection: Connection) -> list[Row[Any]]:
    return list(connection.execute(select(EVENT).order_by(EVENT.c.id)))


@pytest.mark.parametrize("number", range(ROUNDS))
def test_whatever_is_done_by_hand_is_found(province: World, number: int) -> None:
    draw = random.Random(f"{SEED}/{number}")
    forge = draw.choice(FORGERIES)
    with province.by_hand() as connection:
        event = draw.choice(events(connection))
        forge(connection, draw, event)
        first = province.verify(connection).first
    assert first is not None, f"MINYI_TEST_SEED={SEED} round {number}: {forge.__name__} of event {event.id}"
    if forge in {edit, rewrite, remove} and first.event_id:
        assert first.event_id >= event.id or first.stream.startswith("anchor/"), (SEED, number, first)
