"""What every message between hall box and centre is made of, and what a box can report."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION: Literal[1] = 1

Short = Annotated[str, Field(min_length=1, max_length=64)]
Note = Annotated[str, Field(max_length=200)]


class Message(BaseModel):
    """Base of all messages: frozen, closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Word(Message):
    """A message about how things stand. Fields that are not known are passed over: one of the two sides is a version ahead.

    What is done because of a message (events, papers) stays closed: done by half it would be worse than refused.
    """

    model_config = ConfigDict(extra="ignore")


class BoxEvent(StrEnum):
    """What a box can report. Each is one row of its journal."""

    TICKET_TAKEN = "ticket.taken"
    TICKET_CALLED = "ticket.called"
    TICKET_RECALLED = "ticket.recalled"
    TICKET_ABSENT = "ticket.absent"
    TICKET_SERVED = "ticket.served"
    TICKET_HELD = "ticket.held"
    TICKET_RETURNED = "ticket.returned"
    TICKET_WRONG = "ticket.wrong"
    TICKET_MOVED = "ticket.moved"
    TICKET_DECLARED = "ticket.declared"
    RULE_SET = "rule.set"
    CHECKIN_REFUSED = "checkin.refused"
    ASSISTANCE_RAISED = "assistance.raised"
    ASSISTANCE_ACKNOWLEDGED = "assistance.acknowledged"
    ASSISTANCE_ARRIVED = "assistance.arrived"
    ASSISTANCE_WIDENED = "assistance.widened"
    ASSISTANCE_CLOSED = "assistance.closed"
    PAGES_SENT = "pages.sent"
    RECEIPT_GIVEN = "receipt.given"
    SLIP_KEYED = "slip.keyed"
    DRILL_BEGUN = "drill.begun"
    DRILL_ENDED = "drill.ended"
