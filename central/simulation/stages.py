"""How long each stage of a made-up petition takes. Pure."""

from collections.abc import Mapping
from typing import NamedTuple


class Stage(NamedTuple):
    """How long something takes: median in working days, spread of its logarithm, how much a week of backlog adds."""

    median: float
    sigma: float
    sway: float


STAGES: Mapping[str, Stage] = {
    "triage": Stage(1.7, 0.75, 0.22),
    "assign": Stage(0.6, 0.7, 0.12),
    "take_up": Stage(1.4, 0.8, 0.15),
    "handle": Stage(21.0, 0.55, 0.16),
    "lying": Stage(30.0, 0.5, 0.0),
    "redraft": Stage(3.0, 0.6, 0.1),
    "approve": Stage(1.5, 0.7, 0.1),
    "issue": Stage(0.6, 0.6, 0.05),
    "deliver": Stage(3.2, 0.6, 0.0),
    "deliver_again": Stage(5.0, 0.5, 0.0),
    "follow_up": Stage(9.0, 0.6, 0.12),
    "close": Stage(1.8, 0.7, 0.05),
    "supplement": Stage(6.0, 0.6, 0.0),
    "decide": Stage(1.2, 0.6, 0.1),
}
#: How often a handler whose time runs out gets it done in the last days after all.
HURRIED, HURRIED_LATE = 0.55, 0.25
#: The period that may be extended, how many working days before its end that is asked for, how often, and how often it is refused.
EXTENDABLE = "answer_class6"
ASKED_BEFORE = (3.0, 8.0)
EXTENDED, REFUSED = 0.6, 0.2
#: Days asked for: as many as the law allows, or half.
DAYS_ASKED = (30, 15)
#: How often somebody lost the receipt code and is given another while the matter is worked on.
REISSUED = 0.03
#: So many working days after the due day an answer is still one that hurrying would have brought in time.
NEAR = 14.0
