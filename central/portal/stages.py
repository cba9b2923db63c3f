"""Where a petition stands, in the few steps that mean something to the petitioner: pure.

Drafting, approving and sending back are work inside the court: to the petitioner all of it is "being handled".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from central.events.kinds import Kind
from central.petitions.states import UNDER_REVIEW, State

_FRONT = frozenset({State.REGISTERED, State.TRANSFERRED, State.AWAITING_SUPPLEMENT})
_INSIDE = frozenset({State.ASSIGNED, State.HANDLING, State.DRAFTED, State.APPROVED})
_Way = tuple[tuple[str, frozenset[State]], ...]


def _one(state: State) -> frozenset[State]:
    return frozenset({state})


_USUAL: _Way = (
    ("received", _FRONT),
    ("accepted", _one(State.ACCEPTED)),
    ("handled", _INSIDE),
    ("answered", _one(State.REPLIED)),
    ("asked", _one(State.FOLLOWED_UP) | UNDER_REVIEW),
    ("closed", _one(State.CLOSED)),
)
_DECLINED: _Way = (("received", _FRONT), ("declined", _one(State.DECLINED)), ("closed", _one(State.CLOSED)))
_LITIGATION: _Way = (
    ("received", _FRONT),
    ("to_litigation", _one(State.TO_LITIGATION)),
    ("closed", _one(State.CLOSED)),
)
_WAYS: dict[State, _Way] = {
    State.DECLINED: _DECLINED,
    State.TO_LITIGATION: _LITIGATION,
    State.WITHDRAWN: (("received", _FRONT), ("withdrawn", _one(State.WITHDRAWN))),
    State.MERGED: (("received", _FRONT), ("merged", _one(State.MERGED))),
}
#: Events after which it is clear which way a closed petition went.
_DECIDED: dict[Kind, _Way] = {
    Kind.PETITION_DECLINED: _DECLINED,
    Kind.PETITION_TO_LITIGATION: _LITIGATION,
    Kind.PETITION_ACCEPTED: _USUAL,
    Kind.PETITION_REOPENED: _USUAL,
    Kind.REPLY_ISSUED: _USUAL,
}


class Place(StrEnum):
    """Where a step lies from here."""

    DONE = "done"
    HERE = "here"
    AHEAD = "ahead"


@dataclass(frozen=True, slots=True)
class Stage:
    """One step; `portal.rail.<key>` names it."""

    key: str
    place: Place


def rail(state: State, kinds: Iterable[Kind]) -> tuple[Stage, ...]:
    """Return the steps of the way this petition goes. `kinds` are those of its events, oldest first."""
    way = _WAYS.get(state) or _taken(kinds)
    here = next(index for index, (_, states) in enumerate(way) if state in states)
    return tuple(Stage(key, _place(index, here)) for index, (key, _) in enumerate(way))


def stage_of(state: State) -> str:
    """Return the key of the sentence that says where it stands: `portal.stage.<key>`."""
    return State.HANDLING if state in _INSIDE - {State.ASSIGNED} else state


def _taken(kinds: Iterable[Kind]) -> _Way:
    way = _USUAL
    for kind in kinds:
        way = _DECIDED.get(kind, way)
    return way


def _place(index: int, here: int) -> Place:
    if index == here:
        return Place.HERE
    return Place.DONE if index < here else Place.AHEAD
