"""Ingest: events a second that one process commits and answers, against COPY of as many rows; a journal drained through a broker, against bare QoS 1.

`storing.store` as the ingest process calls it, batches of five halls: tickets taken, called and served, without signatures (a box with a password) and
signed and sealed (an enrolled one). Then the real journal, line, Mosquitto and ingest, all in one process (`scripts/drill.sh R6`
has other halls beside it), and as many plain messages as long through the same broker, as many of them under way.
"""

import tempfile
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import Engine, text
from sqlmodel import Session

from central import db
from central.events import log
from central.events.kinds import Kind
from central.halls import writing
from central.halls.line_keys import LineKeys, line_keys
from central.halls.models import BoxCertificate, HallBox
from central.ingest import client, storing
from central.ingest.storing import Message
from central.ingest.uplink import BATCH
from shared import sealed, topics, wire
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.drills.asked import Asked
from tests.drills.backlog import centre
from tests.factories import courts, halls
from tests.factories.courts import court
from tests.factories.halls import Journal
from tests.support.brokers import PASSWORD, Guarded
from tests.support.databases import migrate
from tests.support.hallbox import SimulatedBox
from tests.support.mqtt import BareBox
from tests.support.processes import wait_until
from tests.support.vaults import vault_in

_UNDER_WAY = 200
_COURTS = tuple(f"辽010{number}" for number in range(2, 7))


