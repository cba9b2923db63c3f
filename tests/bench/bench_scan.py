"""Rendered letters with damage: what is read, beside RapidOCR alone and tesseract alone on the same pictures, by kind of damage.

Error rate: edit distance to the text on the page, blanks and width of signs left out, by the number of signs. `--rows` is the number of
letters of each kind, at most 20; with `--fonts` at least one in each of those fonts, and figures by font. Letters that were looked at while the reader was written have numbers below `FIRST`.
"""

import shutil
import subprocess
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import cv2
import numpy as np
from rapidocr import RapidOCR

from central.commands.scan import known_courts
from central.scanning import fields
from central.scanning.lines import Line
from central.scanning.reader import Reader
from shared.pages.straighten import straighten
from tests.bench import fontframes, kept, letterframes
from tests.bench.letterframes import FONTS, Letter, Picture
from tests.bench.rows import Options, Row

FIRST, MOST = 300, 20
OURS, BASE, OTHER = "minyi scan", "rapidocr alone", "tesseract alone"
_ONE_THREAD = {
    "Global.log_level": "critical",
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}
_KINDS = (
    "clean",
    "skew",
    "shadow",
    "folds",
    "noise",
    "photo dark",
    "photo wood",
    "photo white",
    "photo clutter",
)


class Shot(NamedTuple):
    """One picture: the letter, the lines that stand on it, and where the page lies."""

    kind: str
    picture: Picture
    letter: Letter
    text: str
    whole: bool
    corners: Any = None
    font: str = ""


class Read(NamedTuple):
    """What a reader made of one picture."""

    text: str
    seconds: float
    lines: tuple[Line, ...] = ()
    corners: Any = None


def shots(count: int, fonts: Sequence[tuple[Path, int]] = FONTS) -> Iterator[Shot]:
    """Every kind of damage to each letter, in turn in every font."""
    for at in range(count):
        letter = letterframes.letter(FIRST + at)
        sheets = letterframes.rendered(letter.lines, font=(font := fonts[at % len(fonts)]), size=36)
        for kind in _KINDS:
            rng = np.random.default_rng(FIRST + at)
            picture, corners = _damaged(sheets[0].picture, kind, rng)
            yield Shot(
                kind, picture, letter, "".join(sheets[0].lines), len(sheets) == 1, corners, font[0].stem
            )


def _damaged(page: Picture, kind: str, rng: np.random.Generator) -> tuple[Picture, Any]:
    if kind == "skew":
        return letterframes.skewed(page, float(rng.uniform(-4, 4))), None
    if kind == "shadow":
        return letterframes.shadowed(page, rng), None
    if kind == "folds":
        return letterframes.folded(page, rng), None
    if kind == "noise":
        return letterframes.noisy(page, rng, 18.0), None
    if kind.startswith("photo"):
        return letterframes.photographed(letterframes.folded(page, rng), rng, kind.split()[1])
    return page, None


def distance(one: str, other: str) -> int:
    """Return the edit distance."""
    before = list(range(len(other) + 1))
    for i, sign in enumerate(one, start=1):
        now = [i]
        for j, that in enumerate(other, start=1):
            now.append(min(before[j] + 1, now[j - 1] + 1, before[j - 1] + (sign != that)))
        before = now
    return before[-1]


