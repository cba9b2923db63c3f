"""`minyi keeping`: the schedule of keeping, and its sweep at once instead of at the next full hour."""

import typer

from central.commands.common import Data, Json, open_existing, refusals, say, settings, show
from central.context import Context
from central.intake import forgetting
from central.keeping import work
from central.keeping.rules import schedule as read_schedule

app = typer.Typer(help="How long petitions are kept, and what becomes of them.", no_args_is_help=True)


def keep(context: Context) -> dict[str, int]:
    """Carry out the schedule: petitions whose time is over, and old files of ledgers. Return what was done, empty if nothing."""
    files = forgetting.run(context)
    return work.run(context) | ({"files": files} if files else {})


@app.command("schedule")
def schedule(data: Data = None, *, json: Json = False) -> None:
    """Check the schedule in force and print it."""
    found = settings(data)
    with refusals(found.language):
        plan = read_schedule(found.keeping.schedule)
    if json:
        show(plan.model_dump(mode="json"), as_json=True)
        return
    say("keeping.schedule_right", found.language, version=plan.version)
    for each in plan.rule:
        typer.echo(f"{each.kind:12} {each.then:7} {each.years or ''}".rstrip())


@app.command("sweep")
def sweep(data: Data = None, *, json: Json = False) -> None:
    """Find petitions whose time is over, and erase what was announced long enough or agreed to."""
    context = open_existing(data)
    with refusals(context.settings.language):
        done = dict.fromkeys(("due", "decided", "erased", "files"), 0) | keep(context)
    if json:
        show(done, as_json=True)
    else:
        say("keeping.command.done", context.settings.language, **done)