def _messages(journals: list[Journal], count: int, now: datetime, keys: LineKeys | None) -> list[Message]:
    """Return events of several boxes in turn; with `keys` signed (by the one key there is) and sealed to the centre."""
    found = []
    for number in range(count):
        journal = journals[number % len(journals)]
        event = _event(journal, number // len(journals), now)
        topic = topics.events(journal.box)
        if keys is not None and not isinstance(event.body, wire.SealedBody):
            hidden = sealed.seal(
                event.body, keys.opening.public_key(), box=event.box, event_id=event.event_id
            )
            event = event.model_copy(update={"body": hidden})
        text = event.model_dump_json()
        found.append(
            Message(topic, (text if keys is None else sealed.signed(topic, text, keys.signing)).encode())
        )
    return found


def _event(journal: Journal, number: int, now: datetime) -> wire.Envelope:
    """Return a number taken, called and served in turn."""
    step, ticket = number % 3, UUID(int=hash(journal.box) % 2**60 * 2**60 + number // 3)
    if step == 0:
        return journal.ticket(number // 3 % 9999 + 1, at=now, ticket_id=ticket)
    facts = {"ticket_id": ticket, "counter": 1}
    if step == 1:
        return journal.put(wire.TicketCalled.model_validate({"type": "ticket.called", **facts}), at=now)
    return journal.put(wire.TicketEnded.model_validate({"type": "ticket.served", **facts}), at=now)


def run(options: Options) -> list[Row]:
    """Return acknowledged events a second, by the clock and of processor time, COPY rows a second, drained events a second, and ratios."""
    count, found = min(options.rows, 20_000), list[Row]()
    for signed in (False, True):
        found += _stored(options.engine, count, signed=signed)
    return [*found, *_drained(options.engine, count)]


def _stored(engine_name: str, count: int, *, signed: bool) -> list[Row]:
    now, case = datetime.now(UTC), "signed and sealed events" if signed else "acknowledged events"
    with database(engine_name) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as folder:
        migrate(url)
        engine = db.make_engine(url, vault=vault_in(Path(folder)))
        keys = line_keys(Path(folder) / "keys") if signed else None
        with db.unit_of_work(engine) as s:
            journals = [halls.box(s, court(s, code)) for code in _COURTS]
            if keys is not None:
                _give_keys(s, journals, keys, now)
        messages = _messages(journals, count, now, keys)
        opening = None if keys is None else keys.opening
        storing.store(engine, messages[:BATCH], now=now, opening=opening)
        begun, used, answered = time.perf_counter(), time.process_time(), 0
        for at in range(BATCH, count, BATCH):
            for answer in storing.store(engine, messages[at : at + BATCH], now=now, opening=opening):
                acks = wire.receipts(answer.payload)
                answered += sum(ack.verdict is wire.Verdict.ACCEPTED for ack in acks)
        used, rate = time.process_time() - used, answered / (time.perf_counter() - begun)
        copied = None
        if engine_name == "postgres" and not signed:
            copied = _copied(engine, [message.payload.decode() for message in messages])
        engine.dispose()
    ratio = (rate / copied, "COPY") if copied else (None, "")
    found = [Row(case, "rate", rate, "1/s", *ratio, rows=answered)]
    found.append(Row(case, "processor time", used / answered * 1e6, "us each", rows=answered))
    return found if copied is None else [*found, Row("COPY in the same batches", "rate", copied, "1/s")]


def _give_keys(s: Session, journals: list[Journal], keys: LineKeys, now: datetime) -> None:
    """Let each box speak under one and the same key."""
    public = keys.signing.public_key().public_bytes_raw().hex()
    for number, journal in enumerate(journals):
        box = s.get_one(HallBox, journal.box)
        s.add(
            BoxCertificate(
                serial=f"{number:x}",
                court_id=box.court_id,
                box_id=box.id,
                public_key=public,
                pem="",
                issued_at=now,
                expires_at=now,
            )
        )
        log.record(
            s, kind=Kind.BOX_ENROLLED, stream=writing.stream_of(box.court_id), actor=courts.SEED, at=now
        )


def _drained(engine_name: str, count: int) -> list[Row]:
    """Return how fast a box that was away hands in its journal, beside plain messages through the same broker."""
    asked = Asked(seed=1, rounds=count, engine=engine_name)
    with tempfile.TemporaryDirectory(prefix="minyi-bench-") as name, centre(asked, Path(name)) as made:
        context, broker = made
        with db.unit_of_work(context.engine) as s:
            journals = [halls.box(s, court(s, code)) for code in _COURTS[:2]]
        broker.start()
        bare = _bare(broker, journals[1], count)
        ingest = client.start(replace(context), broker.door)
        away = SimulatedBox(
            Path(name) / "box", box=journals[0].box, secret=journals[0].secret, port=broker.door.port
        )
        try:
            away.fill(count, at=datetime.now(UTC))
            wait_until(lambda: ingest.up, what="the centre is on the line")
            begun = time.perf_counter()
            away.start()
            wait_until(lambda: away.waiting == 0, timeout=600, what="the journal is handed in")
            rate = count / (time.perf_counter() - begun)
        finally:
            away.stop()
            ingest.stop()
    return [
        Row("journal drained through Mosquitto", "rate", rate, "1/s", rate / bare, "bare QoS 1", rows=count),
        Row("bare QoS 1, 200 under way", "rate", bare, "1/s", rows=count),
    ]


def _bare(broker: Guarded, journal: Journal, count: int) -> float:
    """Return plain messages a second, from publish to the other end's hearing."""
    payload = journal.ticket().model_dump_json()
    topic, heard, room = f"minyi/{journal.box}/up/bench", [0], threading.Semaphore(_UNDER_WAY)

    def hear(*_: object) -> None:
        heard[0] += 1
        room.release()

    sender = BareBox(broker.door.port, journal.box, journal.secret)
    sender.client.max_inflight_messages_set(_UNDER_WAY)
    with BareBox(broker.door.port, "centre", PASSWORD) as listener, sender:
        listener.client.on_message = hear
        listener.subscribe(topic)
        begun = time.perf_counter()
        for _ in range(count):
            room.acquire()
            sender.client.publish(topic, payload, qos=1)
        wait_until(lambda: heard[0] == count, timeout=60, what="every message is heard")
        return count / (time.perf_counter() - begun)


def _copied(engine: Engine, lines: list[str]) -> float:
    with engine.begin() as connection:
        connection.execute(text("create table copied (line text)"))
    raw = engine.raw_connection()
    begun = time.perf_counter()
    try:
        for at in range(0, len(lines), BATCH):
            cursor = raw.cursor()
            with cursor.copy("copy copied (line) from stdin") as copy:  # type: ignore[attr-defined]
                for line in lines[at : at + BATCH]:
                    copy.write_row((line,))
            raw.commit()
    finally:
        raw.close()
    return len(lines) / (time.perf_counter() - begun)
