"""`minyi-edge`: each verb loads only its own code (image reading stays out of a box without a camera)."""

from pathlib import Path
from typing import Annotated, Any

import typer

from edge_agent.loading import COMMANDS, load

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="The hall box of a courthouse. Works without the network.",
)

ConfigFile = Annotated[
    Path | None,
    typer.Option(
        "--config", help="TOML file of settings; also MINYI_EDGE_CONFIG", exists=True, dir_okay=False
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON")]


def _call(command: str, *args: Any) -> None:
    raise typer.Exit(int(load(COMMANDS[command])(*args)))


@app.command()
def run(config: ConfigFile = None) -> None:
    """Run the box until SIGTERM or Ctrl-C."""
    _call("run", config)


@app.command()
def enroll(
    centre: Annotated[str, typer.Option(help="Address of the centre: https://host")],
    code: Annotated[str, typer.Option(prompt=True, help="One-time code that `minyi boxes enroll` printed")],
    trust: Annotated[
        Path | None,
        typer.Option(
            help="Certificates that https:// trusts; default: the system's", exists=True, dir_okay=False
        ),
    ] = None,
    config: ConfigFile = None,
) -> None:
    """Make this machine the box of its settings: with a one-time code it gets a certificate for a key of its own."""
    _call("enroll", config, centre, code, trust)


@app.command()
def decode(images: Annotated[list[str], typer.Argument(help="Image files")]) -> None:
    """Print one JSON line for each image: file, codes read, milliseconds."""
    _call("decode", images)


@app.command()
def settings(config: ConfigFile = None, *, as_json: AsJson = False) -> None:
    """Print every setting with its value, source, default and meaning; secrets are masked."""
    _call("settings", config, as_json)


@app.command()
def status(config: ConfigFile = None, *, as_json: AsJson = False) -> None:
    """Print what the running box says of itself; exit 1 when it does not answer or is unwell."""
    _call("status", config, as_json)


@app.command()
def selftest(
    only: Annotated[
        list[str] | None,
        typer.Argument(help="disk, clock, line, lamp, button, scanner, camera, printer; default: all"),
    ] = None,
    config: ConfigFile = None,
    seconds: Annotated[float, typer.Option(min=0.1, help="How long each device is waited for")] = 30.0,
    *,
    unattended: Annotated[
        bool, typer.Option("--unattended", help="Ask nothing; drivers are believed")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Walk an installer through every device of the settings, with what to do at each; exit 1 when one is out of order."""
    _call("selftest", config, only or [], seconds, as_json, unattended)


@app.command()
def update(
    bundle: Annotated[
        Path | None,
        typer.Argument(help="Bundle of software; without it: go on where an update stands", dir_okay=False),
    ] = None,
    config: ConfigFile = None,
    *,
    check: Annotated[bool, typer.Option("--check", help="Only check the bundle; change nothing")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also a version that did not prove itself here before")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take in a signed bundle of software, try it, and go back by itself if the box does not come up well; exit 1 then."""
    _call("update", config, bundle, check, again, as_json)


def main() -> None:
    """Run the command line."""
    app()
