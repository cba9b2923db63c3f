"""`minyi verify` over `rows` events: petitions as an import writes them, and looks at them, which most events of a province are."""

import itertools
import tempfile
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, select, text
from sqlmodel import Session, SQLModel

from central import db, tables
from central.access import entries
from central.access.checks import check_entries
from central.access.models import AccessEntry, Look
from central.accounts import queries as accounts
from central.actor import Via
from central.courts import queries as courts
from central.events import anchors, log
from central.events.kinds import Kind
from central.events.models import Chain, Event
from central.events.verify import verify
from central.keys import signing_key
from central.petitions.checks import check_numbers
from central.petitions.models import Petition
from shared.canonical import canonical
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.support.vaults import vault_in

assert tables.ALL
#: One petition in so many events; the rest are its own events and looks.
SHARE = 20
LOOKS = 5000
EVENT, CHAIN, ENTRY, PETITION = (
    SQLModel.metadata.tables[str(kind.__tablename__)] for kind in (Event, Chain, AccessEntry, Petition)
)


def run(options: Options) -> list[Row]:
    """Return seconds and rate of the walk of chains and seals alone, and of everything with rows rebuilt and compared."""
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-seals-") as name:
        folder = Path(name) / "anchors"
        folder.mkdir()
        engine = db.make_engine(url, vault=vault_in(Path(name)))
        db.upgrade(engine)
        fill(engine, options.rows)
        key = signing_key(Path(name) / "keys", "anchor")
        with db.unit_of_work(engine) as s:
            anchors.make_due(s, key=key, folder=folder, now=million.UNTIL + timedelta(days=2))
        taken = {}
        for case, rows in (("chains and seals", False), ("all, rows rebuilt", True)):
            began = time.perf_counter()
            with db.session(engine, writes=False) as s:
                report = verify(
                    s,
                    public_key=key.public_key(),
                    anchor_folder=folder,
                    rows=rows,
                    checks=(check_numbers, check_entries),
                )
            taken[case] = time.perf_counter() - began
            assert report.findings == [], report.first
        engine.dispose()
    return [
        figure
        for case, seconds in taken.items()
        for figure in (
            Row(case, "time", seconds, "s", rows=report.events),
            Row(case, "rate", report.events / seconds, "events/s", rows=report.events),
        )
    ]


def fill(engine: Engine, count: int) -> None:
    """Put about `count` events into an empty database: petitions first, then looks at them in turn."""
    million.fill(engine, count=count // SHARE)
    with db.unit_of_work(engine) as s:
        there = s.connection().execute(select(func.count()).select_from(EVENT)).scalar_one()
        petitions = list(s.connection().execute(select(PETITION.c.id)).scalars())
    left, around = count - there, itertools.cycle(petitions)
    heads: dict[str, log.Link] = {}
    for begin in range(0, left, LOOKS):
        with db.unit_of_work(engine) as s:
            lot = list(itertools.islice(around, min(LOOKS, left - begin)))
            _look(s, lot, heads, million.UNTIL + timedelta(seconds=begin // 10))
    with db.unit_of_work(engine) as s:
        rows = [{"stream": each.stream, "seq": each.seq, "hash": each.hash} for each in heads.values()]
        for some in log.in_batches(rows, LOOKS):
            s.connection().execute(CHAIN.insert(), some)
        if not db.is_sqlite(s):
            s.connection().execute(text("ANALYZE"))


def _look(s: Session, petitions: Sequence[UUID], heads: dict[str, log.Link], at: datetime) -> None:
    person = accounts.by_username(s, million.REGISTRAR)
    assert person is not None
    by = accounts.actor_of(person, courts.get(s, person.court_id), Via.WEB)
    events: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for event_id, petition in zip(log.next_ids(s, len(petitions)), petitions, strict=True):
        facts = entries.facts_of(by, Look.OPENED, [petition], what="page", detail={})
        stream = entries.stream_of([petition], by, alone=True)
        data = canonical({"facts": facts, "rows": []})
        draft = log.Draft(Kind.LOOK_OPENED, at, at, by.label, data)
        events.append(log.chained(event_id, heads.get(stream, log.Link(stream)), draft))
        heads[stream] = log.Link(stream, events[-1]["seq"], events[-1]["hash"])
        shown += entries.rows_of(event_id, at, by.label, facts)
    s.connection().execute(EVENT.insert(), events)
    s.connection().execute(ENTRY.insert(), shown)
