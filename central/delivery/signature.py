"""A signature becomes a picture: strokes in, a one-bit PNG out. Pure.

Only the picture is kept, as an image of this one act. Order, speed and pressure of the strokes, by which a hand could be told from
another, are not sent by the page and end here; nothing ever compares or measures a signature.
"""

import itertools
import json
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import Final

from central.errors import Invalid

WIDTH, HEIGHT = 600, 200
#: Points of all strokes together; a hand needs some hundreds.
MOST_POINTS = 6000
#: Below this length, in dots, it is a slip of the pen.
LEAST_INK = 40
_PEN: Final = ((0, 0), (1, 0), (-1, 0), (0, 1), (0, -1), (1, 1))

Point = tuple[int, int]


def strokes(text: str) -> list[list[Point]]:
    """Return the strokes that a page sent; raise `Invalid` for what is none, or too little to be seen."""
    try:
        found = [[_point(point) for point in stroke] for stroke in json.loads(text)]
    except (ValueError, TypeError, RecursionError):
        raise Invalid("delivery.no_signature", field="strokes") from None
    if sum(len(stroke) for stroke in found) > MOST_POINTS or _ink(found) < LEAST_INK:
        raise Invalid("delivery.no_signature", field="strokes")
    return found


def _point(given: object) -> Point:
    if not isinstance(given, list) or len(given) != 2 or not all(type(each) is int for each in given):
        msg = "a point has two whole numbers"
        raise ValueError(msg)
    x, y = given
    return min(max(x, 0), WIDTH - 1), min(max(y, 0), HEIGHT - 1)


def _ink(found: Sequence[Sequence[Point]]) -> int:
    return sum(
        max(abs(a[0] - b[0]), abs(a[1] - b[1])) for stroke in found for a, b in itertools.pairwise(stroke)
    )


def picture(found: Sequence[Sequence[Point]]) -> bytes:
    """Return the strokes as a PNG, black on white."""
    row_bytes = (WIDTH + 7) // 8
    rows = [bytearray(b"\xff" * row_bytes) for _ in range(HEIGHT)]
    for stroke in found:
        for x, y in _dots(stroke):
            for dx, dy in _PEN:
                at, line = x + dx, y + dy
                if 0 <= at < WIDTH and 0 <= line < HEIGHT:
                    rows[line][at >> 3] &= ~(0x80 >> (at & 7)) & 0xFF
    raw = b"".join(b"\x00" + bytes(row) for row in rows)
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(raw, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in parts)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _dots(stroke: Sequence[Point]) -> Iterator[Point]:
    """Yield the dots along a stroke."""
    yield from stroke[:1]
    for (x, y), (to_x, to_y) in itertools.pairwise(stroke):
        steps = max(abs(to_x - x), abs(to_y - y))
        for step in range(1, steps + 1):
            yield x + (to_x - x) * step // steps, y + (to_y - y) * step // steps
