"""S12: a stolen box. The tests of `tests/central/ingest/test_stolen_box.py` with a seed: its disk is searched, twelve and more
behaviours of an attacker with its certificate are played in an order the seed chooses, and it is revoked. `--rounds` repeats it.
"""

import os
import re
import subprocess
import sys

from tests.drills.asked import Asked, Found
from tests.support.processes import ROOT


def run(asked: Asked) -> Found:
    """S12."""
    found = Found()
    for number in range(asked.rounds):
        env = os.environ | {"MINYI_TEST_SEED": str(asked.seed + number)}
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "pytest",
                "-q",
                "-s",
                "tests/central/ingest/test_stolen_box.py",
                "--engine",
                asked.engine,
            ],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )
        seconds = [float(one) for one in re.findall(r"cut off after (\d+\.\d+) s", done.stdout)]
        found.figures["cut_off_max_s"] = max([*seconds, found.figures.get("cut_off_max_s", 0.0)])
        found.expect(done.returncode == 0, f"seed {asked.seed + number}: {done.stdout[-800:]}")
    found.figures["rounds"] = asked.rounds
    return found
