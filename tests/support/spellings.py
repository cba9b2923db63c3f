"""The ways in which a word might lie about in a file, and the files of a folder: for searches of what a thief would have."""

import base64
from collections.abc import Iterator
from pathlib import Path


def spellings(word: str) -> Iterator[bytes]:
    """Yield the ways in which a word might lie about."""
    plain = word.encode()
    yield plain
    yield word.encode("utf-16-le")
    yield word.encode("gb18030")
    yield plain.hex().encode()
    yield word.encode("unicode_escape")
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain).rstrip(b"=")
        yield encoded[4 if shift else 0 : -4]


def contents(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file below a folder."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield str(path), path.read_bytes()
