"""`minyi calendar`: show a year, enter a holiday notice from a file."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import typer

from central import db
from central.actor import Via, system
from central.commands.common import BAD_USE, Data, Json, complain, open_existing, refusals, say, show
from central.context import Context
from central.deadlines import in_force
from central.deadlines.calendar import Status
from central.errors import Invalid
from central.recounting import work
from central.web.catalogue import catalogue
from central.workdays import queries, service
from central.workdays.drafts import FIRST_YEAR, LAST_YEAR, Draft, draft_of, problems_of
from central.workdays.files import KINDS, MOST_BYTES, read_file
from central.workdays.notices import Notice
from central.workdays.year import Cell, year_of
from shared.clock import court_day
from shared.i18n import Lang

app = typer.Typer(help="The working days by which periods are counted.", no_args_is_help=True)


@app.command("show")
def show_year(
    year: Annotated[int, typer.Argument(help="The year, as 2027.", min=FIRST_YEAR, max=LAST_YEAR)],
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Print days off and worked weekends of a year, and whether its notice is known."""
    context = open_existing(data)
    lang = context.settings.language
    with context.read() as s:
        found = in_force.in_force(s)
    shown = year_of(found, year)
    if json:
        show(
            {
                "year": year,
                "status": shown.status,
                "version": found.calendar.version,
                "off": [
                    {"name": _name(each.first, lang), "first": each.first.day, "last": each.last.day}
                    for each in shown.holidays
                ],
                "worked": [each.day.isoformat() for each in shown.worked],
            },
            as_json=True,
        )
        return
    status = catalogue().text(f"workdays.statuses.{shown.status}", Lang(lang))
    say("workdays.command.shown", lang, year=year, status=status, version=found.calendar.version)
    for stretch in shown.holidays:
        first, last = stretch.first, stretch.last
        say("workdays.command.off", lang, name=_name(first, lang), first=first.day, last=last.day)
    for cell in shown.worked:
        say("workdays.command.worked", lang, day=cell.day, name=_name(cell, lang))


@app.command("import")
def import_notice(
    file: Annotated[Path, typer.Argument(help="The notice: .csv, .toml, .json, or its text as .txt.")],
    year: Annotated[int | None, typer.Option(help="The year, where the file does not name it.")] = None,
    status: Annotated[str, typer.Option(help="published or estimated.")] = "published",
    data: Data = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change and save nothing.")
    ] = False,
    leave_unread: Annotated[
        bool, typer.Option("--leave-unread", help="Save although some sentences were not understood.")
    ] = False,
    json: Json = False,
) -> None:
    """Enter a year's holiday notice and count the running periods anew."""
    context = open_existing(data)
    lang = context.settings.language
    with refusals(lang):
        notice, draft = _read(file, year, status, lang)
    if notice.unread and not leave_unread:
        say("workdays.command.not_read", lang)
        for each in notice.unread:
            typer.echo(f"  {each}")
        raise typer.Exit(BAD_USE)
    with refusals(lang):
        found = _foreseen(context, draft) if dry_run else _entered(context, draft)
    if json:
        show(found, as_json=True)
    elif dry_run:
        say("workdays.command.would", lang, days=len(found["changed"]), moved=found["moved"])
    else:
        say("workdays.command.entered", lang, version=found["version"], moved=found["moved"])


def _read(file: Path, year: int | None, status: str, lang: str) -> tuple[Notice, Draft]:
    kind = file.suffix.lower().lstrip(".")
    if kind not in KINDS:
        raise Invalid("workdays.file_kind")
    if status not in {"published", "estimated"}:
        raise Invalid("workdays.choose_status")
    try:
        with file.open("rb") as source:
            content = source.read(MOST_BYTES + 1)
    except OSError:
        complain("workdays.command.no_file", lang, path=file)
    notice, said = read_file(content, cast("Literal['csv', 'toml', 'json', 'txt']", kind), year)
    _refuse(notice.problems)
    whole = year or notice.year
    if whole is None:
        raise Invalid(
            "workdays.problem.year_missing" if notice.off or notice.worked else "workdays.problem.empty"
        )
    draft = draft_of(notice, year=whole, status=said or cast("Status", status))
    _refuse(problems_of(draft))
    return notice, draft


def _refuse(problems: Any) -> None:
    if problems:
        raise Invalid(f"workdays.problem.{problems[0].key}", **problems[0].values)


def _foreseen(context: Context, draft: Draft) -> dict[str, Any]:
    with context.read() as s:
        change = service.foreseen(s, draft)
        effect = queries.effect(s, change, court_day(context.clock.now()))
    return _said(draft, change.days, change.after.calendar.version, effect.moved)


def _entered(context: Context, draft: Draft) -> dict[str, Any]:
    with db.unit_of_work(context.engine) as s:
        change = service.foreseen(s, draft)
        entered = service.enter(s, draft=draft, by=system(Via.COMMAND), now=context.clock.now())
    moved = work.carry_out(context, entered.id)
    return _said(draft, change.days, change.after.calendar.version, moved)


def _said(draft: Draft, days: tuple[date, ...], version: str, moved: int) -> dict[str, Any]:
    changed = [day.isoformat() for day in days]
    return {
        "year": draft.year,
        "status": draft.status,
        "version": version,
        "changed": changed,
        "moved": moved,
    }


def _name(cell: Cell, lang: str) -> str:
    key = f"workdays.holiday.{cell.code}" if cell.code else "workdays.unnamed"
    return cell.name or catalogue().text(key, Lang(lang))
