"""Read files by machine, in a process of its own: this side asks and takes the answers."""

import json
import subprocess  # the child is this program's own module
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from central.documents import files, remaking
from central.documents.kinds import Kind
from central.errors import Invalid
from central.scanning.lines import Box, Line
from central.scanning.splitting import Seen
from central.settings import Documents

#: What a reading process may use: memory for the models and one page, processor seconds a page, bytes of pictures a page.
_MEMORY_MB, _SECONDS, _PICTURE_MB = 4096, 90, 6
#: Pages whose time is allowed for even when the file does not say how many it has.
_LEAST_PAGES = 10


class Unread(Invalid):
    """The file cannot be read; the sentence says what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"scanning.file.{reason}", field="files")


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page as it was read: its picture (JPEG, straightened), lines in order, barcodes, and what is to be said of it."""

    number: int
    width: int
    height: int
    picture: bytes
    lines: tuple[Line, ...]
    codes: tuple[tuple[str, float], ...]
    blank: bool
    warnings: tuple[str, ...]
    corners: tuple[tuple[int, int], ...] | None
    slant: float

    @property
    def seen(self) -> Seen:
        """What parting letters needs to know."""
        return Seen(self.blank, len(self.lines), self.codes)


Progress = Callable[[int, int], None]


def silent(done: int, total: int) -> None:
    """Tell nobody."""


def read_file(
    path: Path, limits: Documents, *, first: int = 1, progress: Progress = silent
) -> list[ReadPage]:
    """Check a file from outside, make it anew in the sandbox, and read its pages, numbered from `first`; raise `Invalid`."""
    with path.open("rb") as content, files.in_memory() as original, files.in_memory() as made:
        kind, _ = remaking.checked(content, limits)
        files.copy(content, original)
        remade = remaking.remake(original, kind, made, limits)
        return list(read_made(made, remade.made_kind, remade.pages, first=first, progress=progress))


def read_made(
    made: BinaryIO, kind: Kind, pages: int, *, first: int = 1, progress: Progress = silent
) -> Iterator[ReadPage]:
    """Yield the pages of a file that `central.documents` made anew, as they are read; raise `Unread`."""
    room = max(pages, _LEAST_PAGES)
    with files.in_memory() as pictures:
        asked = {
            "kind": str(kind),
            "memory_mb": _MEMORY_MB,
            "seconds": _SECONDS * room,
            "output_mb": _PICTURE_MB * room,
            "pictures": pictures.fileno(),
        }
        command = [sys.executable, "-I", "-m", "central.scanning.child", json.dumps(asked)]
        made.seek(0)
        with subprocess.Popen(  # noqa: S603 no shell, our own module
            command,
            stdin=made.fileno(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=[pictures.fileno()],
            cwd="/",
            env={},
        ) as child:
            try:
                yield from _answers(child, pictures, first, progress)
            finally:
                child.kill()


def _answers(
    child: "subprocess.Popen[bytes]", pictures: BinaryIO, first: int, progress: Progress
) -> Iterator[ReadPage]:
    for line in child.stdout or ():
        answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"refused": "too_heavy"}
        if "refused" in answer:
            raise Unread(answer["refused"])
        if "end" in answer:
            return
        progress(answer["page"], answer["of"])
        yield _page(answer, pictures, first)
    raise Unread("too_heavy")


def _page(answer: dict[str, Any], pictures: BinaryIO, first: int) -> ReadPage:
    number = first + answer["page"] - 1
    pictures.seek(answer["start"])
    lines = tuple(
        Line(number, Box(left, top, right, bottom), text, confidence, found)
        for left, top, right, bottom, text, confidence, found in answer["lines"]
    )
    return ReadPage(
        number,
        answer["width"],
        answer["height"],
        pictures.read(answer["length"]),
        lines,
        tuple((text, width) for text, width in answer["codes"]),
        answer["blank"],
        tuple(answer["warnings"]),
        tuple((x, y) for x, y in answer["corners"]) if answer["corners"] else None,
        answer["slant"],
    )


def lines_of(pages: Sequence[ReadPage], numbers: Sequence[int]) -> list[Line]:
    """Return the lines of some pages, in order."""
    wanted = set(numbers)
    return [line for page in pages if page.number in wanted for line in page.lines]
