"""What an act writes beside state, next step and clocks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sqlmodel import SQLModel

from central.deadlines.duties import Result
from central.deadlines.rules import Moment
from central.events.kinds import Kind
from central.intake.blanks import Row
from central.petitions.states import Act
from central.simulation.stages import EXTENDABLE
from shared.canonical import Json

#: Acts whose words the petitioner reads.
PUBLIC = frozenset(
    {
        Act.ACCEPT,
        Act.DECLINE,
        Act.TO_LITIGATION,
        Act.ASK_SUPPLEMENT,
        Act.WITHDRAW,
        Act.TRANSFER,
        Act.ACKNOWLEDGE,
        Act.TELL_PROGRESS,
        Act.MERGE,
        Act.DECIDE,
        Act.DECIDE_REOPEN,
    }
)
DECISIONS = frozenset({Act.ACCEPT, Act.DECLINE, Act.TO_LITIGATION})
Added = list[tuple[type[SQLModel], Row]]
Updates = list[tuple[type[SQLModel], Row, Row]]


@dataclass(slots=True)
class Effect:
    """What one act writes beside state, next step and clocks."""

    changes: Row = field(default_factory=dict)
    rows: Added = field(default_factory=list)
    updates: Updates = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)
    of_clocks: Callable[[Sequence[Row]], Sequence[tuple[Row, Row]]] | None = None
    moments: tuple[Moment, ...] = ()
    #: More days for the running clock of a rule.
    extends: tuple[str, int] | None = None
    #: Another name for the event than the table's, and whether the petitioner reads the words, if not as the act is usually.
    kind: Kind | None = None
    public: bool | None = None


def newest_done(clocks: Sequence[Row], rule: str) -> list[Row]:
    """Return the newest clock of a rule, if the duty was done."""
    own = [row for row in clocks if row["rule"] == rule]
    last = max(own, key=lambda row: (row["started_on"], row["id"]), default=None)
    return [last] if last is not None and last["result"] in {Result.IN_TIME, Result.LATE} else []


def excused(clock: Row, code: str) -> Row:
    """Return what an excuse sets in the clock of a duty that was done: one done late stays late."""
    in_time = clock["result"] == Result.IN_TIME
    return {"excuse": code, "result": str(Result.EXCUSED) if in_time else clock["result"]}


def extension_asked(days: int) -> Effect:
    """Return what asking for more time writes."""
    changes: Row = {"extension_rule": EXTENDABLE, "extension_days": days}
    return Effect(changes=changes, facts={"rule": EXTENDABLE, "days": days})


def extension_decided(days: int, decision: str) -> Effect:
    """Return what granting or refusing it writes."""
    granted = decision == "grant"
    return Effect(
        changes={"extension_rule": None, "extension_days": None},
        facts={"rule": EXTENDABLE, "decision": decision},
        extends=(EXTENDABLE, days) if granted else None,
        kind=None if granted else Kind.PETITION_EXTENSION_REFUSED,
        public=granted,
    )
