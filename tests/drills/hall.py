"""A hall under load for the drills of its line: people take numbers, somebody presses for help, and every promise is checked at the end."""

import contextlib
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

import httpx2
from sqlmodel import col, select

from central.events import log
from central.halls.models import AssistanceCall, Ticket
from central.halls.writing import stream_of
from tests.drills.asked import Asked, Found, share
from tests.support.databases import migrate
from tests.support.hall_site import HallSite, hall_site
from tests.support.postgres import Postgres, create_database
from tests.support.processes import wait_until

#: Bars of reliability.md, R8: the local signal, and at the centre while linked or after the line is back. Seconds.
LOCAL, LINKED, AFTER_LINK = 0.2, 2.0, 5.0
_KINDS = ("query", "letter_drop", "leader_reception")
_LOST = (httpx2.TransportError, httpx2.HTTPStatusError)


@dataclass(frozen=True)
class Place:
    """A running hall, and the database server under it (None: SQLite)."""

    site: HallSite
    server: Postgres | None

    def kill_database(self) -> None:
        """Kill -9 every process of the database server, as a power cut of its machine would."""
        assert self.server is not None
        pid = int((self.server.folder / "data" / "postmaster.pid").read_text().split()[0])
        children = [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        for one in (pid, *children):
            with contextlib.suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        wait_until(lambda: not Path(f"/proc/{pid}").exists(), what="the database is gone")


@contextlib.contextmanager
def hall(asked: Asked) -> Iterator[Place]:
    """Run a hall with Mosquitto on a fresh database that keeps its commits as production does."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="minyi-drill-")))
        folder.chmod(0o711)
        server, url = None, f"sqlite:///{folder / 'centre.sqlite3'}"
        if asked.engine == "postgres":
            server = stack.enter_context(Postgres(folder / "postgres", durable=True))
            url = create_database(server.url, "drill")
        migrate(url)
        yield Place(stack.enter_context(hall_site(folder, url, with_mosquitto=True)), server)


@dataclass
class Press:
    """One answered press: when it was made, when the box showed it, when the centre had it (monotonic seconds)."""

    call: str
    at: float
    local: float
    centre: float = 0.0
    linked_since: float = 0.0


@dataclass
class Crowd:
    """People who come as long as the block of `crowd` lasts. `told` has the ticket of each tap that was answered."""

    site: HallSite
    rate: float
    chance: random.Random
    told: dict[str, tuple[str, str]] = field(default_factory=dict)
    unanswered: dict[str, str] = field(default_factory=dict)
    latency: list[float] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    #: Presses that nobody answered, as the box was down: the page says so and presses again.
    unheard: int = 0
    differing: list[str] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    sent: threading.Event = field(default_factory=threading.Event)
    gone: threading.Event = field(default_factory=threading.Event)
    #: The centre itself is down: the box's line to the broker says nothing of that.
    centre_down: threading.Event = field(default_factory=threading.Event)
    #: Since when the box says its line is up without a break; 0 while it is down or unknown.
    linked_since: float = 0.0
    threads: list[threading.Thread] = field(default_factory=list)

    def go(self) -> None:
        """Let everybody go home."""
        self.gone.set()
        for thread in self.threads:
            thread.join(60)

    def come(self) -> None:
        """Take numbers at the rate asked for; a tap without an answer is repeated, as the page does it."""
        due, number = time.monotonic(), 0
        while not self.gone.is_set():
            due = max(due + 1 / self.rate, time.monotonic() - 1.0)
            self.gone.wait(max(0.0, due - time.monotonic()))
            number += 1
            if self.unanswered:
                nonce, kind = next(iter(self.unanswered.items()))
            else:
                nonce, kind = uuid4().hex, _KINDS[number % len(_KINDS)]
            self.take(nonce, kind)

    def take(self, nonce: str, kind: str) -> None:
        """Tap once."""
        self.unanswered[nonce] = kind
        began = time.monotonic()
        self.sent.set()
        try:
            answer = self.site.box.http.post("/tickets", data={"kind": kind, "nonce": nonce})
            answer.raise_for_status()
            ticket = answer.json()["ticket"]
        except httpx2.HTTPStatusError as error:
            self.refused[str(error.response.status_code)] += 1
            return
        except httpx2.TransportError:
            self.gone.wait(0.05)
            return
        self.latency.append(time.monotonic() - began)
        del self.unanswered[nonce]
        shown = (str(ticket["id"]), str(ticket["number"]))
        if self.told.setdefault(nonce, shown) != shown:
            self.differing.append(f"tap {nonce} was told {self.told[nonce]} and then {shown}")

    def need_help(self) -> None:
        """Press at random moments, wait until the centre knows, have it closed, press again."""
        while not self.gone.is_set():
            self.gone.wait(self.chance.uniform(0.2, 2.0))
            try:
                self._press()
            except _LOST:
                self.unheard += 1

    def _press(self) -> None:
        lamp = self.site.box.folder / "data" / "lamp"
        began = time.monotonic()
        call = self.site.box.press()
        while time.monotonic() - began < 5 and _text(lamp) != "calling":
            time.sleep(0.002)
        press = Press(call, began, time.monotonic() - began)
        self.presses.append(press)
        while not press.centre and not self.gone.is_set():
            if self._knows(call):
                press.centre, press.linked_since = time.monotonic(), self.linked_since
            self.gone.wait(0.03)
        self._close(call)

    def _close(self, call: str) -> None:
        while not self.gone.is_set():
            with contextlib.suppress(*_LOST, AssertionError):
                self.site.box.sign_in_counter()
                self.site.box.http.post(f"/counter/1/help/{call}/close", data={"note": "-"})
                return
            self.gone.wait(0.1)

    def _knows(self, call: str) -> bool:
        with contextlib.suppress(Exception), self.site.centre.read() as s:  # the database may be away
            return s.get(AssistanceCall, UUID(call)) is not None
        return False

    def watch(self) -> None:
        """Note since when the line is up."""
        while not self.gone.is_set():
            try:
                up = self.site.box.linked and not self.centre_down.is_set()
            except _LOST:
                up = False
            self.linked_since = (self.linked_since or time.monotonic()) if up else 0.0
            self.gone.wait(0.05)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""


@contextlib.contextmanager
def crowd(site: HallSite, *, rate: float, chance: random.Random) -> Iterator[Crowd]:
    """Let people come as long as the block lasts."""
    people = Crowd(site, rate, chance)
    people.threads = [
        threading.Thread(target=act, daemon=True) for act in (people.come, people.need_help, people.watch)
    ]
    for thread in people.threads:
        thread.start()
    try:
        yield people
    finally:
        people.go()


def settle(people: Crowd) -> None:
    """Let nobody come any more, and repeat the taps that never got an answer, now that everything runs."""
    people.go()
    for nonce, kind in list(people.unanswered.items()):
        people.take(nonce, kind)


def check(site: HallSite, people: Crowd, found: Found, *, quiet: float = 120.0) -> None:
    """Wait until the centre has everything; then: nothing lost, nothing twice, order kept, presses in time."""
    wait_until(site.quiet, timeout=quiet, what="the centre has everything")
    with site.centre.read() as s:
        rows = s.exec(select(Ticket).order_by(col(Ticket.id))).all()
        known = {str(row.id) for row in rows}
        numbers = Counter((row.day, row.kind, row.number) for row in rows)
        calls = {str(each) for each in s.exec(select(AssistanceCall.id)).all()}
        facts = [json.loads(event.data)["facts"] for event in log.of_stream(s, stream_of(site.court.id))]
    places = [each["seq"] for each in facts if "seq" in each]
    told = {ticket for ticket, _ in people.told.values()}
    found.wrong += people.differing
    found.expect(told <= known, f"{len(told - known)} tickets that were shown are not at the centre")
    found.expect(max(numbers.values(), default=1) == 1, "a number was given twice")
    found.expect(len(set(places)) == len(places), "an event arrived twice")
    pressed = {press.call for press in people.presses}
    found.expect(pressed <= calls, f"{len(pressed - calls)} presses that were shown are not at the centre")
    others = [each["seq"] for each in facts if "seq" in each and "call" not in each]
    found.expect(others == sorted(others), "the order of the box was not kept")
    found.expect(sorted(places) == list(range(1, len(places) + 1)), "the journal has a gap at the centre")
    found.expect(site.box.parked == 0, f"{site.box.parked} events are parked")
    _presses(people.presses, found)
    found.figures["presses_unheard"] = people.unheard
    found.figures |= {
        "tickets_shown": len(told),
        "events_at_centre": len(places),
        "lost": len(told - known),
        "twice": sum(count - 1 for count in numbers.values()),
        "check_in_p95_ms": round(share(people.latency, 0.95) * 1000, 1),
        "check_in_max_ms": round(max(people.latency, default=0) * 1000, 1),
    }


def _presses(presses: list[Press], found: Found) -> None:
    """R8. The local signal always; at the centre 2 s while linked, else 5 s after the line is back."""
    arrived = [press for press in presses if press.centre]
    linked = [p for p in arrived if 0 < p.linked_since <= p.at]
    later = [p for p in arrived if p not in linked]
    to_centre = [p.centre - p.at for p in linked]
    after = [max(0.0, p.centre - max(p.at, p.linked_since or p.centre)) for p in later]
    local = [p.local for p in presses]
    found.figures |= {
        "presses": len(presses),
        "press_local_max_ms": round(max(local, default=0) * 1000),
        "press_linked_max_s": round(max(to_centre, default=0), 2),
        "press_after_link_max_s": round(max(after, default=0), 2),
    }
    for values, bar, what in (
        (local, LOCAL, "shown in the hall"),
        (to_centre, LINKED, "at the centre while linked"),
        (after, AFTER_LINK, "at the centre after the line was back"),
    ):
        late = [value for value in values if value > bar]
        found.in_time(
            not late, f"{len(late)} presses later than {bar} s {what}: {max(late, default=0):.2f} s"
        )
