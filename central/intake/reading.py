"""A spreadsheet, read row by row out of a child process that is held to limits of memory and time."""

import json
import subprocess  # the child is this program's own script
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from central.errors import Invalid
from central.intake.rows import RawRow
from central.settings import Imports

_SCRIPT = Path(__file__).with_name("child.py")
MOST_COLUMNS = 200
#: Seconds of CPU: a file of the largest size takes a fraction of it.
CPU_SECONDS = 600
#: Most characters of one line of the child: a block of rows.
_LINE = 256 * 2**20


class BadFile(Invalid):
    """The file cannot be taken; the sentence says what to do."""

    status = 422


@dataclass(frozen=True)
class Sheet:
    """An open sheet: its name, the others, its last row, and the rows that hold anything, to be gone through once."""

    name: str
    names: list[str]
    last_row: int
    rows: Iterator[RawRow]
    from_1904: bool = False


@dataclass(frozen=True)
class Glance:
    """What a look at one sheet shows: whether it is hidden, its size, its first rows."""

    name: str
    hidden: bool
    last_row: int
    width: int
    first: list[RawRow]


@contextmanager
def opened(path: Path, limits: Imports, *, sheet: str | None = None) -> Iterator[Sheet]:
    """Give the first visible sheet, or the one named; raise `BadFile`, also while rows are read."""
    with _child(path, limits, sheet=sheet, look=0) as stream:
        found = _line(stream)
        yield Sheet(found["sheet"], found["sheets"], found["last_row"], _rows(stream), found["from_1904"])


def glance(path: Path, limits: Imports, *, rows: int) -> tuple[list[Glance], bool]:
    """Return every sheet with its first rows, and whether days are counted from 1904; raise `BadFile`."""
    found = list[Glance]()
    with _child(path, limits, sheet=None, look=rows) as stream:
        from_1904 = bool(_line(stream)["from_1904"])
        while isinstance(one := _line(stream), list):
            name, hidden, last_row, width, first = one
            found.append(
                Glance(name, hidden, last_row, width, [RawRow(n, tuple(cells)) for n, cells in first])
            )
    return found, from_1904


@contextmanager
def _child(path: Path, limits: Imports, *, sheet: str | None, look: int) -> Iterator[IO[bytes]]:
    """Give what the child says. It is handed the open file: what lies in memory alone has no other name."""
    if path.stat().st_size > limits.max_file_mb * 2**20:
        raise BadFile("intake.file.file_too_big", megabytes=limits.max_file_mb)
    with path.open("rb") as file:
        asked = {
            "path": f"/proc/self/fd/{file.fileno()}",
            "sheet": sheet,
            "look": look,
            "memory_mb": limits.reader_memory_mb,
            "cpu_seconds": CPU_SECONDS,
            "unpacked_mb": limits.max_unpacked_mb,
            "rows": limits.max_rows,
            "columns": MOST_COLUMNS,
        }
        command = [sys.executable, "-I", str(_SCRIPT), json.dumps(asked)]
        with subprocess.Popen(  # noqa: S603 no shell, our own script
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            pass_fds=(file.fileno(),),
        ) as child:
            try:
                yield cast("IO[bytes]", child.stdout)
            finally:
                child.kill()


def _rows(stream: IO[bytes]) -> Iterator[RawRow]:
    while isinstance(found := _line(stream), list):
        for number, cells in found:
            yield RawRow(number, tuple(cells))


def _line(stream: IO[bytes]) -> Any:
    """Return the next line of the child; one that died of its limits says nothing any more."""
    line = stream.readline(_LINE)
    if not line.endswith(b"\n"):
        raise BadFile("intake.file.too_big")
    found = json.loads(line)
    if isinstance(found, dict) and "refused" in found:
        raise _refusal(found)
    return found


def _refusal(found: dict[str, Any]) -> BadFile:
    values = {k: "、".join(v) if isinstance(v, list) else v for k, v in found.items() if k != "refused"}
    return BadFile(f"intake.file.{found['refused']}", **values)
