"""Drills of a hall (演练): the signed paper that orders one, and what a box reports of it. A drill ends by itself."""

from enum import StrEnum
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from shared.messages import BoxEvent, Message, Short

#: Name of the signed paper that begins or ends a drill.
NAME: Literal["drill"] = "drill"
#: Minutes of a drill.
LEAST, MOST = 5, 240
#: Letters of a drill's numbers, in the order of `wire.VisitKind`: none of them is that of a real one.
BANDS = "WXYZ"


class DrillOrder(Message):
    """Begin a drill for `minutes`, or end the one that runs (0). Good for minutes alone: a box that was away begins none by surprise."""

    name: Literal["drill"] = NAME
    box: Short
    serial: Annotated[int, Field(ge=1, lt=2**53)]
    not_after: AwareDatetime
    minutes: Annotated[int, Field(ge=0, le=MOST)]
    by: Short


class Ended(StrEnum):
    """Why a drill ended. REAL: somebody called for help and said that it was no drill."""

    TIME = "time"
    HALL = "hall"
    CENTRE = "centre"
    REAL = "real"


class DrillBegun(Message):
    """A drill began; it ends at `until` by itself."""

    type: Literal[BoxEvent.DRILL_BEGUN] = BoxEvent.DRILL_BEGUN
    drill_id: UUID
    until: AwareDatetime
    by: Short


class DrillEnded(Message):
    """A drill is over and its queue is gone. `by`: who ended it, if a person did."""

    type: Literal[BoxEvent.DRILL_ENDED] = BoxEvent.DRILL_ENDED
    drill_id: UUID
    why: Ended
    by: Annotated[str, Field(max_length=64)] = ""
