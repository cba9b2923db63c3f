"""The commands that README and documentation promise."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import ROOT

SCRIPTS = [*sorted((ROOT / "scripts").glob("*.sh")), ROOT / ".ci" / "run"]


@pytest.mark.parametrize("target", ["install", "demo", "test", "lint", "bench", "help"])
def test_make_knows_the_target(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_script_can_be_read_by_its_shell(script: Path) -> None:
    shell = script.read_text().splitlines()[0].split("/")[-1].split()[-1]
    assert (
        subprocess.run([shell if shell in {"sh", "bash"} else "sh", "-n", script], check=False).returncode
        == 0
    )


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_the_script_names_no_other_machine(script: Path) -> None:
    assert "://" not in script.read_text()


def test_the_checking_machine_can_run_its_script() -> None:
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111
