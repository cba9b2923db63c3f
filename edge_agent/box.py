"""The box: its file, what is in it, and the one way to change both.

`Box.act` is the whole discipline of the hall: decide, write state and journal in one transaction, and only when that
is on the disk change what the screens show.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import NamedTuple
from uuid import UUID

from edge_agent import outbox
from edge_agent.errors import CannotKeep
from edge_agent.policy import Fairness, Window
from edge_agent.records import Alarm, Batch, Drill, HelpCall, Receipt, Spare, Ticket
from edge_agent.store import Store
from shared import wire
from shared.clock import court_day

#: Where in the file's facts the order of calls stands that staff chose.
_FAIRNESS = "fairness"
#: And the drill that goes on.
_DRILL = "drill"


class Rules(NamedTuple):
    """Settings of the hall that the acts need."""

    window: Window
    counters: int
    kinds: tuple[wire.VisitKind, ...]
    in_a_row: int
    tickets_per_minute: int
    place: str
    declared_in_a_row: int = 2
    visit_minutes: int = 8


class Unkept(NamedTuple):
    """A call for help as something left it, what is to be reported of that (None: nothing), and when it was."""

    call: HelpCall
    body: wire.Body | None
    at: datetime


class Common:
    """What the real hall and that of a drill have in common."""

    def __init__(self) -> None:
        self.calls: dict[UUID, HelpCall] = {}
        self.used: set[UUID] = set()
        self.rosters: dict[str, wire.Roster] = {}


class Hall:
    """Today's hall in memory, the same as in the file. Read under `Box.lock`. That of a drill has a `day` and numbers of its own."""

    def __init__(self, common: Common) -> None:
        self.common = common
        self.day = ""
        self.tickets: dict[UUID, Ticket] = {}

    @property
    def date(self) -> str:
        """The day in the calendar."""
        return self.day.partition("~")[0]

    @property
    def calls(self) -> dict[UUID, HelpCall]:
        """Calls for help that are open, and today's."""
        return self.common.calls

    @property
    def used(self) -> set[UUID]:
        """Appointments that are used up."""
        return self.common.used

    @property
    def rosters(self) -> dict[str, wire.Roster]:
        """Lists of appointments by day."""
        return self.common.rosters

    def take_tickets(self, day: str, tickets: list[Ticket]) -> None:
        """Start hall day `day` with its tickets so far."""
        self.day = day
        self.tickets = {ticket.id: ticket for ticket in tickets}

    def keep(self, records: list[Ticket | HelpCall], used: list[UUID]) -> None:
        """Take over what an act has written."""
        for record in records:
            if isinstance(record, HelpCall):
                self.calls[record.id] = record
            elif record.day == self.day:
                self.tickets[record.id] = record
        self.used.update(used)


