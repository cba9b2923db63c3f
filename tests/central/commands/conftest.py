"""`minyi` as it is called: in this process, on a database and folder of the test's own."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from typer.testing import CliRunner

from central.cli import commands


@dataclass(frozen=True)
class Answer:
    """What a command printed and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Minyi = Callable[..., Answer]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the commands."""
    return tmp_path / "data"


@pytest.fixture
def minyi(fresh_engine: Engine, data: Path) -> Minyi:
    """`minyi("verify", "--json", HTTP__PORT="1")` runs a command on SQLite and on PostgreSQL in turn; names are MINYI_* variables."""
    url = fresh_engine.url.render_as_string(hide_password=False)
    return called(
        {
            "MINYI_DATA": str(data),
            "MINYI_DB__URL": url,
            "MINYI_LANGUAGE": "en",
            "MINYI_ENVIRONMENT": "development",
        }
    )


@pytest.fixture
def bare(data: Path) -> Minyi:
    """The same with nothing set but the data folder."""
    return called({"MINYI_DATA": str(data), "MINYI_LANGUAGE": "en", "MINYI_ENVIRONMENT": "development"})


def called(environment: dict[str, str]) -> Minyi:
    """Return the command in an environment. An exception that it lets through is raised in the test."""

    def run(*args: str, **more: str) -> Answer:
        given = environment | {f"MINYI_{name}": value for name, value in more.items()}
        result = CliRunner().invoke(commands(), list(args), env=given, catch_exceptions=False)
        return Answer(result.exit_code, result.stdout, result.stderr)

    return run
