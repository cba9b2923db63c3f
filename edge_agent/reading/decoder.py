"""Text of the QR codes in a gray picture.

zxing-cpp reads the picture as it is; nearly every code held up well is read there, in some 4 ms at 1080p. Only when it
finds nothing follow attempts in the order of what they bring for their time, until one reads or the time is over.
Most attempts only change the picture; what a code says is always decided by zxing-cpp, whose error correction must come
out without remainder. One kind (`mending`) puts words right first, under a bound of its own on wrong readings.
"""

from collections.abc import Iterator
from time import thread_time
from typing import Any, NamedTuple, cast

import numpy as np
import zxingcpp
from numpy.typing import NDArray

from edge_agent.reading import sharpen
from edge_agent.reading.mending import mended
from edge_agent.reading.regions import cut, regions

Gray = NDArray[np.uint8]

#: Seconds of this thread's own work after which no further attempt is begun: what is read does not depend on what else the
#: machine does. One attempt takes at most some 50 ms at 1080p.
BUDGET = 1.2
#: Longest side of a picture that is read once; a larger one (a photograph from a phone) is read reduced as well.
FIRST_LOOK = 2000
#: A Micro QR code counts only with so much of its error correction unused, from 0 to 1.
MICRO_UNUSED = 0.75


class Attempt(NamedTuple):
    """A picture to read; with a threshold for each neighbourhood or one for all of it; as it came or changed."""

    gray: Gray
    one_threshold: bool = False
    as_it_came: bool = False


def decode(gray: Gray, *, budget: float = BUDGET) -> list[str]:
    """Return the text of each QR code in `gray` (height x width, 8 bits), each once, from top to bottom.

    `budget`: seconds of processor time after which no new attempt starts; 0 for the first look alone.
    Returns an empty list when there is no readable code. Never raises on a picture and never writes one.
    """
    if gray.ndim != 2 or min(gray.shape) < 8:
        return []
    end = thread_time() + budget
    gray = np.ascontiguousarray(gray)
    texts = _first_look(gray)
    for attempt in _attempts(gray):
        if texts or thread_time() >= end:
            break
        texts = _read(attempt) if attempt else []
    return texts


def _first_look(gray: Gray) -> list[str]:
    """The picture as it came; a larger one also reduced: a sheet photographed with a phone may hold large codes and small ones."""
    texts = _read(Attempt(gray, as_it_came=True))
    if max(gray.shape) > FIRST_LOOK:
        texts += _read(Attempt(_reduced(gray), as_it_came=True))
    return list(dict.fromkeys(texts))


def _reduced(gray: Gray) -> Gray:
    longest = max(gray.shape)
    return sharpen.resized(gray, FIRST_LOOK / longest) if longest > FIRST_LOOK else gray


def _read(attempt: Attempt) -> list[str]:
    binarizer = (
        zxingcpp.Binarizer.GlobalHistogram if attempt.one_threshold else zxingcpp.Binarizer.LocalAverage
    )
    kinds = [zxingcpp.BarcodeFormat.QRCodeModel2]
    if attempt.as_it_came:
        kinds.append(zxingcpp.BarcodeFormat.MicroQRCode)
    found = zxingcpp.read_barcodes(
        attempt.gray,
        formats=zxingcpp.BarcodeFormats(kinds),
        text_mode=zxingcpp.TextMode.Plain,
        try_rotate=True,
        try_downscale=True,
        try_invert=True,
        binarizer=binarizer,
    )
    placed = sorted(found, key=lambda code: (code.position.top_left.y, code.position.top_left.x))
    return list(dict.fromkeys(code.text for code in placed if _certain(code)))


def _certain(code: zxingcpp.Barcode) -> bool:
    """Whether what was read can be nothing else.

    A Micro QR code has one finder and few check bits (the smallest only detects errors), and dirt on a real code was
    read as one: it counts only when it came out nearly clean. `UEC` is the part of its error correction left unused.
    """
    if not code.valid or not code.text:
        return False
    facts = cast("dict[str, Any]", code.extra)
    version = str(facts.get("Version", ""))
    if version.startswith("M"):
        return version != "M1" and float(facts.get("UEC", 0)) >= MICRO_UNUSED
    return True


def _attempts(gray: Gray) -> Iterator[Attempt | None]:
    """The changed pictures to try, each made only when its turn comes; in the order of what they bring for their time."""
    reduced = _reduced(gray)
    yield Attempt(sharpen.resized(reduced, 0.5))
    yield Attempt(reduced, one_threshold=True)
    parts = [sharpen.square(cut(gray, box)) for box in regions(gray)]
    for cheap in (_clearer, _sharper):
        for part in parts:
            yield from cheap(part)
    yield from _whole(reduced)
    for dear in (_repaired, _straighter, _steadier):
        for part in parts:
            yield from dear(part)


def _whole(gray: Gray) -> Iterator[Attempt]:
    """The whole picture, for codes in no region: 12 to 16 ms each at 1080p."""
    yield Attempt(sharpen.unsharp(gray, 3, 2.5))
    yield Attempt(sharpen.clahe(gray))
    yield Attempt(sharpen.resized(gray, 2))


def _clearer(part: Gray) -> Iterator[Attempt]:
    """One region: by itself, its edges raised, its light evened; 2 ms together."""
    yield Attempt(part)
    yield Attempt(sharpen.unsharp(part, 3, 4))
    yield Attempt(sharpen.flattened(part))


def _sharper(part: Gray) -> Iterator[Attempt]:
    """One region: defocus undone, with little noise and with much; 7 ms together."""
    transform = sharpen.spectrum(part)
    for noise in (0.02, 0.003):
        for sigma in (2.5, 4.0, 6.0):
            yield Attempt(sharpen.undone(transform, sharpen.defocus(sigma), noise))
        for radius in (6.0, 10.0):
            yield Attempt(sharpen.undone(transform, sharpen.disc(radius), noise))


def _repaired(part: Gray) -> Iterator[Attempt | None]:
    """One region: damaged or bent, its words put right; some 50 ms."""
    for drawing in mended(part):
        yield None if drawing is None else Attempt(drawing)


def _straighter(part: Gray) -> Iterator[Attempt]:
    """One region: seen at a sharp angle, by direction."""
    for degrees in (0.0, 30.0, 60.0, 90.0, 120.0, 150.0):
        yield Attempt(sharpen.stretched(part, degrees, 1.8))


def _steadier(part: Gray) -> Iterator[Attempt]:
    """One region: motion undone, by length and direction."""
    transform = sharpen.spectrum(part)
    for length in (8.0, 14.0, 22.0):
        for degrees in (0.0, 30.0, 60.0, 90.0, 120.0, 150.0):
            yield Attempt(sharpen.undone(transform, sharpen.motion(length, degrees), 0.01))
