"""`minyi matters`: candidates of one petition, and everything that was kept for finding them made anew."""

from typing import Annotated

import typer

from central import db
from central.actor import Via, system
from central.commands.common import Data, Json, complain, open_existing, say, show
from central.courts import queries as courts
from central.matters import following, queries, rules
from central.petitions import queries as petitions

app = typer.Typer(help="Petitions that may be of one matter.", no_args_is_help=True)


@app.command("find")
def find(
    number: Annotated[str, typer.Argument(help="Receipt number.")], data: Data = None, *, json: Json = False
) -> None:
    """Print which petitions may be of one matter with a petition, and why."""
    context = open_existing(data)
    following.run(context)
    with context.read() as s:
        petition_id = petitions.visible_number(s, number.strip(), actor=system(Via.COMMAND))
        if petition_id is None:
            complain("matters.no_such_number", context.settings.language, number=number)
        petition = petitions.found(s, petition_id)
        court = courts.get(s, petition.court_id)
        found = rules.trimmed(queries.found(s, queries.sought(s, petition, court.path)))
        numbers = petitions.numbers(s, set(found), actor=system(Via.COMMAND))
    rows = [
        {
            "number": numbers[key],
            "reasons": list(each.reasons),
            "alike": each.alike,
            "words": list(each.words),
        }
        for key, each in found.items()
    ]
    if json:
        show({"number": number.strip(), "candidates": rows}, as_json=True)
        return
    for row in rows:
        typer.echo(f"{row['number']}  {', '.join(row['reasons'])}  {row['alike']:.2f}")  # type: ignore[arg-type]
    if not rows:
        say("matters.none", context.settings.language)


@app.command("rebuild")
def rebuild(data: Data = None) -> None:
    """Read all petitions anew: after a restore, or to be sure."""
    context = open_existing(data)
    with db.unit_of_work(context.engine) as s:
        following.rebuild(s)
    say("matters.rebuilt", context.settings.language, count=following.run(context))
