"""`minyi obligations`: what a court and those below it owed in a month, and what became of it."""

from functools import partial
from typing import Annotated, Any

import typer

from central.actor import Via, system
from central.commands.common import Data, Json, complain, open_existing, refusals, show
from central.context import Context
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines.duties import DUTIES
from central.obligations import queries, report
from central.obligations.files import percent
from central.obligations.rules import PARTS, Period, Tally, month_text, read_month
from central.web.catalogue import catalogue
from shared.clock import court_day
from shared.i18n import Lang

FORMULA = "in_time / (in_time + late + open_overdue)"


def obligations(
    court: Annotated[
        str, typer.Option(help="Code of the court, as 辽0102; those below it are counted with it.")
    ],
    month: Annotated[str, typer.Option(help="Month in which the duties arose, as 2026-10.")],
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Print the obligations of a court and month: owed, in time, late, open and overdue, excused, and the rate."""
    context = open_existing(data)
    lang = context.settings.language
    number = read_month(month)
    if number is None:
        complain("obligations.command.bad_month", lang, month=month)
    with refusals(lang):
        found = _found(context, court, number)
    if json:
        show(found, as_json=True)
        return
    for line in _lines(found, lang):
        typer.echo(line)


def _found(context: Context, code: str, month: int) -> dict[str, Any]:
    today = court_day(context.clock.now())
    with context.read() as s:
        top = courts.by_code(s, code)
        below = list(courts.below(s, top.path))
        duties = {}
        for duty in DUTIES:
            asked = queries.Asked(duty, below, Period(month, month), today)
            cells = queries.tallies(s, asked, actor=system(Via.COMMAND))
            duties[duty] = _duty(report.made(top, below, asked.period, cells), cells, below)
        return {
            "court": top.code,
            "name": top.name,
            "month": month_text(month),
            "as_of": today.isoformat(),
            "formula": FORMULA,
            "duties": duties,
        }


def _duty(made: report.Report, cells: Any, below: list[Court]) -> dict[str, Any]:
    own = {court.id: court.code for court in below}
    by_court = {
        own[court_id]: _numbers(tally)
        for (court_id, _), tally in sorted(cells.items(), key=lambda c: own[c[0][0]])
    }
    return {
        **_numbers(made.total),
        "courts": {code: numbers for code, numbers in by_court.items() if numbers["owed"]},
    }


def _numbers(tally: Tally) -> dict[str, Any]:
    return {
        "owed": tally.owed,
        **{str(part): tally.of(part) for part in PARTS},
        "measured": tally.measured,
        "rate": tally.rate,
    }


def _say(lang: Lang, key: str, **values: object) -> str:
    return catalogue().text(key, lang, **values)


def _lines(found: dict[str, Any], lang: str) -> list[str]:
    say = partial(_say, Lang(lang))
    lines = [
        say(
            "obligations.command.head",
            court=found["name"],
            code=found["court"],
            month=found["month"],
            date=found["as_of"],
        ),
        say("obligations.formula"),
    ]
    for duty, numbers in found["duties"].items():
        lines.append(say("obligations.command.line", duty=say(f"deadlines.rule.{duty}"), **numbers))
        tally = Tally(*(numbers[part] for part in PARTS))
        if tally.measured:
            worked = say("obligations.formula_numbers", **{**numbers, "rate": percent(tally)})
            lines.append(say("obligations.command.rate", numbers=worked))
    return lines
