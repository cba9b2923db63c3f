"""What a petitioner may send, who deals with it, what became of it: pure."""

from enum import StrEnum
from uuid import UUID

from central.actor import Role
from central.supervision.periods import Use

#: A petitioner's text: what fits a form that has to be kept while number and code are asked for again.
MOST_WORDS = 4000
#: Files that come with one form, and files that a petitioner adds to one petition altogether.
MOST_AT_ONCE, MOST_FILES = 10, 30
#: Share of a petition's room for files that the petitioner may use up: the court's own must fit as well.
SHARE = 0.6
#: Forms of one petition within a day, and objections that wait for their answer at one time.
MOST_A_DAY, MOST_OPEN = 10, 3


class Kind(StrEnum):
    """What was sent."""

    SUPPLEMENT = "supplement"
    OBJECTION = "objection"


class About(StrEnum):
    """What an objection is about: a step the court took, or how it goes about the matter."""

    TRANSFER = "transfer"
    DECLINE = "decline"
    EXTENSION = "extension"
    DELAY = "delay"
    HANDLING = "handling"
    OTHER = "other"


class State(StrEnum):
    """Where it stands."""

    OPEN = "open"
    #: A supplement that was read, or an objection that was answered.
    DONE = "done"


class Outcome(StrEnum):
    """What the court says to an objection."""

    UPHELD = "upheld"
    PARTLY = "partly"
    NOT_UPHELD = "not_upheld"


#: From which period of the data the day comes by which the court deals with it.
USES = {Kind.SUPPLEMENT: Use.SUPPLEMENT, Kind.OBJECTION: Use.OBJECTION}


def owner_of(kind: str, handler_id: UUID | None) -> tuple[Role, UUID | None]:
    """Return whose it is: a supplement the handler's, before one is named the desk's; an objection the leaders' of the court."""
    if kind == Kind.OBJECTION:
        return Role.LEADER, None
    return (Role.HANDLER, handler_id) if handler_id else (Role.REGISTRAR, None)
