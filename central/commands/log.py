"""`minyi verify` and `minyi anchor`: check and seal the log of events."""

import sqlite3
from collections.abc import Callable
from typing import Any, TypeAlias

import psycopg
import structlog
import typer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError
from sqlmodel import Session

from central import db
from central.access.checks import check_entries
from central.backup.walkers import hands_for
from central.commands.common import (
    CHECK_FAILED,
    Data,
    Json,
    is_terminal,
    open_existing,
    say,
    show,
)
from central.context import Context
from central.documents.checks import check_files
from central.events import anchors, heads
from central.events.verify import Finding, Report
from central.events.verify import verify as verify_log
from central.keys import signing_key
from central.petitions.checks import check_numbers
from central.web.catalogue import catalogue
from shared.i18n import Lang

LOG = structlog.get_logger()
#: How many findings are listed; the first is always named.
LISTED = 20
#: Told how many events were walked so far.
Progress: TypeAlias = Callable[[int], None]


def verify(data: Data = None, *, json: Json = False) -> None:
    """Recompute every hash, chain and anchor and rebuild every row from the events; exit 1 if anything differs."""
    context = open_existing(data)
    report = run(context, progress=_counted if is_terminal() and not json else None)
    if json:
        show(as_figures(report), as_json=True)
    else:
        say_report(report, Lang(context.settings.language))
    if report.findings:
        raise typer.Exit(CHECK_FAILED)


def run(context: Context, *, progress: Progress | None = None) -> Report:
    """Verify the whole log in one read transaction. A database that cannot be read to its end is a finding too."""
    try:
        with db.session(context.engine, writes=False) as s:
            _one_snapshot(s)
            return verify_log(
                s,
                public_key=public_key(context),
                anchor_folder=context.settings.data / "anchors",
                copies=context.settings.log.copies,
                checks=(check_numbers, check_entries, check_files(context.settings.data)),
                progress=progress or _silent,
                hands=hands_for(s, context.vault, context.settings.database_url, still=False),
            )
    except (DatabaseError, sqlite3.DatabaseError, psycopg.DatabaseError) as error:
        reason = str(getattr(error, "orig", error)).splitlines()[0]
        return Report(findings=[Finding("database", 0, 0, "database_unreadable", reason)])


def public_key(context: Context) -> Ed25519PublicKey | None:
    """Return the key with which anchors are checked; None if its file is gone or damaged. Checking makes no new key."""
    keys = context.settings.data / "keys"
    if not (keys / "anchor.key").exists():
        return None
    try:
        return signing_key(keys, "anchor").public_key()
    except ValueError:
        return None


def _one_snapshot(s: Session) -> None:
    if not db.is_sqlite(s):
        s.connection().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))


def _silent(done: int) -> None:
    del done


def _counted(done: int) -> None:
    typer.echo(f"\r{done:,}", nl=False, err=True)


def as_figures(report: Report) -> dict[str, Any]:
    """Return the report as figures: counts, whether it is clean, the first broken link."""
    first = report.first
    return {
        "events": report.events,
        "streams": report.streams,
        "rows": report.rows,
        "anchors": report.anchors,
        "broken": len(report.findings),
        "first": first._asdict() if first else None,
    }


def say_report(report: Report, lang: Lang) -> None:
    """Print counts and findings, the first broken link first."""
    say(
        "verify.counts",
        lang,
        events=report.events,
        streams=report.streams,
        rows=report.rows,
        anchors=report.anchors,
    )
    if report.first is None:
        say("verify.clean", lang)
        return
    typer.echo(catalogue().text("verify.first", lang, finding=_sentence(report.first, lang)))
    for finding in [one for one in report.findings if one != report.first][:LISTED]:
        typer.echo(f"- {_sentence(finding, lang)}")
    say("verify.broken", lang, count=len(report.findings))


def _sentence(finding: Finding, lang: Lang) -> str:
    words = catalogue().text(f"verify.{finding.problem}", lang)
    place = f"{finding.stream}#{finding.seq}" if finding.seq else finding.stream
    event = f" (event {finding.event_id})" if finding.event_id else ""
    return f"{place}{event}: {words} [{finding.detail}]"


def anchor(data: Data = None, *, json: Json = False) -> None:
    """Seal the log now if the last finished day has no anchor yet."""
    context = open_existing(data)
    made = make_anchor(context)
    show({"anchored": made or ""}, as_json=json)


def make_anchor(context: Context) -> str | None:
    """Seal what is due; return the day, or None if nothing was."""
    data = context.settings.data
    (data / "anchors").mkdir(exist_ok=True)
    with db.unit_of_work(context.engine) as s:
        made = anchors.make_due(
            s, key=signing_key(data / "keys", "anchor"), folder=data / "anchors", now=context.clock.now()
        )
        return made.day.isoformat() if made else None


def make_head(context: Context) -> str | None:
    """Sign how far the log has come and take seals and heads to where they are kept; return the file's name."""
    data, kept = context.settings.data, context.settings.log
    folder = data / "anchors"
    with context.read() as s:
        made = heads.make(s, key=signing_key(data / "keys", "anchor"), folder=folder, now=context.clock.now())
    files = heads.unshipped(folder, kept.copies)
    for failed in heads.ship(files, folder=folder, to=kept.copies, command=kept.ship_command):
        LOG.warning("a seal was not taken elsewhere", reason=failed)
    return made.name if made else None
