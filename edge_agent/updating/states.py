"""Where an update stands, and what comes next: pure.

`idle` -> `staged` (checked, its packages lie on the disk) -> `installed` (beside the running version) -> `trying` (the switch is set to it,
it must prove itself) -> `kept` or `back` -> `idle`. Each state is written before its order is carried out, every order may be carried
out again, and until `kept` the version in `good` is the one that is gone back to. So a cut anywhere leaves a whole version in force.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from edge_agent.settings import Group
from shared.bundles import Version, highest, newer

#: A trial that was cut off so often (power, a kernel that falls over) has failed.
MOST_TRIALS = 3
_MOST_FAILED = 20


class Phase(StrEnum):
    """Where an update stands."""

    IDLE = "idle"
    STAGED = "staged"
    INSTALLED = "installed"
    TRYING = "trying"
    KEPT = "kept"
    BACK = "back"


class Order(StrEnum):
    """What is to be done now. Each may be done twice."""

    NOTHING = "nothing"
    #: Have the package manager put the packages in place, beside what runs.
    INSTALL = "install"
    #: Note which version is gone back to.
    ARM = "arm"
    #: Switch, start, and watch whether it proves itself.
    TRY = "try"
    #: From now on this is the good version; older ones than the one before it go.
    SETTLE = "settle"
    #: Switch back and start; the version that failed goes.
    RETURN = "return"


class Happened(StrEnum):
    """What came of an order, or that the updater starts again after a cut."""

    DONE = "done"
    FAILED = "failed"
    CUT = "cut"


class State(Group):
    """On the disk: `good` is the confirmed version, `target` the one an update is about, `floor` the highest ever confirmed."""

    phase: Phase = Phase.IDLE
    good: Version
    target: str = ""
    previous: str = ""
    floor: Version
    trials: Annotated[int, Field(ge=0)] = 0
    #: Versions that did not prove themselves; they are not tried again unless a person says so.
    failed: tuple[str, ...] = ()
    #: Why the last update was given up: a key of the catalogue, empty when it was kept.
    why: str = ""


class Wrong(ValueError):
    """What happened does not fit the state: a programmer's mistake."""


_ORDERS = {
    Phase.IDLE: Order.NOTHING,
    Phase.STAGED: Order.INSTALL,
    Phase.INSTALLED: Order.ARM,
    Phase.TRYING: Order.TRY,
    Phase.KEPT: Order.SETTLE,
    Phase.BACK: Order.RETURN,
}


def order(state: State) -> Order:
    """Return what is to be done now."""
    return _ORDERS[state.phase]


def fresh(*, current: str, good: str) -> State:
    """Return the state of a box that has none: new, or its file cannot be read. What was not confirmed is given up."""
    floor = good
    if current == good:
        return State(good=good, floor=floor)
    return State(phase=Phase.BACK, good=good, target=current, floor=floor, why="update.failed.state")


def begun(state: State, version: str) -> State:
    """Return the state once the packages of a newer version are on the disk."""
    if state.phase is not Phase.IDLE or not newer(version, state.floor):
        raise Wrong(state.phase, version)
    return state.model_copy(update={"phase": Phase.STAGED, "target": version, "trials": 0, "why": ""})


def after(state: State, happened: Happened, *, why: str = "") -> State:
    """Return the state that follows."""
    if happened is Happened.CUT:
        return _cut(state)
    failed = happened is Happened.FAILED
    match state.phase:
        case Phase.STAGED:
            return _given_up(state, why) if failed else _at(state, Phase.INSTALLED)
        case Phase.INSTALLED if not failed:
            return state.model_copy(update={"phase": Phase.TRYING, "trials": 1})
        case Phase.TRYING:
            return _given_up(state, why) if failed else _at(state, Phase.KEPT)
        case Phase.KEPT if not failed:
            return State(
                good=state.target,
                previous=state.good,
                floor=highest([state.floor, state.target]),
                failed=tuple(each for each in state.failed if each != state.target),
            )
        case Phase.BACK if not failed:
            others = [each for each in state.failed if each != state.target]
            told = (*others, state.target)[-_MOST_FAILED:]
            return State(
                good=state.good, previous=state.previous, floor=state.floor, failed=told, why=state.why
            )
    raise Wrong(state.phase, happened)


def _cut(state: State) -> State:
    if state.phase is not Phase.TRYING:
        return state
    if state.trials >= MOST_TRIALS:
        return _given_up(state, "update.failed.cut")
    return state.model_copy(update={"trials": state.trials + 1})


def _given_up(state: State, why: str) -> State:
    return state.model_copy(update={"phase": Phase.BACK, "why": why})


def _at(state: State, phase: Phase) -> State:
    return state.model_copy(update={"phase": phase})
