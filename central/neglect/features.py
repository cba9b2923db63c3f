"""What the warning looks at: where the work stands, how much time is left, how the office is doing. Pure.

Nothing here is about who petitions, what about, or how often: a test holds the fields of `Snapshot` to the course of the work.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from central.events.kinds import Kind

#: What the last act was that moved a petition on, and the stage it is in since.
STAGE: Final = {
    Kind.PETITION_REGISTERED: "registered",
    Kind.PETITION_SUPPLEMENTED: "registered",
    Kind.PETITION_RETURNED: "registered",
    Kind.PETITION_TRANSFERRED: "transferred",
    Kind.PETITION_SUPPLEMENT_ASKED: "waiting",
    Kind.PETITION_ACCEPTED: "accepted",
    Kind.PETITION_ASSIGNED: "assigned",
    Kind.PETITION_TAKEN_UP: "handling",
    Kind.REPLY_SUBMITTED: "drafted",
    Kind.REPLY_SENT_BACK: "handling",
    Kind.REPLY_APPROVED: "approved",
    Kind.REPLY_ISSUED: "replied",
    Kind.FOLLOW_UP_RECORDED: "followed_up",
    Kind.PETITION_DECLINED: "turned_away",
    Kind.PETITION_TO_LITIGATION: "turned_away",
    Kind.PETITION_REOPENED: "handling",
}
STAGES: Final = tuple(dict.fromkeys(STAGE.values()))
#: Deadlines of the court; any other is learnt about as one.
RULES: Final = (
    "procedural_reply",
    "written_notice",
    "answer",
    "answer_class6",
    "progress",
    "delivery",
    "delivery_again",
    "follow_up",
    "closing",
)
#: Where the share of time used bends.
KNOTS: Final = (0.25, 0.5, 0.75, 0.9)
_LOOK_BACK: Final = 90


@dataclass(frozen=True, slots=True)
class Act:
    """One act of the court as far as it counts here: what kind, on which day it was written down."""

    kind: Kind
    on: date


@dataclass(frozen=True, slots=True)
class Office:
    """How an office was doing on a day: answers owed for each handler; of those given in 90 days, how many, how many late."""

    load: float
    answered: int
    late: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One running deadline as it was known on the evening of `day`."""

    rule: str
    day: date
    started_on: date
    due_on: date
    extension_days: int
    stage: str
    stage_since: date
    acts: int
    sent_back: int
    handed_on: int
    paused_days: int
    office: Office


def stage_of(acts: Iterable[Act], day: date) -> tuple[str, date, int, int, int]:
    """Return stage, since when, number of acts, drafts sent back and times handed on, as known on `day`."""
    stage, since, count, back, handed = "registered", day, 0, 0, -1
    for act in acts:
        if act.on > day:
            break
        count += 1
        back += act.kind is Kind.REPLY_SENT_BACK
        handed += act.kind is Kind.PETITION_ASSIGNED
        if act.kind in STAGE:
            stage, since = STAGE[act.kind], act.on
    return stage, since, count, back, max(0, handed)


def used(snapshot: Snapshot) -> float:
    """Return the share of the time that is over, 0 to 1: the baseline."""
    whole = max(1, (snapshot.due_on - snapshot.started_on).days)
    return min(1.0, max(0.0, (snapshot.day - snapshot.started_on).days / whole))


def vector(snapshot: Snapshot) -> list[float]:
    """Return the numbers of `NAMES` for a snapshot."""
    share, left = used(snapshot), float((snapshot.due_on - snapshot.day).days)
    office, since = snapshot.office, (snapshot.day - snapshot.stage_since).days
    late = (office.late + 2.0) / (office.answered + 16.0)
    near = math.exp(-left / 6.0)
    stages = [float(snapshot.stage == each) for each in STAGES]
    rules = [float(snapshot.rule == each) for each in RULES]
    turn = 2 * math.pi * (snapshot.day.timetuple().tm_yday / 366)
    return [
        share,
        *(max(0.0, share - knot) for knot in KNOTS),
        math.log1p(left),
        near,
        *rules,
        *(each * share for each in rules),
        *(each * math.log1p(left) for each in rules),
        *stages,
        *(each * share for each in stages),
        *(each * min(left, 60.0) / 10.0 for each in stages),
        *(each * math.log1p(since) for each in stages),
        math.log1p(since),
        math.log1p(office.load),
        math.log1p(office.load) * share,
        late,
        late * share,
        late * near,
        float(snapshot.sent_back),
        float(snapshot.handed_on),
        float(snapshot.extension_days > 0),
        math.log1p(snapshot.paused_days),
        math.log1p(snapshot.acts),
        math.sin(turn),
        math.cos(turn),
    ]


def _named() -> tuple[tuple[str, str], ...]:
    """Return name and group of every number of `vector`; the group is what a person is told as the reason."""
    found = [
        ("used", "time"),
        *((f"used>{knot}", "time") for knot in KNOTS),
        ("left", "time"),
        ("near", "time"),
    ]
    for what in ("", "*used", "*left"):
        found += [(f"rule:{rule}{what}", "rule") for rule in RULES]
    for what in ("", "*used", "*left", "*since"):
        found += [(f"stage:{stage}{what}", "stage") for stage in STAGES]
    found += [("since", "waiting"), ("load", "load"), ("load*used", "load")]
    found += [("late", "office"), ("late*used", "office"), ("late*near", "office")]
    found += [("sent_back", "sent_back"), ("handed_on", "handed_on"), ("extended", "extended")]
    return (*found, ("paused", "paused"), ("acts", "stage"), ("season1", "season"), ("season2", "season"))


_NAMED: Final = _named()
NAMES: Final = tuple(name for name, _ in _NAMED)
GROUPS: Final = tuple(group for _, group in _NAMED)
#: Reasons that tell a person something they can act on.
TOLD: Final = ("time", "stage", "waiting", "load", "office", "sent_back", "handed_on")


def window(day: date) -> tuple[int, int]:
    """Return first (not included) and last day, as ordinals, of what counts for the punctuality of an office on `day`."""
    return day.toordinal() - _LOOK_BACK, day.toordinal()


def missed(*, due_on: date, ended_on: date | None, until: date) -> bool | None:
    """Say whether a deadline was missed; None where the day up to which is known lies before it."""
    if ended_on is not None and ended_on <= until:
        return ended_on > due_on
    return True if due_on < until else None


def reasons(weights: Sequence[float], means: Sequence[float], values: Sequence[float]) -> list[str]:
    """Return the groups that raise the chance most above the usual, at most two."""
    sums = dict.fromkeys(TOLD, 0.0)
    for group, weight, mean, value in zip(GROUPS, weights, means, values, strict=True):
        if group in sums:
            sums[group] += weight * (value - mean)
    ranked = sorted(sums, key=lambda group: -sums[group])
    return [group for group in ranked[:2] if sums[group] > 0.15]