def bare(text: str) -> str:
    """Return text without blanks, wide signs narrow."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def _ours(reader: Reader) -> Callable[[Picture], Read]:
    def read(picture: Picture) -> Read:
        start = time.process_time()
        page = straighten(picture)
        _, lines = reader.read(page.picture, 1)
        seconds = time.process_time() - start
        return Read("".join(each.text for each in lines), seconds, tuple(lines), page.quad)

    return read


def _rapid(engine: RapidOCR) -> Callable[[Picture], Read]:
    def read(picture: Picture) -> Read:
        start = time.process_time()
        found: Any = engine(picture if picture.ndim == 3 else cv2.cvtColor(picture, cv2.COLOR_GRAY2BGR))
        return Read("".join(found.txts or ()), time.process_time() - start)

    return read


def _tesseract(picture: Picture) -> Read:
    good, packed = cv2.imencode(".png", picture)
    start = time.monotonic()
    command = ["tesseract", "-", "-", "-l", "chi_sim", "--dpi", "200"]
    made = subprocess.run(
        command,
        input=packed.tobytes(),
        capture_output=True,
        check=good,
        env={"OMP_THREAD_LIMIT": "1", "PATH": "/usr/bin:/bin"},
    )
    return Read(made.stdout.decode(), time.monotonic() - start)


def run(options: Options) -> list[Row]:
    """Return for each kind and reader: error rate and seconds a page; corners found; recall and precision of fields."""
    cv2.setNumThreads(1)
    fonts = fontframes.installed(options.fonts) if options.fonts else FONTS
    count = max(1, min(MOST, options.rows), len(fonts) if options.fonts else 1)
    reader = Reader()
    readers: dict[str, Callable[[Picture], Read]] = {
        OURS: _ours(reader),
        BASE: _rapid(RapidOCR(params=_ONE_THREAD)),
    }
    if shutil.which("tesseract"):
        readers[OTHER] = _tesseract
    wrong: dict[tuple[str, str], list[float]] = defaultdict(list)
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    corners: dict[str, list[float]] = defaultdict(list)
    tally = [0, 0, 0]
    step = kept.counted("pages", count * len(_KINDS))
    for number, shot in enumerate(shots(count, fonts), 1):
        step(number)
        for name, read in readers.items():
            made = read(shot.picture)
            wanted = bare(shot.text)
            rate = min(1.0, distance(bare(made.text), wanted) / len(wanted))
            for kind in (shot.kind, "all", *([shot.font] if options.fonts else [])):
                wrong[kind, name].append(rate)
                took[kind, name].append(made.seconds)
            if name == OURS:
                if shot.corners is not None:
                    off = 9999.0 if made.corners is None else float(np.abs(made.corners - shot.corners).max())
                    corners[shot.kind].append(off)
                    if options.fonts:
                        corners[shot.font].append(off)
                if shot.whole:
                    tally = [a + b for a, b in zip(tally, _fields(made, shot.letter), strict=True)]
    rows = [row for key in wrong for row in _rows(*key, wrong, took)]
    for kind, offs in corners.items():
        found = 100 * sum(off < 40 for off in offs) / len(offs)
        rows.append(Row(kind, "corners found", found, "%", engine="-", rows=len(offs)))
        rows.append(Row(kind, "worst corner, mean", float(np.mean(offs)), "px", engine="-", rows=len(offs)))
    right, told, there = tally
    rows.append(Row("fields, all kinds", "recall", 100 * right / max(there, 1), "%", engine="-", rows=there))
    rows.append(Row("fields, all kinds", "precision", 100 * right / max(told, 1), "%", engine="-", rows=told))
    return rows


def _fields(made: Read, letter: Letter) -> tuple[int, int, int]:
    """Return how many values are right, were told, and stand in the letter."""
    proposed = fields.propose([line for line in made.lines if line.is_read], courts=known_courts())
    told = {(each.name, bare(each.value)) for each in proposed}
    there = {
        (name, bare(value))
        for name, values in letter.fields.items()
        for value in (values if isinstance(values, list) else [values])
    }
    return len(told & there), len(told), len(there)


def _rows(kind: str, name: str, wrong: dict[Any, list[float]], took: dict[Any, list[float]]) -> Iterator[Row]:
    rates = wrong[kind, name]
    case, count = f"{kind}, {name}", len(rates)
    base = float(np.mean(wrong[kind, BASE]))
    rate = float(np.mean(rates))
    ratio = rate / base if base and name != BASE else None
    yield Row(
        case, "signs wrong", 100 * rate, "%", ratio, BASE if ratio is not None else "", engine="-", rows=count
    )
    yield Row(case, "a page", float(np.mean(took[kind, name])), "s", engine="-", rows=count)
