"""What every drill is asked and how it says what it found: a seed that replays, a number of rounds, figures, and what was wrong."""

import argparse
import json
import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Asked:
    """What is asked for. `rounds` means what the drill says it does."""

    seed: int
    rounds: int
    engine: str = "sqlite"

    @property
    def chance(self) -> random.Random:
        """Dice of this run; the same seed throws the same."""
        return random.Random(self.seed)


@dataclass
class Found:
    """Figures of a drill (named with their unit), and every promise that was broken, as a sentence."""

    figures: dict[str, Any] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    #: Bars of time that were missed: on a machine busy with other work they say nothing.
    slow: list[str] = field(default_factory=list)

    def in_time(self, holds: bool, otherwise: str) -> None:
        """Note `otherwise` unless a bar of time was met."""
        if not holds:
            self.slow.append(otherwise)

    def expect(self, holds: bool, otherwise: str) -> None:
        """Note `otherwise` unless a promise holds."""
        if not holds:
            self.wrong.append(otherwise)


def share(values: Sequence[float], part: float) -> float:
    """Return the value below which `part` of `values` lie; 0 for none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else 0.0


def main(
    name: str, run: Callable[[Asked], Found], *, rounds: int, about: str | None, arguments: Sequence[str]
) -> int:
    """Run one drill as the command line asks; 1 if a promise was broken."""
    parser = argparse.ArgumentParser(prog=f"scripts/drill.sh {name}", description=about)
    parser.add_argument("--seed", type=int, default=None, help="replays a run; default: a new one")
    parser.add_argument("--rounds", type=int, default=rounds)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    given = parser.parse_args(arguments)
    seed = random.SystemRandom().randrange(2**31) if given.seed is None else given.seed
    asked = Asked(seed, given.rounds, given.engine)
    sys.stderr.write(f"{name}: seed {asked.seed}, {asked.rounds} rounds, {asked.engine}\n")
    found = run(asked)
    told = {"drill": name, "seed": asked.seed, "rounds": asked.rounds, "engine": asked.engine}
    told |= {
        "figures": found.figures,
        "wrong": found.wrong[:50],
        "slow": found.slow,
        "passed": not (found.wrong or found.slow),
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False, indent=2) + "\n")
    return 1 if found.wrong or found.slow else 0
