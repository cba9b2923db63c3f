"""What the box knows about its hall: numbers and calls. No name of a visitor, no place for one."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict

from edge_agent.ports import PrintOutcome
from shared.wire import BANDS, CallOrigin, CallStatus, VisitKind


class TicketState(StrEnum):
    """Where a ticket stands. An absent visitor who comes back is recalled; nobody is thrown out."""

    WAITING = "waiting"
    CALLED = "called"
    SERVED = "served"
    ABSENT = "absent"


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
    closed_at: AwareDatetime | None = None
    #: Of a file written by an older program; what staff type goes into the event alone.
    note: str = ""

    @property
    def open(self) -> bool:
        """Nobody has closed it yet."""
        return self.status is not CallStatus.CLOSED


class Alarm(_Record):
    """Something a person must look at. `key` names its sentence in the catalogue."""

    key: str
    since: datetime
    detail: str = ""
