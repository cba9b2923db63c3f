"""The report of a court: its own duties, those of the courts below, month by month. From the counts of all cells: pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from central.courts.queries import AnyCourt
from central.obligations.rules import Period, Tally, months, total


@dataclass(frozen=True, slots=True)
class Part:
    """One line by court: the court alone, or with all below it."""

    court: AnyCourt
    tally: Tally
    below: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What a court and those below it owed of one duty."""

    court: AnyCourt
    total: Tally
    parts: Sequence[Part]
    months: Sequence[tuple[int, Tally]]


def roots(courts: Sequence[AnyCourt]) -> list[AnyCourt]:
    """Return those courts that stand below none of the others: where somebody with several grants may begin."""
    found: list[AnyCourt] = []
    for court in sorted(courts, key=lambda each: each.path):
        if not any(court.path.startswith(root.path) for root in found):
            found.append(court)
    return found


def within(courts: Iterable[AnyCourt], top: AnyCourt) -> list[AnyCourt]:
    """Return `top` and the courts below it, in the order of the tree."""
    return sorted((each for each in courts if each.path.startswith(top.path)), key=lambda each: each.path)


def made(
    top: AnyCourt, courts: Sequence[AnyCourt], period: Period, cells: Mapping[tuple[UUID, int], Tally]
) -> Report:
    """Return the report of `top` over `courts`, which are `top` and those below it that may be seen."""
    by_month = {month: Tally() for month in months(period.first, period.last)}
    by_court = {court.id: Tally() for court in courts}
    for (court_id, month), tally in cells.items():
        by_month[month] += tally
        by_court[court_id] += tally
    parts = [Part(top, by_court[top.id], below=False)]
    for child in _next_below(top, courts):
        own = total(by_court[each.id] for each in within(courts, child))
        parts.append(Part(child, own, below=True))
    return Report(top, total(by_month.values()), parts, list(by_month.items()))


def _next_below(top: AnyCourt, courts: Sequence[AnyCourt]) -> list[AnyCourt]:
    """Return the courts of the next level; where a level between may not be seen, those under it."""
    below = [court for court in courts if court.id != top.id]
    paths = {court.path for court in below}
    return [
        court
        for court in below
        if not any(path != court.path and court.path.startswith(path) for path in paths)
    ]


@dataclass(frozen=True, slots=True)
class Bar:
    """One piece of a bar of the chart, in the units of its drawing."""

    kind: str
    x: int
    y: float
    width: int
    height: float
    count: int


@dataclass(frozen=True, slots=True)
class Column:
    """One month of the chart."""

    month: int
    x: int
    bars: Sequence[Bar]


WIDTH, HEIGHT, GAP = 720, 160, 8
#: From the ground upwards; what is neither of the first four is drawn together.
_DRAWN = ("in_time", "late", "open_overdue", "open_in_time")


def drawn(found: Sequence[tuple[int, Tally]]) -> list[Column]:
    """Return the months as bars over each other, the highest as high as the drawing."""
    highest = max((tally.owed for _, tally in found), default=0) or 1
    step = max(GAP + 2, WIDTH // max(1, len(found)))
    return [
        Column(month, place * step, _bars(tally, place * step, step - GAP, highest))
        for place, (month, tally) in enumerate(found)
    ]


def _bars(tally: Tally, x: int, width: int, highest: int) -> list[Bar]:
    bars, ground = list[Bar](), float(HEIGHT)
    counts = [(kind, int(getattr(tally, kind))) for kind in _DRAWN]
    rest = tally.owed - sum(count for _, count in counts)
    for kind, count in [*counts, ("other", rest)]:
        height = round(HEIGHT * count / highest, 2)
        ground = round(ground - height, 2)
        if count:
            bars.append(Bar(kind, x, ground, width, height, count))
    return bars
