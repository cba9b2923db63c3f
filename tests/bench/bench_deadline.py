"""One deadline: microseconds by unit, with pauses and extension, beside the floor of plain date arithmetic in the same run."""

import time
from collections.abc import Callable
from datetime import date, timedelta

from central.deadlines.calendar import shipped_calendar
from central.deadlines.due import Pause, add_months, due
from central.deadlines.rules import Unit
from central.deadlines.shipped import shipped_rules
from tests.bench.rows import Options, Row, percentile

RULES, CALENDAR = shipped_rules(), shipped_calendar()
START = date(2026, 1, 5)
#: So many deadlines are reckoned in one breath, and so often; the median of the breaths counts.
LOT, ROUNDS = 200, 41
SIXTY = timedelta(days=60)


def _pauses(start: date) -> list[Pause]:
    return [(start + timedelta(days=at), start + timedelta(days=at + 5)) for at in (3, 20, 22, 40)]


def _micro(act: Callable[[date], object]) -> float:
    """Return the median microseconds of one call, over starts of a whole year."""
    days = [START + timedelta(days=offset) for offset in range(LOT)]
    taken = []
    for _ in range(ROUNDS):
        begin = time.perf_counter()
        for day in days:
            act(day)
        taken.append((time.perf_counter() - begin) / LOT)
    return percentile(taken, 0.5) * 1e6


def run(options: Options) -> list[Row]:
    """Return the microseconds of one due date, with its whole derivation, as a ratio to adding days to a date."""
    del options
    working = RULES.get("procedural_reply").model_copy(update={"unit": Unit.WORKING_DAYS})
    sixty, months = RULES.get("answer_class6"), RULES.get("answer")
    cases: dict[str, Callable[[date], object]] = {
        "7 working days": lambda day: due(working, day, CALENDAR),
        "60 calendar days": lambda day: due(sixty, day, CALENDAR),
        "3 months": lambda day: due(months, day, CALENDAR),
        "60 days, 4 pauses, 30 days more": lambda day: due(
            sixty, day, CALENDAR, pauses=_pauses(day), extension_days=30
        ),
    }
    floors: dict[str, Callable[[date], object]] = {
        "date + timedelta": lambda day: day + SIXTY,
        "add_months": lambda day: add_months(day, 3),
    }
    measured = {name: _micro(act) for name, act in floors.items()}
    rows = [Row(name, "one date", value, "us", rows=LOT * ROUNDS) for name, value in measured.items()]
    for name, act in cases.items():
        base = "add_months" if name == "3 months" else "date + timedelta"
        value = _micro(act)
        rows.append(Row(name, "one due date", value, "us", value / measured[base], base, rows=LOT * ROUNDS))
    return rows
