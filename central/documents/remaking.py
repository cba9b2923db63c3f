"""A file checked and made anew, by a process of its own that is held to limits and has neither network nor other files."""

import json
import subprocess  # the child is this program's own module
import sys
import tempfile
from dataclasses import dataclass
from typing import Any, BinaryIO

from central.documents.kinds import EICAR, HEAD, REMADE_AS, Kind, judge
from central.errors import Invalid
from central.settings import Documents

_PROGRAMS = {
    Kind.JPEG: "central.documents.child_picture",
    Kind.PNG: "central.documents.child_picture",
    Kind.PDF: "central.documents.child_pages",
    Kind.TIFF: "central.documents.child_pages",
}
_PIECE = 1 << 20
#: The child's answer is one short line; more is not read.
_ANSWER = 16_384
_MOST_MADE = 3


class BadDocument(Invalid):
    """The file cannot be taken; the sentence says what to do."""

    def __init__(self, reason: str, /, **values: object) -> None:
        super().__init__(f"documents.file.{reason}", field="files", **values)


@dataclass(frozen=True, slots=True)
class Remade:
    """What came out: what the file was, what it is now, its pages, what was left behind (`documents.removed.*`), most memory."""

    kind: Kind
    made_kind: Kind
    pages: int
    removed: tuple[str, ...]
    peak_kb: int


def checked(content: BinaryIO, limits: Documents) -> tuple[Kind, int]:
    """Return kind and size in bytes of a seekable file, or raise `BadDocument`; nothing is decoded."""
    content.seek(0)
    kind, reason = judge(content.read(HEAD))
    content.seek(0)
    size = _size(content, limits.max_file_mb * 2**20, limits)
    if kind is None:
        raise BadDocument(reason)
    return kind, size


def _size(content: BinaryIO, most: int, limits: Documents) -> int:
    size, tail = 0, b""
    while piece := content.read(_PIECE):
        size += len(piece)
        if size > most:
            raise BadDocument("too_big", megabytes=limits.max_file_mb)
        if EICAR in tail + piece:
            raise BadDocument("virus")
        tail = piece[-len(EICAR) :]
    content.seek(0)
    return size


def remake(content: BinaryIO, kind: Kind, target: BinaryIO, limits: Documents) -> Remade:
    """Write a checked file anew into `target`, both real files on disk; raise `BadDocument` if it cannot be done."""
    asked = {
        "kind": kind,
        "pages": limits.max_pages,
        "megapixels": limits.max_megapixels,
        "dpi": limits.dpi,
        "memory_mb": limits.memory_mb,
        "seconds": limits.seconds,
        "output_mb": limits.max_file_mb * _MOST_MADE,
        "target": target.fileno(),
    }
    answer = _answer(
        [sys.executable, "-I", "-m", _PROGRAMS[kind], json.dumps(asked)], content, target, limits
    )
    if "refused" in answer:
        values = {name: value for name, value in answer.items() if name not in {"refused", "peak_kb"}}
        raise BadDocument(answer["refused"], **values)
    target.seek(0)
    return Remade(kind, REMADE_AS[kind], answer["pages"], tuple(answer["removed"]), answer["peak_kb"])


def _answer(command: list[str], content: BinaryIO, target: BinaryIO, limits: Documents) -> dict[str, Any]:
    content.seek(0)
    with (
        tempfile.TemporaryFile() as said,
        subprocess.Popen(  # noqa: S603 no shell, our own module
            command,
            stdin=content.fileno(),
            stdout=said,
            stderr=subprocess.DEVNULL,
            pass_fds=[target.fileno()],
            cwd="/",
            env={},
        ) as child,
    ):
        try:
            child.wait(limits.seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            raise BadDocument("too_slow", seconds=limits.seconds) from None
        said.seek(0)
        line = said.read(_ANSWER)
    # Killed by a limit or by a library that gave up: both mean that this file asks for more than a letter does.
    answer: dict[str, Any] = json.loads(line) if line.endswith(b"\n") else {"refused": "too_heavy"}
    return answer
