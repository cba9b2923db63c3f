"""`python -m tests.bench [NAME...] [--rows N] [--engine sqlite|postgres] [--keep FOLDER] [--fonts WORDS] [--json OUT]`.

A measurement is a module `bench_NAME.py` beside this file with `run(options: Options) -> list[Row]`.
"""

import argparse
import importlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import Protocol, cast

from tests.bench.rows import Options, Row, save, show


class Bench(Protocol):
    """A measurement."""

    def run(self, options: Options) -> list[Row]:
        """Measure once and return the figures."""
        ...


def names() -> list[str]:
    """Return the names of all measurements."""
    return sorted(path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py"))


def measure(name: str, options: Options) -> list[Row]:
    """Run one measurement and stamp its figures with what they were measured on."""
    bench = cast("Bench", importlib.import_module(f"tests.bench.bench_{name}"))
    return [
        replace(
            row, bench=row.bench or name, engine=row.engine or options.engine, rows=row.rows or options.rows
        )
        for row in bench.run(options)
    ]


def main(arguments: list[str]) -> int:
    """Measure what was asked for; 2 when a name is unknown."""
    parser = argparse.ArgumentParser(prog="scripts/bench.sh", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"of {', '.join(names()) or 'none yet'}; default all"
    )
    parser.add_argument(
        "--rows", type=int, default=Options.rows, help="size of the data (default %(default)s)"
    )
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default=Options.engine)
    parser.add_argument(
        "--keep", type=Path, metavar="FOLDER", help="fill databases there once and use them again"
    )
    parser.add_argument(
        "--fonts", default="", metavar="WORDS", help="of scan: fonts by words in their names, or all"
    )
    parser.add_argument("--json", type=Path, metavar="OUT", help="also write the figures to this file")
    given = parser.parse_args(arguments)
    unknown = set(given.names) - set(names())
    if unknown:
        parser.error(
            f"no measurement named {', '.join(sorted(unknown))}; there is: {', '.join(names()) or 'none yet'}"
        )
    rows: list[Row] = []
    for name in given.names or names():
        print(f"measuring {name} ...", file=sys.stderr, flush=True)
        rows += measure(
            name, Options(rows=given.rows, engine=given.engine, keep=given.keep, fonts=given.fonts)
        )
    show(rows)
    if given.json:
        save(rows, given.json)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
