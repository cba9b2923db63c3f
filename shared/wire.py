"""Messages between hall box and centre, versioned. Unknown fields are refused in what is acted upon, passed over in mere word (`Word`).

The bytes that were sent are what is signed and acknowledged; nothing is serialised a second time to check it.
No message has room for a name or an identity number: the box does not know them. Pages that a clerk kept pass as pieces of a sealed whole.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field, TypeAdapter, field_validator

from shared import drills
from shared.messages import VERSION, BoxEvent, Message, Note, Short, Word
from shared.receipts import ReceiptGiven

#: Handed on under this module's name; the rest of it needs no list.
__all__ = ["VERSION", "BoxEvent", "Message", "Note", "ReceiptGiven", "Short", "Word"]

#: Most pages in one batch, bytes of one page as it is sealed, and of all of a batch: they are put together in memory.
MOST_PAGES, MOST_PAGE_BYTES, MOST_BATCH_BYTES = 100, 16 * 2**20, 256 * 2**20


class VisitKind(StrEnum):
    """Why a person came; each kind has its own band of numbers."""

    LETTER_DROP = "letter_drop"
    APPOINTMENT = "appointment"
    QUERY = "query"
    LEADER_RECEPTION = "leader_reception"


#: Letter in front of a number printed in advance (`SlipKeyed`), apart from those of the screens.
SLIP_BAND = "P"
#: Letter in front of the ticket number, shown and spoken in the hall; in a drill others.
BANDS = {
    VisitKind.LETTER_DROP: "A",
    VisitKind.APPOINTMENT: "B",
    VisitKind.QUERY: "C",
    VisitKind.LEADER_RECEPTION: "D",
}


class CallOrigin(StrEnum):
    """Which thing was pressed."""

    PAGE_BUTTON = "page_button"
    DEVICE_BUTTON = "device_button"
    COUNTER = "counter"


class TicketTaken(Message):
    """A visitor got a number. `day` is the hall's day; (day, kind, number) is unique in a box."""

    type: Literal[BoxEvent.TICKET_TAKEN] = BoxEvent.TICKET_TAKEN
    ticket_id: UUID
    day: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    kind: VisitKind
    number: Annotated[int, Field(ge=1, le=9999)]
    appointment_id: UUID | None = None


class TicketCalled(Message):
    """A counter called (or recalled) a number."""

    type: Literal[BoxEvent.TICKET_CALLED, BoxEvent.TICKET_RECALLED]
    ticket_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]


class TicketEnded(Message):
    """A visit at the counter ended, or nobody came."""

    type: Literal[BoxEvent.TICKET_SERVED, BoxEvent.TICKET_ABSENT]
    ticket_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]


class TicketSetAside(Message):
    """Staff at a counter put a visit on hold, sent an absent visitor back to the line, or marked a number as taken by mistake."""

    type: Literal[BoxEvent.TICKET_HELD, BoxEvent.TICKET_RETURNED, BoxEvent.TICKET_WRONG]
    ticket_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]


class TicketMoved(Message):
    """A visitor goes on, under the same number: to another counter, or to another service of the same visit."""

    type: Literal[BoxEvent.TICKET_MOVED] = BoxEvent.TICKET_MOVED
    ticket_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]
    service: VisitKind
    to_counter: Annotated[int, Field(ge=1, le=99)] | None = None


class TicketDeclared(Message):
    """At a counter somebody said that a visitor should be called first (old, disabled, with small children), or took it back.

    Which of the three is not asked and not written.
    """

    type: Literal[BoxEvent.TICKET_DECLARED] = BoxEvent.TICKET_DECLARED
    ticket_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]
    first: bool


class RuleSet(Message):
    """Staff changed the order of calls: so many appointments, and so many declared visitors, before one of the others."""

    type: Literal[BoxEvent.RULE_SET] = BoxEvent.RULE_SET
    appointments: Annotated[int, Field(ge=1, le=20)]
    declared: Annotated[int, Field(ge=1, le=20)]
    by: Short


class Refusal(StrEnum):
    """Why a code did not open a ticket. Each has a sentence for the visitor in the box's catalogue."""

    UNREADABLE = "unreadable"
    FORGED = "forged"
    OTHER_COURT = "other_court"
    TOO_EARLY = "too_early"
    EXPIRED = "expired"
    REVOKED = "revoked"
    ALREADY_USED = "already_used"
    UNKNOWN = "unknown"


