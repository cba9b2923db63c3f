"""The installer on pretended machines: every outside command is a stub that writes down how it was called."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.processes import ROOT

TOOLS = [
    "bash",
    "sh",
    "cat",
    "cut",
    "dirname",
    "env",
    "grep",
    "head",
    "mkdir",
    "rm",
    "sed",
    "sha256sum",
    "sort",
    "touch",
    "true",
]
STUB = """#!/bin/sh
echo "{name} $*" >>"{calls}"
{body}
"""


@dataclass
class Machine:
    """A tree with the scripts and a PATH that holds nothing but harmless tools and stubs."""

    tree: Path
    path: Path
    calls: Path

    def has(self, name: str, body: str = "exit 0") -> None:
        stub = self.path / name
        stub.write_text(STUB.format(name=name, calls=self.calls, body=body))
        stub.chmod(0o755)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        env = {"PATH": str(self.path), "HOME": str(self.tree), "LANG": "C.UTF-8"}
        return subprocess.run(
            [shutil.which(command[0], path=str(self.path)) or command[0], *command[1:]],
            cwd=self.tree,
            env=env,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            check=False,
        )

    def called(self, name: str) -> list[str]:
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return [line for line in lines if line.split()[0] == name]


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """Root on a Debian with all packages, uv and Python 3.11, and the Python environment not made yet."""
    it = Machine(tmp_path / "tree", tmp_path / "path", tmp_path / "calls")
    it.path.mkdir()
    it.tree.mkdir()
    shutil.copytree(ROOT / "scripts", it.tree / "scripts")
    for name in ("uv.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, it.tree)
    for tool in TOOLS:
        (it.path / tool).symlink_to(shutil.which(tool) or f"/usr/bin/{tool}")
    (it.path / "python3.11").symlink_to(os.path.realpath(sys.executable))
    it.has("id", "echo 0")
    it.has("sleep")
    it.has("apt-get")
    it.has("dpkg-query", "printf installed")
    it.has("uv", UV)
    return it


UV = """
if [ "$1" = --version ]; then echo "uv 0.13.9 (somewhere)"; exit 0; fi
mkdir -p .venv/bin && printf '#!/bin/sh\\nexit 0\\n' >.venv/bin/python && /bin/chmod +x .venv/bin/python
"""


def syncs(machine: Machine) -> list[str]:
    return [call for call in machine.called("uv") if "sync" in call]


def test_the_demo_installs_no_tools_of_the_tests(machine: Machine) -> None:
    assert machine.run("bash", "scripts/install.sh", "demo").returncode == 0
    assert "--no-dev" in syncs(machine)[0]


def test_a_second_run_changes_nothing(machine: Machine) -> None:
    machine.run("bash", "scripts/install.sh", "test")
    machine.calls.unlink()
    assert machine.run("bash", "scripts/install.sh", "test").returncode == 0
    assert (machine.called("uv"), machine.called("apt-get")) == ([], [])


def test_the_demo_leaves_the_tools_of_the_tests_alone(machine: Machine) -> None:
    machine.run("bash", "scripts/install.sh", "test")
    with (machine.tree / "uv.lock").open("a") as lock:
        lock.write("# changed\n")
    machine.run("bash", "scripts/install.sh", "demo")
    assert ["--no-dev" in call for call in syncs(machine)] == [False, False]


def test_the_tests_add_to_what_the_demo_installed(machine: Machine) -> None:
    machine.run("bash", "scripts/install.sh", "demo")
    machine.run("bash", "scripts/install.sh", "test")
    assert ["--no-dev" in call for call in syncs(machine)] == [True, False]


def test_only_missing_packages_are_installed(machine: Machine) -> None:
    machine.has("dpkg-query", 'case "$*" in *mosquitto) exit 1 ;; *) printf installed ;; esac')
    machine.run("bash", "scripts/install.sh", "test")
    assert machine.called("apt-get") == [
        "apt-get update -qq",
        "apt-get install -y -qq --no-install-recommends mosquitto",
    ]


def nobody(machine: Machine) -> None:
    machine.has("id", "echo 1000")


def sudo_refuses(machine: Machine) -> None:
    nobody(machine)
    machine.has("sudo", "exit 1")


def apt_fails(machine: Machine) -> None:
    machine.has("apt-get", "exit 100")


@pytest.mark.parametrize("fault", [nobody, sudo_refuses, apt_fails])
def test_who_cannot_install_a_package_is_told_what_to_ask_for(
    machine: Machine, fault: Callable[[Machine], None]
) -> None:
    machine.has("dpkg-query", "exit 1")
    fault(machine)
    done = machine.run("sh", "scripts/get-make.sh")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].endswith("Ask an administrator to run: apt-get install make")


def test_a_network_that_hiccups_is_tried_three_times(machine: Machine) -> None:
    machine.has("uv", 'if [ "$1" = --version ]; then echo "uv 0.13.9"; exit 0; fi; exit 1')
    assert machine.run("bash", "scripts/install.sh", "test").returncode != 0
    assert len(syncs(machine)) == 3


def test_a_failed_installation_is_not_taken_for_a_finished_one(machine: Machine) -> None:
    machine.has("uv", 'if [ "$1" = --version ]; then echo "uv 0.13.9"; exit 0; fi; exit 1')
    machine.run("bash", "scripts/install.sh", "test")
    machine.has("uv", UV)
    machine.run("bash", "scripts/install.sh", "test")
    assert len(syncs(machine)) == 4


def test_a_copied_tree_gets_an_environment_of_its_own(machine: Machine) -> None:
    machine.run("bash", "scripts/install.sh", "test")
    machine.tree = machine.tree.rename(machine.tree.with_name("moved"))
    (machine.tree / ".venv" / "old").touch()
    assert machine.run("bash", "scripts/install.sh", "test").returncode == 0
    assert not (machine.tree / ".venv" / "old").exists()


def test_an_unknown_level_is_bad_usage(machine: Machine) -> None:
    assert machine.run("bash", "scripts/install.sh", "everything").returncode == 2
