"""Who is told of what: from the level of a clock, or from the kind of an event, to the people. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from central.actor import Role
from central.deadlines.levels import Shares
from central.events.kinds import Kind


class Level(StrEnum):
    """How near a clock is to its end. Each has a sentence `notifications.kind.<value>`."""

    AMBER = "amber"
    RED = "red"
    DUE = "due"
    OVERDUE = "overdue"


class Channel(StrEnum):
    """By which way a message goes. The inbox gets every one; a person chooses at most one more."""

    INBOX = "inbox"
    MAIL = "mail"
    SMS = "sms"
    WEBHOOK = "webhook"


class NoticeState(StrEnum):
    """What became of one notice: `parked` is one that nobody could be told."""

    PLANNED = "planned"
    SENT = "sent"
    STOPPED = "stopped"
    PARKED = "parked"


class DispatchState(StrEnum):
    """What became of one message. `sending` was begun and not yet seen to end."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    PARKED = "parked"


class Why(StrEnum):
    """Why a notice or message was stopped or parked; `notifications.why.<value>` in the catalogue."""

    ENDED = "ended"
    STANDS_STILL = "stands_still"
    SUPERSEDED = "superseded"
    NOT_YET = "not_yet"
    MOVED_ON = "moved_on"
    NOT_ALLOWED = "not_allowed"
    NOBODY = "nobody"
    NO_ADDRESS = "no_address"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


class To(StrEnum):
    """Whom of a petition."""

    OWNER = "owner"
    HANDLER = "handler"
    LEADER = "leader"
    #: Whose step of an approval it is; where nobody is named the leader.
    APPROVER = "approver"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Place:
    """Who has a petition: handler and leader by name, and the desk of `role` in the court that has custody."""

    court_id: UUID
    handler_id: UUID | None = None
    leader_id: UUID | None = None
    role: str = Role.REGISTRAR
    approver_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """Everybody who serves as `role` in a court."""

    court_id: UUID
    role: str


#: To whom each level goes: the owner is the handler, where there is none the leader, where there is none the desk.
LEVELS: dict[Level, tuple[To, ...]] = {
    Level.AMBER: (To.OWNER,),
    Level.RED: (To.OWNER, To.LEADER),
    Level.DUE: (To.OWNER, To.LEADER),
    Level.OVERDUE: (To.OWNER, To.LEADER, To.DESK),
}

#: What is told of acts, and to whom; never to the one who acted. `deadline.passed` makes the notices of what is overdue.
EVENTS: dict[Kind, tuple[To, ...]] = {
    Kind.PETITION_ASSIGNED: (To.HANDLER, To.LEADER),
    Kind.PETITION_TRANSFERRED: (To.DESK,),
    Kind.PETITION_RETURNED: (To.DESK,),
    Kind.PETITION_REOPENED: (To.OWNER,),
    Kind.REPLY_SUBMITTED: (To.APPROVER,),
    Kind.REPLY_STEP_APPROVED: (To.APPROVER,),
    Kind.REVIEW_SUBMITTED: (To.APPROVER,),
    Kind.REVIEW_STEP_APPROVED: (To.APPROVER,),
    Kind.REPLY_SENT_BACK: (To.HANDLER,),
    Kind.REPLY_APPROVED: (To.HANDLER,),
}


def level_of(from_on: date, due_on: date, today: date, *, horizon: date, shares: Shares) -> Level | None:
    """Return how near its end a clock is on `today`, None while most of its time is left. `from_on` is `levels.Term.from_on`.

    `horizon` is the last day before the next working day after `today`: what ends by then is told as due today, since there
    is no later working day on which to do it. `queries.reached` says the same in SQL.
    """
    if due_on < today:
        return Level.OVERDUE
    if due_on <= horizon:
        return Level.DUE
    used, whole = (today - from_on).days, (due_on - from_on).days
    if used >= shares.red * whole:
        return Level.RED
    return Level.AMBER if used >= shares.amber * whole else None


def people(to: tuple[To, ...], place: Place) -> list[UUID | Desk]:
    """Return the people and desks that `to` names for a petition, each once, in that order."""
    found: list[UUID | Desk] = []
    for each in to:
        one = _one(each, place)
        if one is not None and one not in found:
            found.append(one)
    return found


def _one(to: To, place: Place) -> UUID | Desk | None:
    desk = Desk(place.court_id, place.role)
    match to:
        case To.OWNER:
            return place.handler_id or place.leader_id or desk
        case To.HANDLER:
            return place.handler_id
        case To.LEADER:
            return place.leader_id
        case To.APPROVER:
            return place.approver_id or place.leader_id
        case To.DESK:
            return desk


def reminder_key(clock_id: UUID, level: Level, staff_id: UUID | None) -> str:
    """Return the key that makes a reminder one: obligation, level, recipient."""
    return f"clock/{clock_id.hex}/{level}/{staff_id.hex if staff_id else 'nobody'}"


def event_key(event_id: int, staff_id: UUID) -> str:
    """Return the key of what one person is told of one event."""
    return f"event/{event_id}/{staff_id.hex}"