class CheckinRefused(Message):
    """A code was held up or typed and refused. The code itself is not reported."""

    type: Literal[BoxEvent.CHECKIN_REFUSED] = BoxEvent.CHECKIN_REFUSED
    reason: Refusal
    appointment_id: UUID | None = None


class AssistanceRaised(Message):
    """Somebody pressed the button."""

    type: Literal[BoxEvent.ASSISTANCE_RAISED] = BoxEvent.ASSISTANCE_RAISED
    call_id: UUID
    place: Short
    origin: CallOrigin


class AssistanceAnswered(Message):
    """Staff in the hall acknowledged a call on a screen of the box, came there, or closed it. `by` is what they typed: a badge or name."""

    type: Literal[BoxEvent.ASSISTANCE_ACKNOWLEDGED, BoxEvent.ASSISTANCE_ARRIVED, BoxEvent.ASSISTANCE_CLOSED]
    call_id: UUID
    by: Short
    note: Note = ""


class AssistanceWidened(Message):
    """Nobody answered in time: the call went on to more people. `circle`: 2 the whole hall, 3 the leader on duty as well."""

    type: Literal[BoxEvent.ASSISTANCE_WIDENED] = BoxEvent.ASSISTANCE_WIDENED
    call_id: UUID
    circle: Annotated[int, Field(ge=2, le=3)]


class PageFacts(Message):
    """A page that a clerk kept. `digest`: SHA-256 of its picture; `size`: bytes of it sealed; `turn`: quarters with the clock."""

    digest: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    size: Annotated[int, Field(ge=1, le=MOST_PAGE_BYTES)]
    turn: Annotated[int, Field(ge=0, le=3)] = 0


class PagesSent(Message):
    """A batch of pages was finished at a counter. Its pictures follow sealed, part by part, after everything else (`pieces.PagePart`).

    `cover` is the code of the cover sheet that was laid before them, `ticket_id` whose paper it is; either may be missing.
    """

    type: Literal[BoxEvent.PAGES_SENT] = BoxEvent.PAGES_SENT
    batch_id: UUID
    counter: Annotated[int, Field(ge=1, le=99)]
    by: Short
    ticket_id: UUID | None = None
    cover: Annotated[str, Field(max_length=64)] = ""
    pages: Annotated[tuple[PageFacts, ...], Field(min_length=1, max_length=MOST_PAGES)]

    @field_validator("pages")
    @classmethod
    def _carried(cls, pages: tuple[PageFacts, ...]) -> tuple[PageFacts, ...]:
        if sum(page.size for page in pages) > MOST_BATCH_BYTES:
            raise ValueError("more than one batch may carry")
        return pages


class SlipKeyed(Message):
    """A visit on a number printed in advance, keyed in after the hall worked without screens; sent again when it is corrected.

    Its times are those written on the slip by hand. The event's own time is when it was keyed in.
    """

    type: Literal[BoxEvent.SLIP_KEYED] = BoxEvent.SLIP_KEYED
    slip_id: UUID
    number: Annotated[int, Field(ge=1, le=9999)]
    kind: VisitKind
    taken_at: AwareDatetime
    called_at: AwareDatetime | None = None
    ended_at: AwareDatetime
    counter: Annotated[int, Field(ge=1, le=99)]
    served: bool
    by: Short


Body = Annotated[
    TicketTaken
    | TicketCalled
    | TicketEnded
    | TicketSetAside
    | TicketMoved
    | TicketDeclared
    | RuleSet
    | CheckinRefused
    | AssistanceRaised
    | AssistanceAnswered
    | AssistanceWidened
    | PagesSent
    | ReceiptGiven
    | SlipKeyed
    | drills.DrillBegun
    | drills.DrillEnded,
    Field(discriminator="type"),
]


class SealedBody(Message):
    """A body that only the centre can read (`shared.sealed`); `of` says what it is."""

    type: Literal["sealed"] = "sealed"
    of: BoxEvent
    data: Annotated[str, Field(max_length=24_000)]


class Envelope(Message):
    """One event of a box's journal.

    (box, epoch, seq) says where it stands: `epoch` is drawn once when the box's store is created, `seq` counts from 1
    without gaps. `at` is the box's own time of the act and stays its time however late the event arrives.
    `drill`: it belongs to a drill of the hall and counts nowhere.
    """

    version: Literal[1] = VERSION
    event_id: UUID
    box: Short
    epoch: UUID
    seq: Annotated[int, Field(ge=1)]
    at: AwareDatetime
    drill: Annotated[bool, Field(exclude_if=lambda marked: not marked)] = False
    body: Annotated[Body | SealedBody, Field(discriminator="type")]


