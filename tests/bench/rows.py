"""What a measurement is asked for and what it gives back."""

import json
import math
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True)
class Options:
    """`rows` petitions (or whatever the measurement counts) on `engine`, which is sqlite or postgres."""

    rows: int = 10_000
    engine: str = "sqlite"
    #: Where filled databases are kept for the next run.
    keep: Path | None = None
    #: Of `scan`: words in the names of fonts, parted by commas, or `all`; "" for those it always takes.
    fonts: str = ""


@dataclass(frozen=True)
class Row:
    """One figure. `ratio` compares it with `base`, measured in the same run, since figures of two machines compare nothing."""

    case: str
    measure: str
    value: float
    unit: str
    ratio: float | None = None
    base: str = ""
    bench: str = ""
    engine: str = ""
    rows: int = 0


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that at least `share` (0 to 1) of the non-empty values do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def show(rows: Sequence[Row]) -> None:
    """Print the figures as a table."""
    table = Table("bench", "case", "engine", "rows", "measure", "value", "unit", "ratio")
    for row in rows:
        ratio = "" if row.ratio is None else f"{row.ratio:.2f} x {row.base}".rstrip(" x")
        count = f"{row.rows:,}" if row.rows else ""
        table.add_row(
            row.bench, row.case, row.engine, count, row.measure, f"{row.value:,.3g}", row.unit, ratio
        )
    Console(width=160).print(table)


def save(rows: Sequence[Row], path: Path) -> None:
    """Write the figures with the machine and the time they were measured on, as JSON."""
    facts = {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": len(_cores()),
            "cpu": _cores()[0] if _cores() else "",
        },
        "rows": [asdict(row) for row in rows],
    }
    path.write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _cores() -> list[str]:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
