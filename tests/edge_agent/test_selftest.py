"""The self-test walks through each device and says what to do; nothing it reads is kept."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tomli_w
from typer.testing import CliRunner

from edge_agent.cli import app
from edge_agent.ports import DeviceLost, Frame, PrintOutcome
from edge_agent.selftest import steps
from edge_agent.selftest.steps import Bench, Outcome
from edge_agent.settings import Settings


class Devices:
    """Every driver the steps ask for, working or not."""

    def __init__(self, *, works: bool = True) -> None:
        self.works = works
        self.shown: list[str] = []

    def __call__(self, port: str, name: str, device: str) -> Any:
        del port, name, device
        return self

    def show(self, state: str) -> None:
        self.shown.append(state)

    def start(self, on_event: Any) -> None:
        if self.works:
            threading.Thread(target=self._once, args=(on_event,)).start()

    @staticmethod
    def _once(on_event: Any) -> None:
        try:
            on_event()
        except TypeError:
            on_event("a code")

    def stop(self) -> None: ...

    def close(self) -> None: ...

    def frames(self) -> Iterator[Frame]:
        if not self.works:
            raise DeviceLost("gone")
        yield Frame(np.zeros((8, 16), dtype=np.uint8))

    def read(self, frame: Frame) -> list[str]:
        del frame
        return ["a secret code"]

    def print_slip(self, slip: object) -> PrintOutcome:
        del slip
        return PrintOutcome.PRINTED if self.works else PrintOutcome.NO_PAPER


def bench(tmp_path: Path, devices: Devices, *, yes: bool = True, seconds: float = 5) -> Bench:
    drivers = dict.fromkeys(("camera", "button", "printer", "lamp"), "dummy") | {"scanner": "evdev"}
    settings = Settings.model_validate({"box": "ln0102-1", "data": tmp_path, "drivers": drivers})
    return Bench(settings, seconds, lambda _: None, lambda _: yes, devices)


ALL = (steps.lamp, steps.button, steps.scanner, steps.camera, steps.printer)


@pytest.mark.parametrize("step", ALL)
def test_a_device_that_works_is_good(step: Any, tmp_path: Path) -> None:
    assert step(bench(tmp_path, Devices())).outcome is Outcome.GOOD


@pytest.mark.parametrize("step", ALL)
def test_a_device_that_does_not_is_bad(step: Any, tmp_path: Path) -> None:
    found = step(bench(tmp_path, Devices(works=False), yes=False, seconds=0.05))
    assert found.outcome is Outcome.BAD


def test_the_lamp_is_put_out_again(tmp_path: Path) -> None:
    devices = Devices()
    steps.lamp(bench(tmp_path, devices))
    assert devices.shown == ["calling", "off"]


def test_what_a_code_says_is_not_shown(tmp_path: Path) -> None:
    assert "secret" not in str(steps.camera(bench(tmp_path, Devices())))


def test_the_command_gives_a_sentence_for_each_step_and_the_disk_keeps_nothing(tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    data = tmp_path / "data"
    config.write_text(tomli_w.dumps({"box": "ln0102-1", "data": str(data), "language": "en"}))
    done = CliRunner().invoke(app, ["selftest", "--config", str(config), "--json", "--unattended"])
    found = json.loads(done.stdout)
    assert [step["step"] for step in found][:3] == ["disk", "clock", "line"]
    assert all(step["said"] for step in found)
    assert list(data.iterdir()) == []
    assert done.exit_code == 0


def test_it_leaves_a_running_box_alone(tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    config.write_text(tomli_w.dumps({"box": "ln0102-1", "data": str(tmp_path)}))
    (tmp_path / "run.json").write_text("{}")
    assert CliRunner().invoke(app, ["selftest", "--config", str(config)]).exit_code == 2