class Act:
    """One act being written."""

    def __init__(self, store: Store, connection: Connection, *, now: datetime, drilling: bool) -> None:
        self._store = store
        self._drilling = drilling
        self._connection = connection
        self.now = now
        self.records: list[Ticket | HelpCall] = []
        self.fairness: Fairness | None = None
        self.used: list[UUID] = []
        #: The drill from this act on, if the act changes that.
        self.drill: Drill | None = None
        self.drill_changed = False

    def report(self, body: wire.Body, *, at: datetime | None = None, drill: bool | None = None) -> None:
        """Put an event of this act into the journal; `at` only for what happened before it could be written.

        `drill`: whether it belongs to a drill; None: when one goes on.
        """
        marked = self._drilling if drill is None else drill
        outbox.put(self._store, self._connection, body=body, at=at or self.now, drill=marked)

    def set_drill(self, drill: Drill | None) -> None:
        """Write that a drill goes on, or none any more; the numbers of the one before are cleared away."""
        self._connection.execute("delete from ticket where day like '%~%'")
        self._connection.execute("delete from meta where key = ?", (_DRILL,))
        if drill is not None:
            self._connection.execute("insert into meta values (?, ?)", (_DRILL, drill.model_dump_json()))
        self.drill, self.drill_changed = drill, True

    def note(self, key: str, value: str) -> None:
        """Write a fact that must be on the disk together with this act or not at all."""
        self._store.set_meta(self._connection, key, value)

    def keep_ticket(self, ticket: Ticket) -> Ticket:
        """Write a ticket."""
        sealed = self._store.sealer.seal(ticket.model_dump_json(), "ticket", str(ticket.id))
        self._connection.execute(
            "insert into ticket (id, day, kind, number, nonce, sealed) values (?, ?, ?, ?, ?, ?)"
            " on conflict (id) do update set sealed = excluded.sealed",
            (str(ticket.id), ticket.day, ticket.kind.value, ticket.number, ticket.nonce, sealed),
        )
        self.records.append(ticket)
        return ticket

    def keep_call(self, call: HelpCall) -> HelpCall:
        """Write a call for help."""
        sealed = self._store.sealer.seal(call.model_dump_json(), "call", str(call.id))
        self._connection.execute(
            "insert into call (id, day, open, sealed) values (?, ?, ?, ?)"
            " on conflict (id) do update set open = excluded.open, sealed = excluded.sealed",
            (str(call.id), call.day, int(call.open), sealed),
        )
        self.records.append(call)
        return call

    def keep_batch(self, batch: Batch, state: str) -> Batch:
        """Write a batch of pages: `open`, or `sent` once it is announced to the centre."""
        sealed = self._store.sealer.seal(batch.model_dump_json(), "paper_batch", str(batch.id))
        self._connection.execute(
            "insert into paper_batch (id, counter, state, settled_at, sealed) values (?, ?, ?, '', ?)"
            " on conflict (id) do update set state = excluded.state, sealed = excluded.sealed",
            (str(batch.id), batch.counter, state, sealed),
        )
        return batch

    def forget_batch(self, batch_id: UUID) -> None:
        """Take a batch of pages away that was never announced."""
        self._connection.execute("delete from paper_batch where id = ? and state = 'open'", (str(batch_id),))

    def draw_receipt(self) -> int | None:
        """Take the next receipt number out of the blocks, for good once the act is on the disk; None when there is none."""
        row = self._connection.execute(
            "select first, upcoming from receipt_block where upcoming <= last order by first limit 1"
        ).fetchone()
        if row is None:
            return None
        self._connection.execute(
            "update receipt_block set upcoming = upcoming + 1 where first = ?", (row[0],)
        )
        return int(row[1])

    def keep_receipt(self, receipt: Receipt) -> Receipt:
        """Write a receipt."""
        sealed = self._store.sealer.seal(receipt.model_dump_json(), "receipt", str(receipt.number))
        self._connection.execute(
            "insert into receipt (number, day, nonce, sealed) values (?, ?, ?, ?)"
            " on conflict (number) do update set sealed = excluded.sealed",
            (receipt.number, receipt.day, receipt.nonce, sealed),
        )
        return receipt

    def keep_spare(self, spare: Spare, *, day: str, nonce: str = "") -> Spare:
        """Write a number printed in advance; `nonce` of the press that made it stays."""
        sealed = self._store.sealer.seal(spare.model_dump_json(), "spare", spare.number)
        self._connection.execute(
            "insert into spare (number, day, nonce, state, sealed) values (?, ?, ?, ?, ?) on conflict (number)"
            " do update set day = excluded.day, state = excluded.state, sealed = excluded.sealed",
            (spare.number, day, nonce, "keyed" if spare.keyed_at else "open", sealed),
        )
        return spare

    def use(self, appointment_id: UUID, day: str) -> None:
        """Mark an appointment as used up."""
        self._connection.execute(
            "insert into used_appointment (appointment_id, day) values (?, ?)", (str(appointment_id), day)
        )
        self.used.append(appointment_id)

    def set_fairness(self, fairness: Fairness) -> None:
        """Write the order of calls that staff chose; it stands above the settings."""
        self.note(_FAIRNESS, f"{fairness.appointments} {fairness.declared}")
        self.fairness = fairness


