"""What rights, sealed fields and the access log cost: the API bench of an earlier state beside the present one, in turns.

`MINYI_TEST_BEFORE` names the earlier commit; by default the last one before there were keys. It is cloned into a folder of its own with
its own environment, so both states run as they were written, on the same machine within the same half hour.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from shutil import which
from statistics import median

from tests.bench.rows import Options, Row

#: The last state without sealed fields and access log.
BEFORE = "3362e26"
ROUNDS = 2
#: What ties a command to this tree's environment.
OWN = frozenset({"VIRTUAL_ENV", "UV_PROJECT_ENVIRONMENT"})
ROOT = Path(__file__).resolve().parents[2]


def run(options: Options) -> list[Row]:
    """Return requests per second before and now for every case, and their ratio."""
    with tempfile.TemporaryDirectory(prefix="minyi-before-") as name:
        folder = Path(name)
        earlier = _checked_out(folder / "tree", os.environ.get("MINYI_TEST_BEFORE", BEFORE))
        found: dict[str, dict[str, list[float]]] = {"before": {}, "now": {}}
        for _ in range(ROUNDS):
            for state, tree in (("before", earlier), ("now", ROOT)):
                for case, rate in _rates(tree, folder / "figures.json", options).items():
                    found[state].setdefault(case, []).append(rate)
    return [
        row for case, rates in found["now"].items() for row in _compared(case, found["before"][case], rates)
    ]


def _compared(case: str, before: list[float], now: list[float]) -> list[Row]:
    return [
        Row(case, "rate before", median(before), "/s"),
        Row(case, "rate now", median(now), "/s", median(now) / median(before), "before"),
    ]


def _checked_out(tree: Path, commit: str) -> Path:
    _do(["git", "clone", "--quiet", str(ROOT), str(tree)], ROOT)
    _do(["git", "checkout", "--quiet", commit], tree)
    _do([which("uv") or str(ROOT / ".uv/bin/uv"), "sync", "--quiet", "--locked"], tree)
    return tree


def _rates(tree: Path, out: Path, options: Options) -> dict[str, float]:
    rows = str(min(options.rows, 10_000))
    command = [".venv/bin/python", "-m", "tests.bench", "api", "--rows", rows, "--engine", options.engine]
    _do([*command, "--json", str(out)], tree)
    figures = json.loads(out.read_text("utf-8"))["rows"]
    return {row["case"]: row["value"] for row in figures if row["measure"] == "rate"}


def _do(command: list[str], folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in OWN}
    subprocess.run(command, cwd=folder, check=True, env=environment, stdout=sys.stderr)
