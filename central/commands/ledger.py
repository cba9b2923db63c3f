"""`minyi import-ledger`: petitions and their answers out of a spreadsheet."""

import os
from pathlib import Path
from typing import Annotated, Any

import typer

from central import db
from central.actor import Via, system
from central.commands.common import Data, Json, complain, is_terminal, open_context, refusals, say, show
from central.context import Context
from central.courts import queries as courts
from central.courts.models import Court
from central.intake import mapping as mappings
from central.intake import queries, report, service, work
from central.intake.heads import Layout
from central.intake.mapping import Said
from central.intake.rows import Refusal
from central.web.catalogue import catalogue
from shared.i18n import Lang

#: Rows that did not go in and are named on the screen; the report has all.
NAMED = 20
Outcome = tuple[dict[str, Any], list[Refusal]]


def import_ledger(
    file: Annotated[Path, typer.Argument(help="The ledger, an .xlsx file.")],
    court: Annotated[str, typer.Option(help="Code of the court whose ledger it is, as 辽0102.")],
    mapping: Annotated[Path | None, typer.Option(help="TOML file that says which column holds what.")] = None,
    report_to: Annotated[
        Path | None, typer.Option("--report", help="Write the rows that did not go in to this .xlsx file.")
    ] = None,
    data: Data = None,
    *,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would happen and write nothing.")
    ] = False,
    json: Json = False,
) -> None:
    """Import petitions with their answers from a spreadsheet; what is in already is left as it is."""
    context = open_context(data)
    lang = context.settings.language
    if report_to is not None and not os.access(report_to.resolve().parent, os.W_OK):
        complain("intake.command.report_folder", lang, path=report_to)
    with refusals(lang):
        found, missing = _carried_out(context, file, court, _said(mapping, lang), dry_run=dry_run, quiet=json)
    if report_to is not None:
        report.write(report_to, _counts(found), missing, _say(lang))
    show(found, as_json=json)
    if not json:
        _name(missing, lang)


def _said(path: Path | None, lang: str) -> Said:
    if path is None:
        return Said()
    try:
        return mappings.parse(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        complain("intake.mapping.unreadable", lang, path=path, reason=error)


def _carried_out(
    context: Context, file: Path, code: str, said: Said, *, dry_run: bool, quiet: bool
) -> Outcome:
    if not file.is_file():
        complain("intake.file.missing", context.settings.language, path=file)
    with context.read() as s:
        court = courts.by_code(s, code)
    looked = service.look(file, context.settings.imports, sheet=said.sheet)
    layout = service.lay_out(looked, said)
    if dry_run:
        ledger = work.ledger_of(layout, court.code, said.channel, context.clock)
        counts, missing = work.rehearse(context, ledger, file, looked.sheet)
        refused = len(missing) - len(counts.changed)
        return {
            "dry_run": True,
            "taken": counts.taken,
            "known": counts.known,
            "changed": len(counts.changed),
            "refused": refused,
        }, missing
    return _imported(context, file, court, looked.sheet, layout, said, quiet=quiet)


def _imported(
    context: Context, file: Path, court: Court, sheet: str, layout: Layout, said: Said, *, quiet: bool
) -> Outcome:
    by, now = system(Via.COMMAND), context.clock.now()
    digest = service.digest_of(file)
    with db.unit_of_work(context.engine) as s:
        kept = work.stored(layout, sheet, said.channel)
        made = service.create(
            s, court_id=court.id, file_name=file.name, file_digest=digest, by=by, now=now, layout=kept
        )
    done = work.run(context, made.id, file, progress=work.silent if quiet else _progress)
    with context.read() as s:
        missing = list(queries.refusals(s, done.id))
    return {"dry_run": False, "import": done.id.hex, **work.figures(done)}, missing


def _progress(done: int, total: int) -> None:
    if is_terminal():
        typer.echo(f"\r{done:,} / {total:,} ", nl=done >= total, err=True)
    else:
        typer.echo(f"{done} / {total}", err=True)


def _say(lang: str) -> report.Say:
    return lambda key, values: catalogue().text(key, Lang(lang), **values)


def _counts(found: dict[str, Any]) -> dict[str, int]:
    return {name: found[name] for name in ("taken", "known", "changed", "refused")}


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
