"""`minyi import-ledger`: petitions and their answers out of a spreadsheet."""

import os
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer

from central import db
from central.actor import Via, system
from central.commands.common import Data, Json, complain, is_terminal, open_existing, refusals, say, show
from central.context import Context
from central.courts import queries as courts
from central.courts.models import Court
from central.intake import correcting, deciding, preview, queries, report, service, sources, undoing, work
from central.intake import mapping as mappings
from central.intake.heads import Layout
from central.intake.mapping import Said
from central.intake.models import Remark
from central.intake.rows import Refusal
from central.web.catalogue import catalogue
from shared.i18n import Lang

#: Rows that did not go in and are named on the screen; the report has all.
NAMED = 20
Outcome = tuple[dict[str, Any], list[Refusal]]
File = Annotated[Path, typer.Argument(help="The ledger: .xlsx, .xls, .ods, .csv, .tsv.")]
Sheet = Annotated[
    str | None, typer.Option(help="Name of the sheet; otherwise the first whose heads are known.")
]
HeadRow = Annotated[int | None, typer.Option(help="Row of the heads, 0 if there are none.")]
ReportTo = Annotated[
    Path | None, typer.Option("--report", help="Write what became of the rows to this .xlsx file.")
]
CorrectTo = Annotated[
    Path | None,
    typer.Option(
        "--correct",
        help="Write the rows that did not go in to this .xlsx file, to be corrected and imported.",
    ),
]
Import = Annotated[UUID, typer.Argument(help="The import, as import-ledger names it.")]
ledger_app = typer.Typer(no_args_is_help=True, help="Imports of ledgers: decide doubles, stop, undo.")


class Doubles(StrEnum):
    """What becomes of rows that look like one that is here."""

    HOLD = "hold"
    TAKE = "take"
    LEAVE = "leave"


@dataclass(frozen=True)
class Asked:
    """What the command line says of the file."""

    file: Path
    court: str
    said: Said
    head_row: int | None
    doubles: str
    source: str


