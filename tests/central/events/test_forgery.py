"""Somebody who knows how the log is built recomputes what they can; what they cannot is named."""

from base64 import b64encode
from collections.abc import Callable
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, Row, delete, func, insert, select, update
from sqlmodel import SQLModel

from central import db, tables
from central.events import anchors
from central.events.log import GENESIS, hash_of
from central.events.models import Anchor
from central.events.verify import Finding
from shared.canonical import canonical
from tests.central.events.conftest import World

assert tables.ALL
EVENT, CHAIN, ANCHOR, PETITION, NUMBERING = (
    SQLModel.metadata.tables[name] for name in ("event", "chain", "anchor", "petition", "numbering")
)


def first_of(province: World, forge: Callable[[Connection], object]) -> Finding:
    """Return the first broken link after `forge`."""
    with province.by_hand() as connection:
        forge(connection)
        first = province.verify(connection).first
    assert first is not None, "nothing was found"
    return first


def longest(connection: Connection) -> list[Row[Any]]:
    """Return the events of the longest stream."""
    found = connection.execute(
        select(EVENT.c.stream).group_by(EVENT.c.stream).order_by(func.count().desc(), EVENT.c.stream).limit(1)
    ).scalar_one()
    return list(connection.execute(select(EVENT).where(EVENT.c.stream == found).order_by(EVENT.c.seq)))


def change(connection: Connection, event: Row[Any], **values: Any) -> None:
    """Edit an event."""
    connection.execute(update(EVENT).where(EVENT.c.id == event.id).values(**values))


def rehash(connection: Connection, stream: str) -> None:
    """Recompute every hash and link of a stream and its head."""
    prev, seq = GENESIS, 0
    rows = connection.execute(select(EVENT).where(EVENT.c.stream == stream).order_by(EVENT.c.seq)).all()
    for row in rows:
        seq, values = row.seq, {**row._asdict(), "prev": prev}
        prev = hash_of(values)
        change(connection, row, prev=values["prev"], hash=prev)
    connection.execute(update(CHAIN).where(CHAIN.c.stream == stream).values(seq=seq, hash=prev))


def test_an_event_rewritten_with_its_own_hash_breaks_the_next_link(province: World) -> None:
    def forge(connection: Connection) -> None:
        second = longest(connection)[1]
        changed = {**second._asdict(), "actor": "staff:somebody else"}
        change(connection, second, actor=changed["actor"], hash=hash_of(changed))

    assert first_of(province, forge).problem == "link_broken"


def test_the_last_event_rewritten_with_its_own_hash_differs_from_the_head(province: World) -> None:
    def forge(connection: Connection) -> None:
        last = longest(connection)[-1]
        changed = {**last._asdict(), "actor": "staff:somebody else"}
        change(connection, last, actor=changed["actor"], hash=hash_of(changed))

    assert first_of(province, forge).problem == "head_differs"


def test_a_stream_rehashed_from_end_to_end_is_caught_by_the_seal(province: World) -> None:
    def forge(connection: Connection) -> None:
        events = longest(connection)
        change(connection, events[1], actor="staff:somebody else")
        rehash(connection, events[0].stream)

    first = first_of(province, forge)
    assert (first.stream.split("/")[0], first.problem) == ("anchor", "anchored_events_changed")


def test_events_that_change_places_are_caught_though_hashes_and_head_fit(province: World) -> None:
    def forge(connection: Connection) -> None:
        one, other = longest(connection)[1:3]
        change(connection, one, seq=900)
        change(connection, other, seq=one.seq)
        change(connection, one, seq=other.seq)
        rehash(connection, one.stream)

    assert first_of(province, forge).problem == "order_changed"


def test_a_last_event_removed_with_its_head_turned_back_leaves_a_row_that_differs(province: World) -> None:
    def forge(connection: Connection) -> None:
        events = longest(connection)
        connection.execute(delete(EVENT).where(EVENT.c.id == events[-1].id))
        rehash(connection, events[0].stream)

    assert first_of(province, forge).problem in {"row_differs", "row_unknown"}


