"""How proposals did over time: taken, changed, silent, by month and by category, from counted choices. Pure.

Only choices that a version was asked about count; the proposal is the one made before anybody chose. Silence counts as saying nothing:
it lowers how much was found (recall), never how right what was said was (precision).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from central.sorting.judging import Of, Pairs, at_level, by_class, is_right, macro_f1
from central.sorting.scheme import FIGURES

#: Months shown, the present one included.
MONTHS = 12
#: Others that a category was mistaken for, shown beside it.
MOST_OTHERS = 3


@dataclass(frozen=True, slots=True)
class Counted:
    """So many choices of one month: what was chosen, what was proposed ("" for silence), whether a version was asked at all."""

    month: str
    code: str
    proposed: str
    asked: bool
    many: int


@dataclass(frozen=True, slots=True)
class Tally:
    """Choices of a month or of all; `taken`: chosen was what was proposed, or more exact; `changed`: something else."""

    chosen: int = 0
    asked: int = 0
    taken: int = 0
    changed: int = 0
    #: Macro-F1 of the first level and of whole codes, 0 to 1; None without a choice that a version was asked about.
    top: float | None = None
    whole: float | None = None

    @property
    def proposed(self) -> int:
        """How often something was proposed."""
        return self.taken + self.changed

    @property
    def silent(self) -> int:
        """How often a version was asked and said nothing."""
        return self.asked - self.proposed


@dataclass(frozen=True, slots=True)
class Line:
    """One category of the first level: how it did, and what was proposed in its place, most often first."""

    code: str
    of: Of
    others: Sequence[tuple[str, int]]


def months_to(month: str, many: int = MONTHS) -> list[str]:
    """Return `many` months up to `month`, oldest first."""
    year, number = int(month[:4]), int(month[5:7])
    places = range(year * 12 + number - many, year * 12 + number)
    return [f"{place // 12:04}-{place % 12 + 1:02}" for place in places]


def pairs_of(rows: Iterable[Counted]) -> Pairs:
    """Return what was chosen beside what was proposed, of choices that a version was asked about."""
    found = Counter[tuple[str, str]]()
    for row in rows:
        if row.asked:
            found[row.code, row.proposed] += row.many
    return found


def tally(rows: Sequence[Counted]) -> Tally:
    """Return the sums of some choices."""
    spoken = [each for each in rows if each.asked and each.proposed]
    taken = sum(each.many for each in spoken if is_right(each.code, each.proposed))
    pairs = pairs_of(rows)
    return Tally(
        chosen=sum(each.many for each in rows),
        asked=sum(each.many for each in rows if each.asked),
        taken=taken,
        changed=sum(each.many for each in spoken) - taken,
        top=macro_f1(at_level(pairs, 1)) if pairs else None,
        whole=macro_f1(pairs) if pairs else None,
    )


def by_month(rows: Sequence[Counted], months: Sequence[str]) -> list[tuple[str, Tally]]:
    """Return the sums of each month."""
    return [(month, tally([each for each in rows if each.month == month])) for month in months]


def by_category(rows: Sequence[Counted]) -> list[Line]:
    """Return how each category of the first level did."""
    pairs = at_level(pairs_of(rows), 1)
    found = []
    for code, of in by_class(pairs).items():
        wrong = Counter({said: many for (chosen, said), many in pairs.items() if chosen == code != said})
        found.append(Line(code, of, wrong.most_common(MOST_OTHERS)))
    return found


def confusion(rows: Sequence[Counted]) -> Mapping[tuple[str, str], int]:
    """Return how often each category of the first level was chosen where each was proposed, "" for none."""
    return at_level(pairs_of(rows), 1)


def cut(code: str) -> str:
    """Return the first level of a code."""
    return code[:FIGURES]