class Verdict(StrEnum):
    """What the centre did with an event, after its database commit."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    #: An earlier event is missing: send again from `Ack.expected`.
    GAP = "gap"
    #: Kept at the centre in the tray of events that need a person; the box parks its copy and never drops it.
    REFUSED = "refused"


class Ack(Word):
    """The centre's receipt for one event."""

    version: Literal[1] = VERSION
    event_id: UUID
    epoch: UUID
    seq: int
    verdict: Verdict
    expected: int | None = None
    reason: Note = ""


#: Receipts in one message: with their signature well below the longest packet of any broker.
RECEIPTS_TOGETHER = 200


class Acks(Word):
    """The centre's receipts for several events of one box, in the order in which they were taken; none: it has come back."""

    version: Literal[1] = VERSION
    acks: Annotated[tuple[Ack, ...], Field(max_length=RECEIPTS_TOGETHER)]


_RECEIPTS: TypeAdapter[Ack | Acks] = TypeAdapter(Ack | Acks)


def receipts(payload: str | bytes) -> tuple[Ack, ...]:
    """Return the receipts in a message that carries one, several or none; raise `ValidationError`."""
    found = _RECEIPTS.validate_json(payload)
    return found.acks if isinstance(found, Acks) else (found,)


class CallStatus(StrEnum):
    """Where an assistance call stands."""

    RAISED = "raised"
    ACKNOWLEDGED = "acknowledged"
    CLOSED = "closed"


class CallState(Word):
    """What the box shows for a call: its state and who comes. Retained, so a rebooted box learns it."""

    version: Literal[1] = VERSION
    call_id: UUID
    status: CallStatus
    by: Annotated[str, Field(max_length=64)] = ""
    at: AwareDatetime


class DeviceState(StrEnum):
    """How a device of a box is."""

    ABSENT = "absent"
    READY = "ready"
    LOST = "lost"


class Figures(Word):
    """How the machine itself is: room on its disk (MB), heat of its processor (degrees Celsius), devices, alarms that stand."""

    free_mb: Annotated[int, Field(ge=0)]
    heat: Annotated[float, Field(ge=-100, le=300)] | None = None
    camera: DeviceState = DeviceState.ABSENT
    printer: DeviceState = DeviceState.ABSENT
    alarms: Annotated[tuple[Short, ...], Field(max_length=20)] = ()


class Presence(Word):
    """Whether a box is on the line. The last will says `online=False`."""

    version: Literal[1] = VERSION
    box: Short
    online: bool
    software: Annotated[str, Field(max_length=40)] = ""
    waiting: Annotated[int, Field(ge=0)] = 0
    parked: Annotated[int, Field(ge=0)] = 0
    at: AwareDatetime
    #: Absent in a last will and from an older box.
    figures: Figures | None = None
    #: The journal that the box writes now; absent from an older box.
    epoch: UUID | None = None


class Signed(Message):
    """A text of a box or of the centre as it passes the broker: `signature` (Ed25519, base64) covers topic and `body`."""

    version: Literal[1] = VERSION
    body: str
    signature: Annotated[str, Field(max_length=100)]


class SignedDocument(Message):
    """A paper from the centre: `body` is the exact text that `signature` (Ed25519, base64) covers.

    The body is JSON of a `DocumentHead`. A box refuses a wrong key, another box's paper, an expired one and
    one whose version is not above the one it holds.
    """

    version: Literal[1] = VERSION
    body: str
    signature: str
    key_id: Short


class AppointmentEntry(Message):
    """One of today's appointments as the box knows it: no name, only what checks a code.

    `code_hash` is scrypt(typed code, salt of the roster, n=2**14, r=8, p=1, 32 bytes) in hexadecimal.
    """

    appointment_id: UUID
    code_hash: str
    kind: VisitKind
    slot_start: AwareDatetime
    slot_end: AwareDatetime
    revoked: bool = False


class Roster(Message):
    """Appointments of one day of one court, sent down as a signed document named `roster`."""

    name: Literal["roster"] = "roster"
    box: Short
    serial: Annotated[int, Field(ge=1)]
    not_after: datetime
    day: str
    salt: str
    entries: tuple[AppointmentEntry, ...]