def test_a_petition_removed_with_its_whole_stream_and_all_seals_is_missed_by_its_number(
    province: World,
) -> None:
    def forge(connection: Connection) -> None:
        newest = connection.execute(select(PETITION).order_by(PETITION.c.id.desc()).limit(1)).one()
        forget(connection, newest)
        connection.execute(delete(ANCHOR))
        unlink_seals(province)

    assert first_of(province, forge).problem == "number_missing"


def forget(connection: Connection, petition: Row[Any]) -> None:
    """Remove a petition, all its rows, events and head."""
    stream = f"petition/{petition.id.hex}"
    for table in SQLModel.metadata.tables.values():
        if "petition_id" in table.c:
            connection.execute(delete(table).where(table.c.petition_id == petition.id))
    connection.execute(delete(PETITION).where(PETITION.c.id == petition.id))
    connection.execute(delete(EVENT).where(EVENT.c.stream == stream))
    connection.execute(delete(CHAIN).where(CHAIN.c.stream == stream))


def unlink_seals(province: World) -> None:
    for path in province.anchors.glob("*.json"):
        path.unlink()


def test_a_count_of_numbers_turned_back_is_named(province: World) -> None:
    def forge(connection: Connection) -> None:
        connection.execute(update(NUMBERING).values(last=NUMBERING.c.last - 1))

    assert first_of(province, forge).problem == "number_missing"


def test_a_count_of_numbers_removed_is_named(province: World) -> None:
    assert first_of(province, lambda c: c.execute(delete(NUMBERING))).problem == "number_missing"


def test_seals_made_anew_with_another_key_are_caught_by_their_signature(province: World) -> None:
    def forge(connection: Connection) -> None:
        last = longest(connection)[-1]
        change(connection, last, actor="staff:somebody else")
        rehash(connection, last.stream)
        reseal(connection, province)

    assert first_of(province, forge).problem == "anchor_signature"


def reseal(connection: Connection, province: World) -> None:
    """Make one seal over everything, row and file, with a key of the forger's own."""
    last = connection.execute(select(ANCHOR).order_by(ANCHOR.c.day.desc()).limit(1)).one()
    connection.execute(delete(ANCHOR))
    unlink_seals(province)
    with db.session(connection) as s:  # type: ignore[arg-type]
        s.join_transaction_mode = "create_savepoint"
        count, first, up_to, digest = anchors.digest_of(s, behind=0, up_to=last.up_to_id)
    values = {"from_id": first, "up_to_id": up_to, "events": count, "digest": digest, "prev": GENESIS}
    made = Anchor(**{**last._asdict(), **values})
    made.hash = anchors.hash_of(made)
    made.signature = b64encode(Ed25519PrivateKey.generate().sign(made.hash.encode())).decode()
    connection.execute(insert(ANCHOR).values(**made.model_dump()))
    (province.anchors / f"{made.day}.json").write_text(canonical(anchors.as_file(made)))


def test_a_seal_removed_from_the_tables_alone_is_named(province: World) -> None:
    first = first_of(province, lambda c: c.execute(delete(ANCHOR)))
    assert first.problem == "anchor_missing"


def test_a_seal_inserted_by_hand_is_named(province: World) -> None:
    def forge(connection: Connection) -> None:
        row = connection.execute(select(ANCHOR).order_by(ANCHOR.c.day.desc()).limit(1)).one()
        day = row.day.replace(year=row.day.year + 1)
        connection.execute(insert(ANCHOR).values(**{**row._asdict(), "day": day}))

    assert first_of(province, forge).problem == "anchor_file_missing"


def test_without_the_public_key_no_seal_counts_as_checked(province: World) -> None:
    with province.by_hand() as connection:
        report = province.verify(connection, with_key=False)
    assert [each.problem for each in report.findings] == ["anchor_key_missing"]
