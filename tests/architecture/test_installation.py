"""The units start what the commands offer, feed the watchdog they ask for, and the guide beside them can be followed."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import typer
import typer.main

from central import cli as centre
from central import notify as centre_notify
from central.settings import Settings as CentreSettings
from central.settings import describe as describe_centre
from edge_agent import cli as box
from edge_agent import notify as box_notify
from edge_agent.loading import DRIVERS
from edge_agent.settings import Settings as BoxSettings
from edge_agent.settings_list import describe as describe_box
from tests.architecture.test_units import FOLDER, UNITS, each_unit, service
from tests.support.ports import free_port
from tests.support.processes import PATIENCE

COMMANDS = {"minyi": typer.main.get_command(centre.commands()), "minyi-edge": typer.main.get_command(box.app)}
NOTIFY = {"minyi": centre_notify, "minyi-edge": box_notify}
GUIDE = (FOLDER / "README.md").read_text("utf-8")
HARDWARE = (FOLDER.parent / "hw" / "README.md").read_text("utf-8")
#: A command in a code line or in backticks, up to a pipe, a bracket or a comment.
CALLED = re.compile(r"(?:/opt/minyi/\.venv/bin/)?\b(minyi-edge|minyi) ((?:[a-z][a-z-]*)(?: [^`|#<>\n]*)?)")


class Unknown(Exception):
    """A verb or option that the program does not have."""


def called(text: str) -> list[tuple[str, list[str]]]:
    """Every call of our two programs in code: fenced blocks and backticks."""
    code = re.findall(r"```sh\n(.*?)```", text, re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    plain = [re.sub(r"#.*", "", part) for part in code]
    return [(name, rest.split(")")[0].split()) for part in plain for name, rest in CALLED.findall(part)]


def taken(program: str, words: list[str], folder: Path) -> None:
    """Let the program read `words` as its command line, without running it; raise `Unknown` when it does not know them."""
    there = folder / "there.toml"
    there.write_text("")
    rest = [str(there) if word.startswith("/etc/") else word.strip("'\"") for word in words]
    command: Any = COMMANDS[program]
    while rest and rest[0] in getattr(command, "commands", {}):
        command = command.commands[rest.pop(0)]
    try:
        if getattr(command, "commands", {}) and not command.invoke_without_command:
            raise Unknown(" ".join((program, *words)))
        command.make_context(command.name, rest)
    except typer.TyperException as error:
        raise Unknown(" ".join((program, *words))) from error


@each_unit
def test_a_unit_starts_a_verb_that_its_program_has(unit: Path, tmp_path: Path) -> None:
    [start] = service(unit)["ExecStart"]
    program, *words = start.split()
    taken(Path(program).name, words, tmp_path)


def test_a_verb_or_option_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    for words in (["serv"], ["serve", "--only", "mail"], ["serve", "--fast"]):
        with pytest.raises(Unknown):
            taken("minyi", words, tmp_path)


@pytest.mark.parametrize("text", [GUIDE, HARDWARE], ids=["systemd", "hw"])
def test_every_command_in_a_guide_exists(text: str, tmp_path: Path) -> None:
    calls = called(text)
    assert calls
    for program, words in calls:
        taken(program, words, tmp_path)


@each_unit
def test_variables_of_a_unit_are_settings(unit: Path) -> None:
    given = " ".join(service(unit)["Environment"]).split()
    ours = {word.partition("=")[0] for word in given if word.startswith("MINYI_")}
    known = {row.variable for row in describe_centre(CentreSettings())} | {"MINYI_CONFIG"}
    known |= {row.variable for row in describe_box(BoxSettings(box="ln0102-1"), None)}
    assert ours
    assert ours - known == set()


def test_settings_in_the_guide_are_taken() -> None:
    first, second = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)
    centre_settings = CentreSettings(**tomllib.loads(re.sub("(?m)^ +", "", first)))
    assert (centre_settings.environment, centre_settings.http.secure) == ("production", True)
    box_settings = BoxSettings(**tomllib.loads(re.sub("(?m)^ +", "", second)))
    assert box_settings.hall.counter_pin.get_secret_value()


def test_devices_in_the_guide_have_drivers() -> None:
    [devices] = re.findall(r"```toml\n(.*?)```", HARDWARE, re.DOTALL)
    chosen = BoxSettings(box="ln0102-1", **tomllib.loads(re.sub("(?m)^ +", "", devices))).drivers
    kinds = {"camera", "scanner", "button"}
    assert {(kind, getattr(chosen, kind)) for kind in kinds} <= set(DRIVERS)
    assert all(getattr(chosen, f"{kind}_device") == f"/dev/minyi/{kind}" for kind in kinds)


@each_unit
def test_the_programs_feed_the_watchdog_twice_in_its_time(
    unit: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = int(service(unit)["WatchdogSec"][0])
    program = Path(service(unit)["ExecStart"][0].split()[0]).name
    monkeypatch.setenv("WATCHDOG_USEC", str(limit * 1_000_000))
    assert NOTIFY[program].watchdog_seconds() == limit / 2
    monkeypatch.delenv("WATCHDOG_USEC")
    assert NOTIFY[program].watchdog_seconds() is None


@contextmanager
def manager(folder: Path) -> Iterator[tuple[socket.socket, dict[str, str]]]:
    """A service manager's end of the line, and the environment it gives to a service."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as heard:
        heard.bind(str(folder / "notify"))
        heard.settimeout(45 * PATIENCE)
        yield heard, {**os.environ, "NOTIFY_SOCKET": str(folder / "notify"), "WATCHDOG_USEC": "2000000"}


def programs(folder: Path) -> dict[str, tuple[list[str], dict[str, str]]]:
    """Each program as it starts on its own, with what it needs to know."""
    port = str(free_port())
    config = folder / "edge.toml"
    config.write_text(f"box = 'ln0102-1'\ndata = {json.dumps(str(folder / 'box'))}\n[http]\nport = {port}\n")
    centre_ = {
        "MINYI_DATA": str(folder / "centre"),
        "MINYI_ENVIRONMENT": "development",
        "MINYI_HTTP__PORT": port,
        "MINYI_MQTT__EMBEDDED_PORT": "0",
    }
    return {
        "minyi": (["from central.cli import main; main()", "serve"], centre_),
        "minyi-edge": (["from edge_agent.cli import main; main()", "run", "--config", str(config)], {}),
    }


@pytest.mark.hall
@pytest.mark.parametrize("program", COMMANDS)
def test_a_program_says_ready_alive_and_stopping(program: str, tmp_path: Path) -> None:
    words, variables = programs(tmp_path)[program]
    with manager(tmp_path) as (heard, environment):
        command = [sys.executable, "-c", *words]
        child = subprocess.Popen(command, env={**environment, **variables}, stderr=subprocess.DEVNULL)
        try:
            assert heard.recv(100) == b"READY=1"
            assert [heard.recv(100) for _ in range(2)] == [b"WATCHDOG=1"] * 2
            child.send_signal(signal.SIGTERM)
            assert b"STOPPING=1" in iter(lambda: heard.recv(100), None)
            assert child.wait(20) == 0
        finally:
            child.kill()
            child.wait()


def test_without_a_service_manager_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    for module in NOTIFY.values():
        module.notify("READY=1")


def test_every_unit_of_the_folder_is_in_the_guide() -> None:
    assert [unit.name for unit in UNITS if unit.name not in GUIDE] == []
