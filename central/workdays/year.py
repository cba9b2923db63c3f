"""One year as a page shows it: months of weeks, holidays in a row, worked weekends. Pure."""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from central.deadlines.calendar import DayKind, Status, shipped_names
from central.deadlines.entries import InForce

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Cell:
    """One day. `name`: as entered; `code`: of a shipped holiday."""

    day: date
    kind: DayKind
    name: str = ""
    code: str = ""
    entered: bool = False


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days off in a row, of one holiday."""

    first: Cell
    last: Cell

    @property
    def days(self) -> int:
        """Length in days."""
        return (self.last.day - self.first.day).days + 1


@dataclass(frozen=True, slots=True)
class Year:
    """Twelve months, each of weeks from Monday on, with None where another month begins."""

    year: int
    status: Status
    months: tuple[tuple[tuple[Cell | None, ...], ...], ...]
    holidays: tuple[Stretch, ...]
    worked: tuple[Cell, ...]


def year_of(found: InForce, year: int) -> Year:
    """Return a year by the calendar in force."""
    cells = {day: _cell(found, day) for day in _days(year)}
    weeks = months.Calendar()
    shown = tuple(
        tuple(
            tuple(cells[day] if day.month == month and day.year == year else None for day in week)
            for week in weeks.monthdatescalendar(year, month)
        )
        for month in range(1, 13)
    )
    worked = tuple(cell for cell in cells.values() if cell.kind is DayKind.WORKED_WEEKEND)
    status = found.calendar.status(date(year, 7, 15))
    return Year(year, status, shown, tuple(_stretches(list(cells.values()))), worked)


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        if day == date.max:
            return
        day += _DAY


def _cell(found: InForce, day: date) -> Cell:
    kind = found.calendar.kind(day)
    if day in found.entered:
        return Cell(day, kind, name=found.entered[day][1].name, entered=True)
    replaced = any(entry.whole and entry.year == day.year for entry, _ in found.entered.values())
    return Cell(day, kind, code="" if replaced else shipped_names().get(day, ""))


def _stretches(cells: list[Cell]) -> Iterator[Stretch]:
    """Yield the holidays: days off in a row that hold a holiday, with the weekends they touch when those have its name."""
    run: list[Cell] = []
    for cell in cells:
        off = cell.kind in {DayKind.HOLIDAY, DayKind.WEEKEND}
        belongs = off and (cell.kind is DayKind.HOLIDAY or bool(cell.name or cell.code or cell.entered))
        same = run and (cell.name, cell.code) == (run[-1].name, run[-1].code)
        if run and not (belongs and same and (cell.day - run[-1].day).days == 1):
            yield Stretch(run[0], run[-1])
            run = []
        if belongs:
            run.append(cell)
    if run:
        yield Stretch(run[0], run[-1])
