"""What the centre tells the boxes: what became of calls for help, lists of appointments, settings, numbers for receipts.

Everything is retained at the broker and sent at least once; boxes ignore repeats. The logs of the halls say what is new:
they are looked at after commits of this process, when another announces word on a call for help, and every second for the rest.
"""

import threading
from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog

from central import db
from central.context import Context
from central.events.log import in_batches
from central.fleet import logs
from central.fleet import queries as fleet_queries
from central.fleet import service as fleet
from central.halls import drills, papers, queries, receipts, service
from central.halls.hearing import Ear
from central.halls.line_keys import KEY_ID
from central.halls.queries import Sending
from central.ingest.uplink import Publish
from central.keys import signing_key
from shared import topics, wire
from shared.clock import court_day

LOG = structlog.get_logger()

_LOOK_SECONDS = 1.0
_STOP_SECONDS = 40.0
#: Between two looks: so long a hall waits at most for who comes.
_TOGETHER_SECONDS = 0.2
#: Halls whose locks are held for their lists at a time.
_HALLS_AT_ONCE = 20
#: So often settings under way are looked at: whether the next group may have them.
_ROLL_SECONDS = timedelta(seconds=5)
#: And receipts given out are counted so often: a box has a hundred numbers left when it is due for the next.
_COUNT_SECONDS = timedelta(seconds=30)
#: A receipt for nothing: the centre is there again, boxes need not wait out the silence.
_BACK = wire.Acks(acks=()).model_dump_json()


