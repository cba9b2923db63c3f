"""The command `minyi`."""

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from central import db, demo, memory, serve
from central.app import routes
from central.commands import (
    backup,
    boxes,
    calendar,
    common,
    deadlines,
    doctor,
    hot,
    keeping,
    keys,
    ledger,
    letter,
    log,
    matters,
    neglect,
    obligations,
    province,
    reminders,
    scan,
    search,
    simulate,
    staff,
    suggest,
)
from central.commands.common import Data, Json
from central.commands.common import settings as read_settings
from central.settings import describe

app = typer.Typer(
    help="Minyi: every petition gets an answer, in time, from a named person, and anyone can check it.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(province.token_app, name="token")
app.add_typer(province.admin_app, name="admin")
app.add_typer(staff.staff_app, name="staff")
app.add_typer(boxes.app, name="boxes")
app.add_typer(keys.app, name="keys")
app.add_typer(search.app, name="search")
app.add_typer(letter.app, name="letter")
app.add_typer(keeping.app, name="keeping")
app.add_typer(matters.app, name="matters")
app.add_typer(calendar.app, name="calendar")
app.add_typer(deadlines.rules_app, name="rules")
app.add_typer(suggest.app, name="suggest")
app.command("deadline")(deadlines.deadline)
app.command("seed")(province.seed)
app.command("verify")(log.verify)
app.command("anchor")(log.anchor)
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.command("doctor")(doctor.doctor)
app.command("sweep")(reminders.sweep_command)
app.command("believe-clock")(reminders.believe_clock)
app.add_typer(ledger.ledger_app, name="ledger")
app.command("import-ledger")(ledger.import_ledger)
app.command("scan")(scan.scan)
app.command("obligations")(obligations.obligations)
app.command("hot")(hot.hot)
app.command("neglect")(neglect.neglect)
app.command("simulate")(simulate.simulate)

Only = Annotated[serve.Part | None, typer.Option("--only", help="Run one part alone (needs PostgreSQL).")]
Port = Annotated[int | None, typer.Option("--port", help="Port of the pages; overrides MINYI_HTTP__PORT.")]


@app.command("serve")
def serve_command(data: Data = None, port: Port = None, only: Only = None) -> None:
    """Run the server: pages, ingest of the hall boxes, jobs."""
    context = common.open_context(data, **demo.http(port))
    configure_logging(context.settings.log_level)
    with common.refusals(context.settings.language):
        serve.run(context, only=only)


@app.command("demo")
def demo_command(
    data: Annotated[Path, typer.Option("--data", help="Folder of the demonstration.")] = Path("var/demo"),
    port: Annotated[int, typer.Option("--port", help="Port of the pages.")] = 8080,
) -> None:
    """Run a demonstration: a made-up province, the server, and one simulated hall box."""
    configure_logging("warning")
    demo.run(data, port)


@app.command("migrate")
def migrate(data: Data = None, to: str = "head") -> None:
    """Bring the schema of the database to the newest version (or to a named one)."""
    settings = read_settings(data)
    settings.data.mkdir(parents=True, exist_ok=True)
    engine = db.make_engine(settings.database_url, vault=common.vault_of(settings))
    db.upgrade(engine, to)


@app.command("settings")
def settings_command(data: Data = None, *, json: Json = False) -> None:
    """Print every setting with value, source, default and meaning; secrets masked."""
    rows = describe(read_settings(data))
    if json:
        typer.echo(jsonlib.dumps([row.model_dump() for row in rows], ensure_ascii=False))
        return
    for row in rows:
        typer.echo(
            f"{row.name} = {row.value}  [{row.source}; default {row.default!r}; {row.variable}] {row.meaning}"
        )


@app.command("openapi")
def openapi(data: Data = None) -> None:
    """Print the description of the API (OpenAPI 3.1)."""
    typer.echo(jsonlib.dumps(routes(common.open_context(data)).openapi(), ensure_ascii=False))


def configure_logging(level: str) -> None:
    """Log as JSON lines to standard error, from `level` up."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )


def main() -> None:
    """Entry point of the console script."""
    memory.close()
    app()
