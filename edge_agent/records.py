"""What the box knows about its hall: numbers and calls. No name of a visitor, no place for one."""

from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from edge_agent.policy import Lane
from edge_agent.ports import PrintOutcome
from shared import drills
from shared.receipts import Handed
from shared.wire import BANDS, SLIP_BAND, CallOrigin, CallStatus, VisitKind


class TicketState(StrEnum):
    """Where a ticket stands. An absent visitor who comes back is recalled; nobody is thrown out."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    ABSENT = "absent"
    #: Gone for a moment (a copy, a form) and called again by the counter; not in the line meanwhile.
    HELD = "held"
    #: Taken by mistake; kept, never called.
    WRONG = "wrong"


_DRILL_BANDS = dict(zip(VisitKind, drills.BANDS, strict=True))
#: Length of a hall day that is one of the calendar; those of drills are longer.
_DATE = 10
_CLOCK = timedelta(minutes=5)


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ticket(_Record):
    """One number of one hall day. `position` is its place in the order of arrival, `turn` in the order of calls."""

    id: UUID
    day: str
    kind: VisitKind
    number: int
    position: int
    taken_at: AwareDatetime
    nonce: str
    appointment_id: UUID | None = None
    state: TicketState = TicketState.WAITING
    counter: int | None = None
    turn: int | None = None
    called_at: AwareDatetime | None = None
    calls: int = 0
    ended_at: AwareDatetime | None = None
    printed: PrintOutcome | None = None
    #: What the visitor waits for now, when it is no longer what the number was taken for.
    service: VisitKind | None = None
    #: The only counter that calls this number; None: any.
    to_counter: int | None = None
    #: Said at a counter to be called first. Why is not asked.
    declared: bool = False
    #: Seconds of waiting that the visitor was told when taking the number.
    told: int | None = None
    #: When the number was first called, whatever came after.
    first_called_at: AwareDatetime | None = None
    #: How often its slip was printed again, and when last.
    reprints: int = 0
    reprint_asked_at: AwareDatetime | None = None

    @property
    def wants(self) -> VisitKind:
        """The service for which this visitor waits or is served now; the number keeps the letter of the first."""
        return self.service or self.kind

    @property
    def lane(self) -> Lane:
        """Where in the order of calls the visitor waits."""
        if self.declared:
            return Lane.DECLARED
        return Lane.BOOKED if self.booked else Lane.WALK_IN

    @property
    def booked(self) -> bool:
        """Came with an appointment, whatever the kind of visit."""
        return self.appointment_id is not None

    @property
    def label(self) -> str:
        """The number as shown and spoken: band letter and three digits."""
        return f"{(_DRILL_BANDS if self.drill else BANDS)[self.kind]}{self.number:03d}"

    @property
    def date(self) -> str:
        """The day in the calendar."""
        return self.day[:_DATE]

    @property
    def drill(self) -> bool:
        """Taken in a drill."""
        return len(self.day) > _DATE


class Drill(_Record):
    """A drill of the hall, until it ends by itself."""

    id: UUID
    begun_at: AwareDatetime
    until: AwareDatetime
    by: str

    def on(self, now: datetime) -> bool:
        """Say whether it goes on; a clock that was set back far behind its beginning ends it too."""
        return self.begun_at - _CLOCK < now < self.until

    def key(self, day: str) -> str:
        """Return the hall day under which its numbers of a day lie."""
        return f"{day}~{self.mark}"

    @property
    def mark(self) -> str:
        """What tells its days from others."""
        return self.id.hex[-8:]


class HelpCall(_Record):
    """One press of a help button until somebody came. `by` is what staff typed or the centre said; of a closed one it is forgotten."""

    id: UUID
    day: str
    place: str
    origin: CallOrigin
    raised_at: AwareDatetime
    status: CallStatus = CallStatus.RAISED
    by: str = ""
    acknowledged_at: AwareDatetime | None = None
    from_centre: bool = False
    arrived_at: AwareDatetime | None = None
    #: Who is called: 1 the counters and the lamp, 2 the whole hall, 3 the leader on duty as well.
    circle: int = 1
    closed_at: AwareDatetime | None = None
    #: Raised in a drill.
    drill: bool = False
    #: Of a file written by an older program; what staff type goes into the event alone.
    note: str = ""

    @property
    def open(self) -> bool:
        """Nobody has closed it yet."""
        return self.status is not CallStatus.CLOSED


class KeptPage(_Record):
    """A page that a press kept, sealed to the centre in a file of `size` bytes under its id. `turn`: quarters with the clock."""

    id: UUID
    digest: str
    size: int
    turn: int = 0
    warnings: tuple[str, ...] = ()


class Batch(_Record):
    """The pages of one letter at one counter. `cover` is the code of the sheet laid before them, `ticket` the number whose paper it is."""

    id: UUID
    counter: int
    by: str
    began_at: AwareDatetime
    ticket_id: UUID | None = None
    ticket: str = ""
    cover: str = ""
    pages: tuple[KeptPage, ...] = ()
    #: Why a person has to look after it: said by the centre, or its pages are no longer here.
    problem: str = ""


class Receipt(_Record):
    """A receipt given for papers handed in. `printed`: what became of its slip; None while it prints."""

    number: int
    label: str
    day: str
    nonce: str
    counter: int
    by: str
    at: AwareDatetime
    handed: Handed
    sheets: int
    ticket_id: UUID | None = None
    ticket: str = ""
    printed: PrintOutcome | None = None
    #: How often its slip was printed again, and when last.
    copies: int = 0
    asked_at: AwareDatetime | None = None


class Spare(_Record):
    """A number printed in advance, and what was written on its slip once that is keyed in. `printed`: None while it prints."""

    id: UUID
    number: int
    made_at: AwareDatetime
    printed: PrintOutcome | None = None
    #: When it was last sent to the printer again.
    asked_at: AwareDatetime | None = None
    kind: VisitKind | None = None
    taken_at: AwareDatetime | None = None
    called_at: AwareDatetime | None = None
    ended_at: AwareDatetime | None = None
    counter: int | None = None
    served: bool = True
    by: str = ""
    keyed_at: AwareDatetime | None = None

    @property
    def label(self) -> str:
        """The number as it is printed: P0012."""
        return f"{SLIP_BAND}{self.number:04d}"


class Alarm(_Record):
    """Something a person must look at. `key` names its sentence in the catalogue."""

    key: str
    since: datetime
    detail: str = ""
