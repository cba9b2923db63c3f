"""The call-back: whose word counts, how a number is masked, when enough was tried. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

#: So many calls that reached nobody, on so many days, and the call-back is given up. No source gives figures: these are ours.
TRIES, DAYS = 3, 2


class Satisfaction(StrEnum):
    """What the petitioner says of the court's answer. It judges the answer."""

    SATISFIED = "satisfied"
    PARTLY = "partly"
    UNSATISFIED = "unsatisfied"
    NOT_REACHED = "not_reached"


class Way(StrEnum):
    """How it was said."""

    PHONE = "phone"
    IN_PERSON = "in_person"
    #: By the petitioners themselves, on the page that number and code open.
    PORTAL = "portal"


class Decision(StrEnum):
    """What the third person says where the petitioner is not satisfied; to open it again is an act of its own."""

    REVIEW = "review"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer as far as it matters whether it counts. `called` is the number, masked."""

    satisfaction: str
    way: str
    by: UUID | None = None
    called: str = ""
    called_at: datetime | None = None


def counts(said: Said) -> bool:
    """Say whether an answer counts: from the petitioner's own channel, or from a logged call (when, which number, by whom)."""
    if said.satisfaction == Satisfaction.NOT_REACHED:
        return False
    if said.way == Way.PORTAL:
        return said.by is None
    if said.way == Way.PHONE:
        return bool(said.by and said.called and said.called_at)
    return False


def mask(number: str) -> str:
    """Return a telephone number of which its owner knows it again and nobody else can call it."""
    digits = re.sub(r"\D", "", number)
    if len(digits) < 7:
        return "*" * max(len(digits) - 1, 1) + digits[-1:]
    head, tail = (3, 4) if len(digits) >= 11 else (0, 3)
    return digits[:head] + "*" * (len(digits) - head - tail) + digits[-tail:]


def tried_enough(days: Sequence[date]) -> bool:
    """Say whether the calls of `days` that reached nobody are enough to give the call-back up."""
    return len(days) >= TRIES and len(set(days)) >= DAYS
