"""`minyi serve`, `minyi demo` and `minyi openapi`: what needs the whole application."""

import json as jsonlib
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer

from central import demo, serve
from central.app import routes
from central.commands import common
from central.commands.common import Data

Only = Annotated[serve.Part | None, typer.Option("--only", help="Run one part alone (needs PostgreSQL).")]
Port = Annotated[int | None, typer.Option("--port", help="Port of the pages; overrides MINYI_HTTP__PORT.")]


def serve_command(data: Data = None, port: Port = None, only: Only = None) -> None:
    """Run the server: pages, ingest of the hall boxes, jobs."""
    context = common.open_context(data, **demo.http(port))
    configure_logging(context.settings.log_level)
    with common.refusals(context.settings.language):
        serve.run(context, only=only)


def demo_command(
    data: Annotated[Path, typer.Option("--data", help="Folder of the demonstration.")] = Path("var/demo"),
    port: Annotated[int, typer.Option("--port", help="Port of the pages.")] = 8080,
) -> None:
    """Run a demonstration: a made-up province, the server, and one simulated hall box."""
    configure_logging("warning")
    demo.run(data, port)


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
