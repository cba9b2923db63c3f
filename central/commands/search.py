"""`minyi search`: how the index stands, and build it anew."""

import sys

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from central.commands.common import Data, Json, is_terminal, open_existing, refusals, say, show
from central.search import following, service
from central.web.catalogue import catalogue
from shared.i18n import Lang

app = typer.Typer(help="Full text search: how its index stands, and build it anew.", no_args_is_help=True)


@app.command("status")
def status(data: Data = None, *, json: Json = False) -> None:
    """Say how many petitions the index holds, how large it is, and how far behind the log."""
    context = open_existing(data)
    index = service.index_of(context.settings.data, context.vault, context.engine)
    with refusals(context.settings.language):
        found = following.standing(index.shelf, index.engine)
    if json:
        facts = {
            name: getattr(found, name)
            for name in ("petitions", "segments", "tail", "size", "behind", "built", "total")
        }
        show(
            {"state": "ready" if found.path else "building", **facts, "path": str(found.path or "")},
            as_json=True,
        )
        return
    lang = context.settings.language
    if found.path is None:
        say("search.status_building", lang, built=found.built, total=found.total)
        return
    say(
        "search.status",
        lang,
        petitions=f"{found.petitions:,}",
        size=f"{found.size / 2**20:,.1f}",
        segments=found.segments,
    )
    say("search.status_behind" if found.behind else "search.status_up_to_date", lang, behind=found.behind)


@app.command("rebuild")
def rebuild(data: Data = None) -> None:
    """Build the index anew from the petitions; the one in use goes on serving. Stopped, the same command goes on where it was."""
    context = open_existing(data)
    index, lang = (
        service.index_of(context.settings.data, context.vault, context.engine),
        context.settings.language,
    )
    words = catalogue().text("search.rebuilding", Lang(lang))
    columns = (TextColumn(words), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with refusals(lang), Progress(*columns, disable=not is_terminal()) as bar:
        task, told = bar.add_task(words, total=None), [0]

        def progress(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)
            if not is_terminal() and done - told[0] >= 20_000:
                told[0] = done
                print(f"{words} {done}/{total}", file=sys.stderr, flush=True)  # noqa: T201 a line for a log

        following.rebuild(index.shelf, index.engine, progress=progress)
        while service.run(index):
            continue
        found = following.standing(index.shelf, index.engine)
    say("search.rebuilt", lang, petitions=f"{found.petitions:,}", size=f"{found.size / 2**20:,.1f}")