def import_ledger(
    file: File,
    court: Annotated[str, typer.Option(help="Code of the court whose ledger it is, as 辽0102.")],
    mapping: Annotated[Path | None, typer.Option(help="TOML file that says which column holds what.")] = None,
    sheet: Sheet = None,
    head_row: HeadRow = None,
    source: Annotated[str, typer.Option(help="Keep the columns under this name, and use what is kept.")] = "",
    doubles: Annotated[Doubles, typer.Option(help="Rows that are perhaps double.")] = Doubles.HOLD,
    report_to: ReportTo = None,
    correct_to: CorrectTo = None,
    data: Data = None,
    *,
    look: Annotated[
        bool,
        typer.Option("--look", help="Show the columns and the first rows as they would go in, and stop."),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Import petitions with their answers from a spreadsheet; what is in already is left as it is."""
    context = open_existing(data)
    lang = context.settings.language
    for target in (report_to, correct_to):
        if target is not None and not os.access(target.resolve().parent, os.W_OK):
            complain("intake.command.report_folder", lang, path=target)
    asked = Asked(file, court, _said(mapping, lang, sheet), head_row, doubles.value, source)
    if look:
        with refusals(lang):
            looked = _looked(context, asked)
        _show_look(looked, lang, as_json=json)
        return
    with refusals(lang):
        found, missing = _carried_out(context, asked, dry_run=dry_run, quiet=json)
    if report_to is not None:
        report.write(report_to, _counts(found), missing, _say(lang))
    if correct_to is not None:
        with refusals(lang):
            _correct(context, asked, correct_to, missing)
    show(found, as_json=json)
    if not json:
        _name([each for each in missing if each.kind == Remark.REFUSED], lang)


@ledger_app.command("decide")
def decide(
    import_id: Import,
    row: Annotated[
        int | None, typer.Option(help="Row of the sheet; otherwise all that are held back.")
    ] = None,
    data: Data = None,
    *,
    take: Annotated[bool, typer.Option("--take/--leave", help="Take the rows, or leave them out.")],
    json: Json = False,
) -> None:
    """Decide rows that were held back as doubles."""
    context = open_existing(data)
    by, now = system(Via.COMMAND), context.clock.now()
    with refusals(context.settings.language):
        with db.unit_of_work(context.engine) as s:
            queries.by_id(s, import_id)
            if row is not None:
                remark = queries.double_of(s, import_id, row)
                deciding.one(s, import_id=import_id, remark_id=remark, take=take, by=by, now=now)
            elif take:
                deciding.take_all(s, import_id=import_id)
            else:
                deciding.leave_all(s, import_id=import_id, by=by, now=now)
        if take and row is None:
            deciding.run(context, import_id)
    _show_import(context, import_id, as_json=json)


@ledger_app.command("cancel")
def cancel(import_id: Import, data: Data = None, *, json: Json = False) -> None:
    """Stop an import that is under way; what is in stays in."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        queries.by_id(s, import_id)
        service.cancel(s, import_id=import_id, now=context.clock.now())
    _show_import(context, import_id, as_json=json)


@ledger_app.command("undo")
def undo(import_id: Import, data: Data = None, *, json: Json = False) -> None:
    """Take back all that came in by an import; what somebody acted on since stays."""
    context = open_existing(data)
    with refusals(context.settings.language):
        with db.unit_of_work(context.engine) as s:
            queries.by_id(s, import_id)
            service.undo(s, import_id=import_id)
        undoing.run(context, import_id)
    _show_import(context, import_id, as_json=json)


def _show_import(context: Context, import_id: UUID, *, as_json: bool) -> None:
    with context.read() as s:
        work_ = queries.by_id(s, import_id)
        found = {"import": work_.id.hex, "stage": work_.stage, **work.figures(work_)}
        show(found | {"undone": work_.undone, "kept": work_.kept}, as_json=as_json)


def _looked(context: Context, asked: Asked) -> preview.Preview:
    if not asked.file.is_file():
        complain("intake.file.missing", context.settings.language, path=asked.file)
    with context.read() as s:
        court = courts.by_code(s, asked.court)
        known = sources.of_court(s, court.id)
        named = [each for each in known if each.name == asked.source]
        posted: dict[str, Any] = {"sheet": asked.said.sheet, "channel": asked.said.channel}
        if named:
            posted["saved"] = str(named[0].id)
        if asked.head_row is not None:
            posted["head_row"] = str(asked.head_row)
        return preview.of_file(
            asked.file,
            context.settings.imports,
            said=posted,
            columns=asked.said.columns,
            court=court,
            now=context.clock.now(),
            known=known,
        )


def _show_look(seen: preview.Preview, lang: str, *, as_json: bool) -> None:
    say_ = _say(lang)
    show(preview.as_data(seen, lambda each: report.sentence(each, say_)), as_json=as_json)


def _said(path: Path | None, lang: str, sheet: str | None) -> Said:
    said = Said()
    if path is not None:
        try:
            with refusals(lang):
                said = mappings.parse(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            complain("intake.mapping.unreadable", lang, path=path, reason=error)
    return replace(said, sheet=sheet) if sheet is not None else said


def _carried_out(context: Context, asked: Asked, *, dry_run: bool, quiet: bool) -> Outcome:
    seen = _looked(context, asked)
    layout = preview.layout_of(seen, asked.said)
    with context.read() as s:
        court = courts.by_code(s, asked.court)
    if dry_run:
        ledger = work.ledger_of(layout, court, seen.channel, context.clock.now(), doubles_are=asked.doubles)
        counts, missing = work.rehearse(context, ledger, asked.file, seen.looked.sheet, court_id=court.id)
        return {"dry_run": True, **counts}, missing
    return _imported(context, asked, court, seen, layout, quiet=quiet)


def _imported(
    context: Context, asked: Asked, court: Court, seen: preview.Preview, layout: Layout, *, quiet: bool
) -> Outcome:
    by, now = system(Via.COMMAND), context.clock.now()
    digest = service.digest_of(asked.file)
    with db.unit_of_work(context.engine) as s:
        kept = work.stored(layout, seen.looked.sheet, seen.channel, asked.doubles)
        made = service.create(
            s, court_id=court.id, file_name=asked.file.name, file_digest=digest, by=by, now=now, layout=kept
        )
        sources.keep(s, court_id=court.id, name=asked.source, layout=layout, channel=seen.channel, now=now)
    done = work.run(context, made.id, asked.file, progress=work.silent if quiet else _progress)
    with context.read() as s:
        missing = list(queries.refusals(s, done.id))
    return {"dry_run": False, "import": done.id.hex, "stage": done.stage, **work.figures(done)}, missing


def _correct(context: Context, asked: Asked, target: Path, missing: list[Refusal]) -> None:
    seen = _looked(context, asked)
    layout = preview.layout_of(seen, asked.said)
    refused = {each.number: each for each in missing if each.kind == Remark.REFUSED}
    rows = correcting.rows(asked.file, context.settings.imports, seen.looked.sheet, layout, refused)
    report.write_rows(target, layout.heads, rows, _say(context.settings.language))


def _progress(done: int, total: int) -> None:
    if is_terminal():
        typer.echo(f"\r{done:,} / {total:,} ", nl=done >= total, err=True)
    else:
        typer.echo(f"{done} / {total}", err=True)


def _say(lang: str) -> report.Say:
    return lambda key, values: catalogue().text(key, Lang(lang), **values)


def _counts(found: dict[str, Any]) -> dict[str, int]:
    return {name: found[name] for name in work.COUNTS}


def _name(missing: list[Refusal], lang: str) -> None:
    for each in missing[:NAMED]:
        say(
            "intake.command.row",
            lang,
            row=each.number,
            column=each.column,
            value=each.value[:60],
            reason=report.sentence(each, _say(lang)),
        )
    if len(missing) > NAMED:
        say("intake.command.more", lang, count=len(missing) - NAMED)
