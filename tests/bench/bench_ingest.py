"""Ingest: events a second that one process commits and answers, against COPY of as many rows in batches of the same length.

`storing.store` as the ingest process calls it, batches of 200 events of eight halls: tickets taken, called, served, each signed-less
(a box by secret). No broker: `scripts/drill.sh R6` has one.
"""

import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from central import db
from central.ingest import storing
from central.ingest.storing import Message
from central.ingest.uplink import BATCH
from shared import topics, wire
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal
from tests.support.databases import migrate
from tests.support.vaults import vault_in

_COURTS = tuple(f"辽010{number}" for number in range(2, 7))


def _messages(journals: list[Journal], count: int, now: datetime) -> list[Message]:
    found = []
    for number in range(count):
        journal = journals[number % len(journals)]
        event = journal.ticket(number // len(journals) % 9999 + 1, at=now)
        found.append(Message(topics.events(journal.box), event.model_dump_json().encode()))
    return found


def run(options: Options) -> list[Row]:
    """Return acknowledged events a second, COPY rows a second (PostgreSQL), and their ratio."""
    count, now = min(options.rows, 20_000), datetime.now(UTC)
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-bench-") as folder:
        migrate(url)
        engine = db.make_engine(url, vault=vault_in(Path(folder)))
        with db.unit_of_work(engine) as s:
            journals = [halls.box(s, court(s, code)) for code in _COURTS]
        messages = _messages(journals, count, now)
        storing.store(engine, messages[:BATCH], now=now)
        begun, answered = time.perf_counter(), 0
        for at in range(BATCH, count, BATCH):
            for answer in storing.store(engine, messages[at : at + BATCH], now=now):
                acks = wire.receipts(answer.payload)
                answered += sum(ack.verdict is wire.Verdict.ACCEPTED for ack in acks)
        rate = answered / (time.perf_counter() - begun)
        found = [Row("acknowledged events", "rate", rate, "1/s", rows=answered)]
        if options.engine == "postgres":
            copied = _copied(engine, [message.payload.decode() for message in messages])
            found.append(Row("COPY in the same batches", "rate", copied, "1/s", rows=count))
            found[0] = Row("acknowledged events", "rate", rate, "1/s", rate / copied, "COPY", rows=answered)
        engine.dispose()
    return found


def _copied(engine: "db.Engine", lines: list[str]) -> float:
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
