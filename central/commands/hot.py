"""`minyi hot`: group anew, and print the issues of a quarter."""

from typing import Annotated

import typer

from central.actor import Via, system
from central.commands.common import Data, Json, complain, open_existing, refusals, say, show
from central.courts import queries as courts
from central.hot import queries, service
from central.hot.rules import latest
from shared.clock import court_day


def hot(
    data: Data = None,
    *,
    json: Json = False,
    period: Annotated[
        str, typer.Option("--period", help="Quarter, as 2026Q4; the present one without.")
    ] = "",
    court: Annotated[str, typer.Option("--court", help="Code of one court.")] = "",
) -> None:
    """Group petitions of the last quarters by what they are about; groups under five are not shown."""
    context = open_existing(data)
    known = latest(court_day(context.clock.now()), service.QUARTERS)
    quarter = next((each for each in known if str(each) == (period or str(known[0]))), None)
    if quarter is None:
        complain("hot.bad_period", context.settings.language, known=", ".join(str(each) for each in known))
    if court:
        with refusals(context.settings.language), context.read() as s:
            courts.by_code(s, court)
    service.run(context, force=True)
    with context.read() as s:
        found = queries.listed(s, actor=system(Via.COMMAND), quarter=quarter, court=court)
    rows = [
        {
            "words": list(each.words),
            "count": each.count,
            "since": each.since.isoformat(),
            "before": each.before,
            "growth": each.growth,
            "courts": {cell.court.code: cell.count for cell in each.courts},
        }
        for each in found
    ]
    if json:
        show({"period": str(quarter), "issues": rows}, as_json=True)
        return
    for each in found:
        typer.echo(f"{each.count}  {' · '.join(each.words)}  {each.since.isoformat()}")
    if not found:
        say("hot.none", context.settings.language)
