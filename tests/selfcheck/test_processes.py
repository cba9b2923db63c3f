"""Real processes and the real broker, as the hall tests use them."""

import sys

import psutil
import pytest

from tests.support.mosquitto import Mosquitto
from tests.support.ports import accepts
from tests.support.processes import Processes, wait_until

pytestmark = pytest.mark.hall

PARENT = """
import subprocess, sys
child = subprocess.Popen(["sleep", "600"])
print("child", child.pid, flush=True)
child.wait()
"""


def test_killing_a_command_kills_what_it_started(started: Processes) -> None:
    parent = started.start("parent", [sys.executable, "-c", PARENT])
    parent.wait_for(lambda: "child" in parent.output, what="the child's number")
    child = int(parent.output.split()[1])
    parent.kill()
    wait_until(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE)


def test_a_command_that_dies_is_noticed_with_its_last_words(started: Processes) -> None:
    child = started.start("dying", [sys.executable, "-c", "raise SystemExit('no licence')"])
    with pytest.raises(AssertionError, match="no licence"):
        child.wait_for(lambda: False, what="a port")


def test_waiting_says_what_it_waited_for() -> None:
    with pytest.raises(AssertionError, match="the lamp is lit"):
        wait_until(lambda: False, timeout=0.02, what="the lamp is lit")


def test_mosquitto_comes_back_on_the_same_port_after_a_kill(mosquitto: Mosquitto) -> None:
    mosquitto.kill()
    assert not accepts(mosquitto.port)
    mosquitto.start()
    assert accepts(mosquitto.port)
