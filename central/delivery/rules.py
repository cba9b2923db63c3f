"""What to do next so that an answer arrives, from what the petitioner chose and what was tried. Pure."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from central.petitions.models import ReplyBy

#: A letter that nobody heard of for so long is asked after; an answer waits on the tracking page for so long before another way is tried.
DAYS_OF_POST, DAYS_ON_PAGE = 10, 5


class Carrier(StrEnum):
    """Who carries a letter."""

    EMS = "ems"
    REGISTERED = "registered"
    COURIER = "courier"
    ORDINARY = "ordinary"


class PostState(StrEnum):
    """What became of a letter."""

    ON_THE_WAY = "on_the_way"
    DELIVERED = "delivered"
    RETURNED = "returned"


class Receiver(StrEnum):
    """Who took the answer."""

    PETITIONER = "petitioner"
    REPRESENTATIVE = "representative"
    GUARDIAN = "guardian"
    FAMILY = "family"


class Checked(StrEnum):
    """How it was made sure who that is."""

    ID_DOCUMENT = "id_document"
    AUTHORITY = "authority"
    KNOWN_IN_PERSON = "known_in_person"


class Unsigned(StrEnum):
    """Why there is no signature: the clerk answers for it by name."""

    CANNOT_WRITE = "cannot_write"
    DOES_NOT_WANT = "does_not_want"
    SCREEN_DOWN = "screen_down"


class Todo(StrEnum):
    """The next thing to do; `delivery.todo.<value>` says it."""

    SEND_POST = "send_post"
    WAIT_POST = "wait_post"
    ASK_POST = "ask_post"
    WAIT_PAGE = "wait_page"
    OTHER_WAY = "other_way"
    HAND_OVER = "hand_over"
    CALL = "call"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one petition's delivery."""

    reply_by: ReplyBy | None = None
    has_address: bool = False
    has_phone: bool = False
    #: Day on which a letter still on the way was posted.
    posted_on: date | None = None
    #: Day since which the answer could be read on the tracking page.
    issued_on: date | None = None
    attempts: int = 0


def todo(known: Known, today: date) -> Todo:
    """Return the next thing to do.

    A letter on the way comes first, then what the petitioner chose; once that has failed, or nothing was chosen, the address,
    then the phone; where there is neither, a search.
    """
    if known.posted_on is not None:
        return Todo.ASK_POST if (today - known.posted_on).days >= DAYS_OF_POST else Todo.WAIT_POST
    if known.attempts == 0 and known.reply_by is not None:
        return _chosen(known, known.reply_by, today)
    return _by_what_is_there(known)


def _chosen(known: Known, reply_by: ReplyBy, today: date) -> Todo:
    match reply_by:
        case ReplyBy.PORTAL:
            since = known.issued_on or today
            return Todo.OTHER_WAY if (today - since).days >= DAYS_ON_PAGE else Todo.WAIT_PAGE
        case ReplyBy.POST:
            return Todo.SEND_POST
        case ReplyBy.IN_PERSON:
            return Todo.HAND_OVER
        case ReplyBy.PHONE:
            return Todo.CALL


def _by_what_is_there(known: Known) -> Todo:
    if known.has_address:
        return Todo.SEND_POST
    return Todo.CALL if known.has_phone else Todo.SEARCH
