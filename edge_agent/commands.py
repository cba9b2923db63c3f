"""The verbs of `minyi-edge` that only look: settings and status. Each returns its exit code."""

import http.client
import json
import ssl
import tomllib
from pathlib import Path
from typing import Any

import typer
from pydantic import ValidationError

from edge_agent import tls
from edge_agent.files import read_json
from edge_agent.settings import Settings, config_file, load
from edge_agent.settings_list import describe

RUN_FILE = "run.json"
DONE, FAILED, BAD_INPUT = 0, 1, 2
_WHYS = {
    "missing": "must be set, in the file or as a MINYI_EDGE_ variable",
    "extra_forbidden": "there is no such setting; `minyi-edge settings` lists them all",
}


def load_or_say(config: Path | None) -> Settings | None:
    """Return the settings, or None after saying on stderr which one cannot be taken and why."""
    try:
        return load(config)
    except ValidationError as error:
        for one in error.errors():
            name = ".".join(str(part) for part in one["loc"])
            why = _WHYS.get(one["type"], one["msg"].removeprefix("Value error, "))
            typer.echo(f"{name}: {why}" if name else why, err=True)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        typer.echo(f"{config_file(config)}: {error}", err=True)
    return None


def settings(config: Path | None, as_json: bool) -> int:  # noqa: FBT001  positional as the command line hands it on
    """Print every setting."""
    loaded = load_or_say(config)
    if loaded is None:
        return BAD_INPUT
    rows = describe(loaded, config_file(config))
    if as_json:
        typer.echo(json.dumps([row._asdict() for row in rows], ensure_ascii=False, indent=2))
        return DONE
    for row in rows:
        typer.echo(f"{row.name} = {row.value}  [{row.source}]")
        typer.echo(f"    {row.meaning}\n    {row.variable}, default: {row.default}")
    return DONE


def status(config: Path | None, as_json: bool) -> int:  # noqa: FBT001  positional as the command line hands it on
    """Print what the running box says of itself; 1 when it is silent or unwell."""
    loaded = load_or_say(config)
    if loaded is None:
        return BAD_INPUT
    answer = _ask(loaded)
    if as_json:
        typer.echo(json.dumps(answer, ensure_ascii=False))
    else:
        for key, value in answer.items():
            typer.echo(f"{key}: {value}")
    return DONE if answer.get("status") == "ok" else FAILED


def _ask(loaded: Settings) -> dict[str, Any]:
    host, port, certificate = _place(loaded)
    try:
        connection = _connection(host, port, certificate)
        connection.request("GET", "/healthz")
        answer = dict(json.loads(connection.getresponse().read()))
        connection.close()
        return {**answer, "certificate": tls.shown_digest(Path(certificate))} if certificate else answer
    except (OSError, ValueError) as error:
        return {"status": "silent", "address": f"{host}:{port}", "error": str(error)}


def answer_of(loaded: Settings, path: str) -> int:
    """Return the status with which the running box answers a page, 0 when it is silent."""
    try:
        connection = _connection(*_place(loaded))
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
    except (OSError, ValueError, http.client.HTTPException):
        return 0
    return status


def _place(loaded: Settings) -> tuple[str, int, str]:
    running = read_json(loaded.data / RUN_FILE)
    host, port = running.get("host", loaded.http.host), int(running.get("port", loaded.http.port))
    return host, port, running.get("certificate", "")


def _connection(host: str, port: int, certificate: str) -> http.client.HTTPConnection:
    """A connection to the running box, which must show the very certificate that it wrote down at its start."""
    if not certificate:
        return http.client.HTTPConnection(host, port, timeout=3)
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    return http.client.HTTPSConnection(host, port, timeout=3, context=context)
