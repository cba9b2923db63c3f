"""What the box knows about its hall: numbers and calls. No name of a visitor, no place for one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from edge_agent.policy import Lane
from edge_agent.ports import PrintOutcome
from shared.receipts import Handed
from shared.wire import BANDS, CallOrigin, CallStatus, VisitKind


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
        return f"{BANDS[self.kind]}{self.number:03d}"


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


class Alarm(_Record):
    """Something a person must look at. `key` names its sentence in the catalogue."""

    key: str
    since: datetime
    detail: str = ""