class Box:
    """Everything the acts of the hall work on."""

    def __init__(self, store: Store, rules: Rules) -> None:
        self.store = store
        self.rules = rules
        self.lock: threading.RLock = store.lock
        common = Common()
        self._real, self._drilled = Hall(common), Hall(common)
        #: The hall at work, as `today` returned it last: the real one, or that of a drill.
        self.hall = self._real
        self.drill: Drill | None = None
        #: The order of calls in force: of the settings, or what staff chose at a counter.
        self.fairness = Fairness(rules.in_a_row, rules.declared_in_a_row)
        self._chosen = False
        self.alarms: dict[str, Alarm] = {}
        #: When codes were refused lately.
        self.refusals: deque[datetime] = deque(maxlen=100)
        #: What happened to calls for help and is shown although the disk refused it, oldest first.
        self.unkept: deque[Unkept] = deque()
        #: Batches of pages that a person has to look after.
        self.spoiled: dict[UUID, Batch] = {}
        self.on_change: Callable[[], None] = _nothing
        self.on_journal: Callable[[], None] = _nothing
        self.on_ticket: Callable[[Ticket], None] = _no_printer
        self.on_receipt: Callable[[Receipt], None] = _no_printer
        self.on_spare: Callable[[Spare], None] = _no_printer
        self._load()

    def _load(self) -> None:
        opened = self.store.sealer.open
        with self.store.reading() as connection:
            for ident, sealed in connection.execute("select id, sealed from call where open = 1").fetchall():
                call = HelpCall.model_validate_json(opened(sealed, "call", ident))
                self.hall.calls[call.id] = call
            self.hall.common.used = _used(connection)
            drill = self.store.meta(connection, _DRILL)
            self.drill = Drill.model_validate_json(drill) if drill else None
            chosen = self.store.meta(connection, _FAIRNESS)
            if chosen:
                self.fairness = Fairness(*(int(figure) for figure in chosen.split()))
                self._chosen = True
            for ident, sealed in connection.execute(
                "select id, sealed from paper_batch where state <> 'open'"
            ):
                batch = Batch.model_validate_json(opened(sealed, "paper_batch", ident))
                if batch.problem:
                    self.spoiled[batch.id] = batch
            for name, day, sealed in connection.execute("select name, day, sealed from document").fetchall():
                self.hall.rosters[day] = wire.Roster.model_validate_json(
                    opened(sealed, "document", name, day)
                )

    def follow(self, rules: Rules) -> None:
        """Work by other rules from now on. An order of calls that staff chose at a counter stands above them."""
        with self.lock:
            self.rules = rules
            if not self._chosen:
                self.fairness = Fairness(rules.in_a_row, rules.declared_in_a_row)

    def today(self, now: datetime) -> Hall:
        """Return the hall of the day on which `now` falls in the court's zone; a new day starts with its own numbers.

        While a drill goes on it is the drill's hall: the real one stands still.
        """
        day = court_day(now).isoformat()
        with self.lock:
            if self._real.day != day:
                self._real.take_tickets(day, self._tickets_of(day))
                shown = {key: call for key, call in self._real.calls.items() if call.open or call.day == day}
                self._real.common.calls = shown
            self.hall = self._real
            if self.drill is not None and self.drill.on(now):
                self.hall = self._drilled
                if self.hall.day != self.drill.key(day):
                    self.hall.take_tickets(self.drill.key(day), self._tickets_of(self.drill.key(day)))
            return self.hall

    def drilling(self, now: datetime) -> bool:
        """Say whether a drill goes on."""
        return self.drill is not None and self.drill.on(now)

    def waits_for_the_end(self, ticket_id: UUID, now: datetime) -> Ticket | None:
        """Return a real number of today whose queue stands still because of a drill, or None."""
        with self.lock:
            return self._real.tickets.get(ticket_id) if self.today(now) is not self._real else None

    def _tickets_of(self, day: str) -> list[Ticket]:
        with self.store.reading() as connection:
            rows = connection.execute("select id, sealed from ticket where day = ?", (day,)).fetchall()
        opened = self.store.sealer.open
        return [Ticket.model_validate_json(opened(sealed, "ticket", ident)) for ident, sealed in rows]

    @contextmanager
    def act(self, *, now: datetime) -> Iterator[Act]:
        """Run one act. Screens and link are told only after everything in it is on the disk."""
        with self.lock:
            hall = self.today(now)
            try:
                with self.store.transaction() as connection:
                    act = Act(self.store, connection, now=now, drilling=hall is not self._real)
                    yield act
            except CannotKeep:
                self.raise_alarm("alarm.cannot_keep", now=now)
                raise
            hall.keep(act.records, act.used)
            if act.drill_changed:
                self.drill = act.drill
            if act.fairness is not None:
                self.fairness, self._chosen = act.fairness, True
            self.alarms.pop("alarm.cannot_keep", None)
        self.on_change()
        self.on_journal()

    def purge(self, *, now: datetime, days: int) -> int:
        """Delete tickets, closed calls and used codes of hall days more than `days` ago; return how many."""
        limit = (court_day(now) - timedelta(days=max(days, 1))).isoformat()
        with self.lock, self.store.transaction() as connection:
            gone = sum(
                connection.execute(f"delete from {table} where day < ?{more}", (limit,)).rowcount  # noqa: S608 # nosec B608
                for table, more in (
                    ("ticket", ""),
                    ("call", " and open = 0"),
                    ("used_appointment", ""),
                    ("receipt", ""),
                    # The highest stays: the next number is counted from it.
                    ("spare", " and state = 'keyed' and number < (select max(number) from spare)"),
                )
            )
            self.hall.common.used = _used(connection)
        return gone

    def raise_alarm(self, key: str, *, now: datetime, detail: str = "") -> None:
        """Put up an alarm; it keeps its first time while it stands."""
        with self.lock:
            known = self.alarms.get(key)
            if known is not None and known.detail == detail:
                return
            self.alarms[key] = Alarm(key=key, since=known.since if known else now, detail=detail)
        self.on_change()

    def clear_alarm(self, key: str) -> None:
        """Take an alarm down."""
        with self.lock:
            gone = self.alarms.pop(key, None)
        if gone is not None:
            self.on_change()


def _used(connection: Connection) -> set[UUID]:
    rows = connection.execute("select appointment_id from used_appointment").fetchall()
    return {UUID(ident) for (ident,) in rows}


def _no_printer(slip: Ticket | Receipt | Spare) -> None:
    """Stand in until a printer is there."""


def _nothing() -> None:
    """Stand in until somebody listens."""
