"""Damaged QR codes in 1080p frames: what the box reads, beside the best open decoder alone, by kind of damage.

Texts are known, so a false reading is any text that is not the one in the frame; frames without a code are read as well.
`--rows` is the number of coded frames (rounded to whole rounds of 88, at least 2, at most 20 of them). Frames follow from their
numbers, so a run can be repeated. Milliseconds are of processor time, since a machine that runs tests is never idle.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from statistics import median
from typing import NamedTuple

import cv2
import zxingcpp

from edge_agent.reading.decoder import decode
from edge_agent.reading.reader import LIVE_BUDGET
from tests.bench import codeframes
from tests.bench.codeframes import Gray
from tests.bench.rows import Options, Row

#: The smallest round that is worth its figures: each kind at each level with a short and a long text, twice.
LEAST_SEEDS = 2
MOST_SEEDS = 20
#: Frames seen while the decoder was written have seeds below this.
FIRST_SEED = 100
EMPTY_FRAMES = 40
KIND = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCodeModel2)
BASE = "zxing-cpp alone"
EMPTY = "no code"


class Shot(NamedTuple):
    """One frame and what is in it; no text when there is no code."""

    kind: str
    frame: Gray
    text: str


class Tally(NamedTuple):
    """What one reader made of one frame."""

    read: bool
    false: bool
    ms: float


def alone(frame: Gray) -> list[str]:
    """The base: zxing-cpp with its own retries (rotated, reduced, inverted), QR codes only."""
    found = zxingcpp.read_barcodes(frame, formats=KIND)
    return [code.text for code in found]


READERS: dict[str, Callable[[Gray], list[str]]] = {
    BASE: alone,
    "live camera": lambda frame: decode(frame, budget=LIVE_BUDGET),
    "decode": decode,
}


def shots(seeds: range) -> Iterator[Shot]:
    """Every kind of damage at every level, short and long, once for each seed; then frames without a code."""
    for kind in codeframes.KINDS:
        for level in codeframes.LEVELS:
            for long in (False, True):
                for seed in seeds:
                    frame, text = codeframes.coded(kind, level, seed, long=long)
                    yield Shot(kind, frame, text)
    for seed in range(EMPTY_FRAMES):
        yield Shot(EMPTY, codeframes.empty(FIRST_SEED + seed), "")


def judged(read: Callable[[Gray], list[str]], shot: Shot) -> Tally:
    """Read one frame and compare."""
    start = time.thread_time()
    texts = read(shot.frame)
    ms = (time.thread_time() - start) * 1000
    return Tally(shot.text in texts, any(text != shot.text for text in texts), ms)


def run(options: Options) -> list[Row]:
    """Return for each kind of damage and reader: share read, false readings, median milliseconds on one core."""
    cv2.setNumThreads(1)
    each = len(codeframes.KINDS) * len(codeframes.LEVELS) * 2
    count = min(MOST_SEEDS, max(LEAST_SEEDS, options.rows // each))
    tallies: dict[str, dict[str, list[Tally]]] = defaultdict(lambda: defaultdict(list))
    for shot in shots(range(FIRST_SEED, FIRST_SEED + count)):
        for name, read in READERS.items():
            tally = judged(read, shot)
            tallies[shot.kind][name].append(tally)
            if shot.kind != EMPTY:
                tallies["all"][name].append(tally)
    return [row for kind, readers in tallies.items() for row in _rows(kind, readers)]


def _rows(kind: str, readers: dict[str, list[Tally]]) -> Iterator[Row]:
    base = sum(tally.read for tally in readers[BASE])
    for name, made in readers.items():
        case, count = f"{kind}, {name}", len(made)
        hits = sum(tally.read for tally in made)
        if kind != EMPTY:
            ratio = hits / base if base and name != BASE else None
            yield Row(
                case, "read", 100 * hits / count, "%", ratio, BASE if ratio else "", engine="-", rows=count
            )
        yield Row(case, "false readings", sum(tally.false for tally in made), "", engine="-", rows=count)
        yield Row(case, "median", median(tally.ms for tally in made), "ms", engine="-", rows=count)
