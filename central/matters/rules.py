"""When two petitions may be of one matter, and what the Regulation says of it. Pure: a person decides, nothing here does."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import TypeVar

from central.petitions.states import State

_Key = TypeVar("_Key")
#: Texts alike count within so long before or after; the same number of a case or of a person always does.
WINDOW = timedelta(days=3 * 365)
#: Likeness from which texts are offered, in like place and elsewhere; measured in `tests/bench/bench_matters.py`.
ALIKE, ALIKE_ELSEWHERE = 0.2, 0.45
#: Of the best likeness, the least with which a text alone is still shown.
OF_BEST = 0.6
#: Candidates that are shown, the nearest first.
MOST = 12
#: Accepted, and not yet answered for good: the court below has it and is in time (art. 19 para 3).
ACCEPTED = frozenset(
    {
        State.ACCEPTED,
        State.ASSIGNED,
        State.HANDLING,
        State.DRAFTED,
        State.APPROVED,
        State.REPLIED,
        State.FOLLOWED_UP,
    }
)


class Reason(StrEnum):
    """Why two petitions may be of one matter, those that say most first."""

    CASE = "case"
    IDENTITY = "identity"
    PHONE = "phone"
    TEXT = "text"


class Verdict(StrEnum):
    """What a clerk found. The latest counts."""

    SAME = "same"
    DIFFERENT = "different"


class Article(StrEnum):
    """What the Regulation says where it is indeed the same matter."""

    #: Art. 19 para 3: a court below has accepted it and is in time; the court above does not accept it as well.
    ACCEPTED_BELOW = "accepted_below"
    #: Art. 36 para 3: settled by a delivered re-review; the same facts and reasons are not accepted again.
    RE_REVIEWED = "re_reviewed"


@dataclass(frozen=True, slots=True)
class Likely:
    """What speaks for one matter: reasons, and of the texts how alike they are (0 to 1) and the words they share."""

    reasons: tuple[Reason, ...]
    alike: float = 0.0
    words: tuple[str, ...] = ()

    @property
    def order(self) -> tuple[float, ...]:
        """Key by which the nearest comes first."""
        return (-sum(_SAYS[reason] for reason in self.reasons) - self.alike,)


_SAYS = {Reason.CASE: 2.0, Reason.IDENTITY: 1.0, Reason.PHONE: 0.6, Reason.TEXT: 0.5}


def near(one: str, other: str) -> bool:
    """Say whether two courts, given by their paths, are in one city, or one stands above the other."""
    return _city(one) == _city(other) or one.startswith(other) or other.startswith(one)


def _city(path: str) -> str:
    return "/".join(path.split("/")[:3])


def is_alike(alike: float, *, near_by: bool) -> bool:
    """Say whether texts are alike enough to be offered."""
    return alike >= (ALIKE if near_by else ALIKE_ELSEWHERE)


def is_below(path: str, of: str) -> bool:
    """Say whether the court at `path` stands below the court at `of`."""
    return path != of and path.startswith(of)


def accepted_below(state: str, *, is_open: bool, path: str, of: str) -> bool:
    """Say whether art. 19 para 3 speaks of a petition: accepted by a court below `of`, and still being handled."""
    return is_open and state in ACCEPTED and is_below(path, of)


def told_where_hidden(likely: Likely, *, registered: bool) -> bool:
    """Say whether somebody who may not see a petition is told that their court's neighbour has it, where no article speaks of it.

    Only of a petition on record, and only by what ties the matter itself: one case, or one person with texts alike. What is merely typed
    must not tell who petitioned elsewhere, nor about what; a person's number alone says that they petitioned, not that it is this matter.
    """
    reasons = set(likely.reasons)
    return registered and (Reason.CASE in reasons or (Reason.TEXT in reasons and len(reasons) > 1))


def trimmed(likely: Mapping[_Key, Likely]) -> dict[_Key, Likely]:
    """Return candidates, the nearest first, at most `MOST`; a text far less alike than the best shares common phrases alone."""
    best = max((each.alike for each in likely.values() if Reason.TEXT in each.reasons), default=0.0)
    kept = {
        key: each
        for key, each in likely.items()
        if each.reasons != (Reason.TEXT,) or each.alike >= best * OF_BEST
    }
    return dict(sorted(kept.items(), key=lambda each: each[1].order)[:MOST])
