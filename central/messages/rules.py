"""Of what a petitioner is told, and in which words: that there is news about a number, and where to read it. Pure.

A message may stand on a locked screen that others see: it holds the end of the number and the address of the tracking page,
no subject, no name, no stage, and not the word petition.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from central.events.kinds import Kind
from central.notifications.rules import Channel
from central.petitions.models import TellBy


class About(StrEnum):
    """What there is news of; stands on the timeline, not in the message. `messages.about.<value>` names it."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    DECIDED = "decided"
    ASKED = "asked"
    TRANSFERRED = "transferred"
    TOLD = "told"
    PROGRESS = "progress"
    EXTENDED = "extended"
    REPLY = "reply"
    REVIEW = "review"
    REVIEW_ENDS = "review_ends"
    REOPENED = "reopened"
    CLOSED = "closed"
    OBJECTION = "objection"


class MessageState(StrEnum):
    """What became of one message. `sending` was begun and not yet seen to end."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    STOPPED = "stopped"
    PARKED = "parked"


class Why(StrEnum):
    """Why a message was stopped or parked; `messages.why.<value>` names it."""

    NOT_WANTED = "not_wanted"
    NO_ADDRESS = "no_address"
    ERASED = "erased"
    NOT_SET_UP = "not_set_up"
    REFUSED = "refused"
    GAVE_UP = "gave_up"


#: Events that are news to the petitioner. The rest is work inside the court, or known to whoever did it.
NEWS: Final[Mapping[Kind, About]] = {
    Kind.PETITION_REGISTERED: About.RECEIVED,
    Kind.PETITION_ACCEPTED: About.ACCEPTED,
    Kind.PETITION_DECLINED: About.DECIDED,
    Kind.PETITION_TO_LITIGATION: About.DECIDED,
    Kind.PETITION_SUPPLEMENT_ASKED: About.ASKED,
    Kind.PETITION_TRANSFERRED: About.TRANSFERRED,
    Kind.PETITION_RETURNED: About.TRANSFERRED,
    Kind.PETITION_MERGED: About.DECIDED,
    Kind.PETITION_ACKNOWLEDGED: About.TOLD,
    Kind.PETITION_PROGRESS_TOLD: About.PROGRESS,
    Kind.PETITION_EXTENDED: About.EXTENDED,
    Kind.REPLY_ISSUED: About.REPLY,
    Kind.REPLY_DELIVERED: About.REVIEW,
    Kind.PETITION_REOPENED: About.REOPENED,
    Kind.PETITION_CLOSED: About.CLOSED,
    Kind.ASK_ANSWERED: About.OBJECTION,
}
#: Rights that end: the petitioner is told once more this many days before.
ENDING: Final = ("review_request", "re_review_request")
DAYS_BEFORE: Final = 7
#: The ways out of the house that serve a choice of the petitioner.
WAYS: Final[Mapping[TellBy, Channel]] = {TellBy.SMS: Channel.SMS, TellBy.MAIL: Channel.MAIL}


def masked(number: str) -> str:
    """Return the end of a receipt number: enough for its owner, nothing for others."""
    return number[-4:]