class Downlink:
    """Owns a thread from `start` to `stop`. `step` is one look and needs no thread."""

    def __init__(self, context: Context, *, publish: Publish) -> None:
        self._context = context
        self._publish = publish
        self._key = signing_key(context.settings.data / "keys", KEY_ID)
        #: How far each hall's log was looked through; None: everything is to be told anew.
        self._since: Mapping[UUID, int] | None = None
        self._day: date | None = None
        self._mark: tuple[object, ...] | None = None
        self._rolled: datetime | None = None
        self._counted: datetime | None = None
        self._lock = threading.Lock()
        self._hellos: set[str] = set()
        self._line_came_up = False
        self._up = threading.Event()
        self._stopping = threading.Event()
        self._ear = Ear(context)
        self._thread = threading.Thread(target=self._run, name="ingest-downlink", daemon=True)

    def start(self) -> None:
        """Begin following; nothing is sent before the line is up."""
        self._ear.start()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._ear.stop()
        self._stopping.set()
        self._up.set()
        self._context.wake.notify()
        self._thread.join(_STOP_SECONDS)

    def line_came_up(self) -> None:
        """Tell everything anew: a broker that started again may have lost what it kept."""
        with self._lock:
            self._line_came_up = True
        self._up.set()
        self._context.wake.notify()

    def hello(self, box: str) -> None:
        """Tell one box anew what stands for it."""
        with self._lock:
            self._hellos.add(box)
        self._context.wake.notify()

    def step(self) -> None:
        """Look once and publish what is new."""
        now = self._context.clock.now()
        with self._lock:
            anew, self._line_came_up = self._line_came_up or self._since is None, False
            hellos, self._hellos = self._hellos, set()
        if anew:
            self._since = None
            self._tell_all(now)
            return
        self._tell_news(now)
        if court_day(now) != self._day:
            self._send_rosters(None, now)
            self._mark = None  # papers with settings end as well
        if hellos:
            self._tell_boxes(hellos, now)
        self._send_settings(hellos, now)
        self._send_receipts(hellos, now)
        self._send_questions(hellos, now)

    def _tell_all(self, now: datetime) -> None:
        with self._context.read() as s:
            standing, boxes = queries.standing(s, now=now), queries.boxes_in_use(s)
        for box in boxes:  # first of all: calls for help may wait there
            self._publish(topics.acks(box), _BACK)
        self._send(standing.messages)
        self._send_rosters(None, now)
        self._send_settings(None, now)
        self._send_receipts(None, now)
        self._send_questions(None, now)
        self._since = standing.since

    def _tell_news(self, now: datetime) -> None:
        if self._since is None:
            return
        with self._context.read() as s:
            news = queries.downlink(s, since=self._since, now=now)
        self._send(news.messages)
        if news.rosters:
            self._send_rosters(news.rosters, now)
        self._since = news.since

    def _tell_boxes(self, boxes: Collection[str], now: datetime) -> None:
        """Tell some boxes anew what stands for them: after a cut all come at once, so they are told together."""
        with self._context.read() as s:
            courts = queries.courts_of(s, boxes)
            standing = queries.standing(s, now=now)
        self._send(each for each in standing.messages if _box_of(each) in boxes)
        self._send_rosters(courts, now)

    def _send_rosters(self, courts: Collection[UUID] | None, now: datetime) -> None:
        """Send the lists of some courts, of all if None; some at a time, so that a call for help finds their halls free."""
        with self._context.read() as s:
            wanted = queries.courts_with_boxes(s) if courts is None else courts
        for lot in in_batches(sorted(wanted), _HALLS_AT_ONCE):
            with db.unit_of_work(self._context.engine) as s:
                found = service.rosters(s, key=self._key, now=now, court_ids=lot)
            self._send(found)
        if courts is None:
            self._day = court_day(now)

    def _send_settings(self, anew: Collection[str] | None, now: datetime) -> None:
        """Take what is under way one step on and send what is new, and to the boxes `anew` (None: all) what lies ready."""
        with self._context.read() as s:
            mark, rolling = fleet_queries.mark(s), bool(fleet_queries.rolling(s))
        due = rolling and (self._rolled is None or now - self._rolled >= _ROLL_SECONDS)
        if mark == self._mark and not due and anew is not None and not anew:
            return
        with db.unit_of_work(self._context.engine) as s:
            fleet.advance(s, now=now)
            found = fleet.issue(s, key=self._key, now=now, anew=anew)
            s.flush()
            mark = fleet_queries.mark(s)
        self._send(found)
        self._mark, self._rolled = mark, now

    def _send_receipts(self, anew: Collection[str] | None, now: datetime) -> None:
        """Give boxes that run out of receipt numbers their next ones; tell the boxes `anew` (None: all) what they have."""
        if not anew and anew is not None and self._counted and now - self._counted < _COUNT_SECONDS:
            return
        self._counted = now
        with self._context.read() as s:
            due = receipts.due(s)
        if not (due or anew or anew is None):
            return
        with db.unit_of_work(self._context.engine) as s:
            found = receipts.issue(s, key=self._key, now=now, anew=anew)
        self._send(found)

    def _send_questions(self, anew: Collection[str] | None, now: datetime) -> None:
        """Ask for log lines, order drills, say how spoiled pages stand, take old questions away; tell the boxes `anew` (None: all) anew."""
        with self._context.read() as s:
            idle = not (logs.due(s, now=now) or drills.due(s, now=now) or papers.due(s))
        if idle and anew is not None and not anew:
            return
        with db.unit_of_work(self._context.engine) as s:
            found = logs.issue(s, key=self._key, now=now, anew=anew)
            found += drills.issue(s, key=self._key, now=now, anew=anew)
            found += papers.told(s, anew=anew)
        self._send(found)

    def _send(self, messages: Iterable[Sending]) -> None:
        for message in messages:
            self._publish(message.topic, message.payload, retain=message.retain)

    def _run(self) -> None:
        self._up.wait()
        while not self._stopping.is_set():
            seen = self._context.wake.count
            try:
                self.step()
            except Exception:  # a database that is away must not end this thread
                LOG.exception("boxes could not be told the news")
                self._since = None
                self._stopping.wait(_LOOK_SECONDS)
            # Many boxes commit many times a second: what they bring is looked for together.
            self._stopping.wait(_TOGETHER_SECONDS)
            self._context.wake.wait(seen, _LOOK_SECONDS)


def _box_of(message: Sending) -> str:
    return message.topic.split("/")[1]
