"""What somebody has written so far, one question a page, and which question comes next: pure.

A draft lives on the device of whoever writes it, as a sealed text that goes from page to page (`carry`). The court keeps nothing of
it before it is sent. It holds id and code of the petition to be, so that sending it again is seen to be the same.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict

#: A draft that lay so long is begun anew; the words are still on the device.
LIFE = timedelta(days=30)


class Step(StrEnum):
    """One question. The order is that of the pages."""

    COURT = "court"
    MATTER = "matter"
    DEMANDS = "demands"
    FILES = "files"
    WHO = "who"
    OTHERS = "others"
    TELL = "tell"
    CHECK = "check"


class AsWho(StrEnum):
    """For whom somebody writes."""

    SELF = "self"
    GROUP = "group"
    WARD = "ward"
    AGENT = "agent"
    ANONYMOUS = "anonymous"


#: What each page asks for.
ASKED: dict[Step, tuple[str, ...]] = {
    Step.COURT: ("court",),
    Step.MATTER: ("subject", "text", "case_number"),
    Step.DEMANDS: ("demands",),
    Step.FILES: (),
    Step.WHO: ("as_who", "name", "phone", "address", "id_number"),
    Step.OTHERS: ("group_size", "people"),
    Step.TELL: ("tell_by", "mail", "reply_by", "language"),
    Step.CHECK: (),
}
_FURTHER = frozenset({AsWho.GROUP, AsWho.WARD, AsWho.AGENT})


class Draft(BaseModel):
    """The answers so far, as they were typed."""

    model_config = ConfigDict(hide_input_in_errors=True)

    id: UUID
    code: str
    began: datetime
    values: dict[str, Any] = {}
    #: The page with all answers was reached: whoever changes one goes back to it.
    checked: bool = False

    @property
    def as_who(self) -> AsWho:
        """For whom it is written; for oneself until something else is said."""
        found = self.values.get("as_who")
        return AsWho(found) if found in set(AsWho) else AsWho.SELF

    def merged(self, step: Step, typed: Mapping[str, Any]) -> "Draft":
        """Return the draft with what was typed on one page."""
        known = {name: typed[name] for name in ASKED[step] if name in typed}
        return self.model_copy(update={"values": self.values | known})


def is_over(draft: Draft, now: datetime) -> bool:
    """Say whether a draft lay too long."""
    return now - draft.began > LIFE


def steps(draft: Draft) -> list[Step]:
    """Return the questions that concern this person, without the page that shows all answers."""
    left_out = {Step.CHECK}
    if draft.as_who not in _FURTHER:
        left_out.add(Step.OTHERS)
    if draft.as_who is AsWho.ANONYMOUS:
        left_out.add(Step.TELL)
    return [step for step in Step if step not in left_out]


def after(draft: Draft, step: Step) -> Step:
    """Return the question behind one, or the page that shows all answers."""
    asked = [*steps(draft), Step.CHECK]
    later = [each for each in asked if list(Step).index(each) > list(Step).index(step)]
    return later[0] if later else Step.CHECK


def before(draft: Draft, step: Step) -> Step | None:
    """Return the question in front of one, None for the first."""
    earlier = [each for each in steps(draft) if list(Step).index(each) < list(Step).index(step)]
    return earlier[-1] if earlier else None
