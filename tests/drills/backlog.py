"""R6: a box that was away hands in a long journal while others go on living. `--rounds` is the number of its events.

Real brokers, journals and ingest; the boxes are the real store, pump and line without pages. While the long journal drains, other
boxes give out numbers (p95 of event to receipt at most 2 s), and the draining box itself calls for help.
"""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import psutil  # type: ignore[import-untyped]
from sqlmodel import select

from central import db
from central.context import Context
from central.halls.models import AssistanceCall, Ticket
from central.ingest import client
from central.settings import Database, Mqtt, Settings
from central.vault.vault import open_vault
from shared import wire
from shared.ids import new_id
from tests.bench.bench_engine import database
from tests.drills.asked import Asked, Found, share
from tests.factories import halls
from tests.factories.courts import court
from tests.support.brokers import Guarded
from tests.support.databases import migrate
from tests.support.hallbox import SimulatedBox
from tests.support.ports import free_port
from tests.support.processes import wait_until

LIVE_SECONDS, RATE, MEMORY_MIB = 2.0, 1000.0, 100.0
_OTHERS = ("辽0103", "辽0104", "辽0105")


@contextmanager
def centre(asked: Asked, folder: Path) -> Iterator[tuple[Context, Guarded]]:
    """Give a context on a fresh database and a broker that is not started yet."""
    with database(asked.engine) as url:
        migrate(url)
        settings = Settings(
            data=folder / "data",
            environment="development",
            db=Database(url=url),
            mqtt=Mqtt(embedded_tls_port=free_port()),
        )
        vault = open_vault(settings)
        engine = db.make_engine(url, vault=vault)
        context = Context(settings=settings, engine=engine, vault=vault)
        broker = Guarded(context, folder / "mosquitto")
        try:
            yield context, broker
        finally:
            broker.stop()
            engine.dispose()


def run(asked: Asked) -> Found:
    """R6."""
    found = Found()
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name, centre(asked, Path(name)) as made:
        context, broker = made
        with db.unit_of_work(context.engine) as s:
            journals = [halls.box(s, court(s)), *(halls.box(s, court(s, code)) for code in _OTHERS)]
        broker.start()
        ingest = client.start(replace(context), broker.door)
        boxes = [
            SimulatedBox(Path(name) / j.box, box=j.box, secret=j.secret, port=broker.door.port)
            for j in journals
        ]
        try:
            _drain(asked, context, boxes, journals[0].box, found)
        finally:
            for box in boxes:
                box.stop()
            ingest.stop()
    return found


def _drain(asked: Asked, context: Context, boxes: list[SimulatedBox], name: str, found: Found) -> None:
    long, others = boxes[0], boxes[1:]
    now = datetime.now(UTC)
    long.fill(asked.rounds, at=now)
    for box in others:
        box.start()
        box.ticket(1, at=now)
    wait_until(lambda: all(box.waiting == 0 for box in others), timeout=60, what="the others are on the line")
    began, taken, calls, number = time.monotonic(), [], [], 1
    long.start()
    while long.waiting:
        number += 1
        sent = time.monotonic()
        for box in others:
            box.ticket(number, at=datetime.now(UTC))
        if number % 10 == 2 and long.waiting > 200:
            calls.append(_call(context, long))
        wait_until(lambda: all(box.waiting == 0 for box in others), timeout=120, what="the others' receipts")
        taken.append(time.monotonic() - sent)
        time.sleep(0.1)
    seconds = time.monotonic() - began
    with context.read() as s:
        mine = s.exec(select(Ticket.number).where(Ticket.box_id == name).order_by(Ticket.number)).all()  # type: ignore[arg-type]
    found.expect(len(mine) == asked.rounds, f"{len(mine)} of {asked.rounds} events at the centre")
    found.expect(long.parked == 0, f"{long.parked} events are parked")
    rate, memory = asked.rounds / seconds, psutil.Process(os.getpid()).memory_info().rss / 2**20
    found.figures |= {
        "drained_per_s": round(rate),
        "seconds": round(seconds, 1),
        "live_p95_s": round(share(taken, 0.95), 3),
        "call_of_the_draining_box_max_s": round(max(calls, default=0), 2),
        "memory_of_all_in_one_process_MiB": round(memory),
    }
    found.in_time(rate >= RATE, f"drained at {rate:.0f}/s")
    live = share(taken, 0.95)
    found.in_time(live <= LIVE_SECONDS, f"live events of other boxes p95 {live:.1f} s")
    late = max(calls, default=0.0)
    found.in_time(late <= LIVE_SECONDS, f"a call for help of the draining box took {late:.1f} s")


def _call(context: Context, box: SimulatedBox) -> float:
    ident, began = new_id(), time.monotonic()
    body = wire.AssistanceRaised(call_id=ident, place="大厅", origin=wire.CallOrigin.DEVICE_BUTTON)
    box.put(body, at=datetime.now(UTC))
    wait_until(lambda: _known(context, ident), timeout=120, what="the call is at the centre")
    return time.monotonic() - began


def _known(context: Context, ident: UUID) -> bool:
    with context.read() as s:
        return s.get(AssistanceCall, ident) is not None
