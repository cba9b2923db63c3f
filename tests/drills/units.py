"""O4: systemd's own opinion of every unit: exposure at most 2.0, aim 1.5. `--rounds` is not used."""

import re
import shutil
import subprocess

from tests.drills.asked import Asked, Found
from tests.support.processes import ROOT

GATE, AIM = 2.0, 1.5


def run(asked: Asked) -> Found:
    """O4."""
    del asked
    found = Found()
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        found.figures["skipped"] = "systemd-analyze is not installed"
        return found
    scores = {}
    for unit in sorted((ROOT / "systemd").glob("*.service")):
        said = subprocess.run(
            [analyze, "security", "--offline=true", "--no-pager", str(unit)],
            capture_output=True,
            text=True,
            check=False,
        )
        line = re.search(r"Overall exposure level for \S+ (\d+\.\d+)", said.stdout)
        if line is None:
            found.wrong.append(f"{unit.name}: {said.stderr[-200:]}")
            continue
        scores[unit.name] = float(line[1])
        found.expect(scores[unit.name] <= GATE, f"{unit.name}: {line[1]}")
    found.figures["exposure"] = scores
    found.figures["above_the_aim"] = [name for name, score in scores.items() if score > AIM]
    return found
