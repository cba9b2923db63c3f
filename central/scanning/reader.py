"""Reading by RapidOCR (PP-OCR models that lie in its wheel), on one thread. Loaded only by the process of `child`."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from rapidocr import RapidOCR

from central.scanning import script
from central.scanning.lines import READABLE, Box, Line, in_order
from shared.pages import cleaning
from shared.pages.outline import Picture

#: Longest side in pixels on which lines are sought; they are read from the full picture.
_SOUGHT_AT = 1344
#: A page stands on its head when its longest lines read so much better turned.
_TURNED_BETTER, _SURE = 0.15, 0.9
_LONGEST = 4
#: Heights of a band of ink that may be a line, as multiples of the usual line.
_LOWEST, _HIGHEST = 0.45, 2.2
_SETTINGS: dict[str, Any] = {
    "Global.log_level": "critical",
    "Global.use_cls": False,
    "Global.max_side_len": 5000,
    "Det.limit_type": "max",
    "Det.limit_side_len": _SOUGHT_AT,
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
}


@dataclass(frozen=True, slots=True)
class Piece:
    """A line that was found: its corners, and what was read."""

    quad: Any
    text: str = ""
    confidence: float = 0.0
    found: bool = False


class _Plainly:
    """The engine's own reading of chances, while `on` with forms of signs as `script` puts them."""

    def __init__(self, decode: Any) -> None:
        self.decode, self.on = decode, False

    def __call__(self, chances: Any, *more: Any, **named: Any) -> Any:
        given = script.simplified(chances, self.decode.character) if self.on else chances
        return self.decode(given, *more, **named)


class Reader:
    """Reads pages; loading takes a moment, so one is made for many pages."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        self._engine = RapidOCR(params=_SETTINGS)

    def warm(self) -> None:
        """Load the models now, before the process gives up the right to open files."""
        page = np.full((120, 400, 3), 255, np.uint8)
        cv2.putText(page, "2026", (20, 80), cv2.FONT_HERSHEY_SIMPLEX, 2, (0, 0, 0), 4)
        self._seek(page)
        self._read(page[20:100])

    def read(self, page: Picture, number: int) -> tuple[Picture, list[Line]]:
        """Return the page, turned over if it stood on its head, and its lines in reading order."""
        picture = _colour(page)
        quads = self._seek(picture)
        if self._on_its_head(picture, quads):
            picture = cleaning.quarter(picture, 2)
            page = cleaning.quarter(page, 2)
            quads = self._seek(picture)
        pieces = [self._piece(picture, quad) for quad in quads]
        pieces += self._missed(picture, pieces)
        if script.is_mostly_simplified(piece.text for piece in pieces):
            pieces = [
                self._plainly(picture, each) if script.has_traditional(each.text) else each for each in pieces
            ]
        lines = [
            _line(piece, number) for piece in pieces if piece.text.strip() or piece.confidence < READABLE
        ]
        return page, in_order(line for line in lines if line.box.width > 3 and line.box.height > 3)

    def _seek(self, picture: Picture) -> list[Any]:
        found: Any = self._engine(picture, use_det=True, use_cls=False, use_rec=False)
        return [] if found.boxes is None else [np.asarray(quad, np.float32) for quad in found.boxes]

    def _read(self, crop: Picture) -> tuple[str, float]:
        found: Any = self._engine(crop, use_det=False, use_cls=False, use_rec=True)
        # Pictures, texts, how sure it is of each, more: the library's own word for the third is kept from our names.
        _, texts, sure, *_ = vars(found).values()
        return (str(texts[0]), float(sure[0])) if texts else ("", 0.0)

    def _piece(self, picture: Picture, quad: Any) -> Piece:
        """Read one line; what is doubtful is read again with more room and more contrast, and the better reading kept."""
        best = self._read(_crop(picture, quad, 0.0))
        if best[1] < 0.85:
            tries = [_crop(picture, quad, 0.12), _harder(_crop(picture, quad, 0.06))]
            best = max([best, *(self._read(each) for each in tries)], key=lambda each: each[1])
        return Piece(quad, *best)

    def _plainly(self, picture: Picture, piece: Piece) -> Piece:
        """Read a line with traditional signs on a simplified page again: where the model doubts between two forms, the simplified one."""
        words: Any = self._engine.text_rec
        if not isinstance(words.postprocess_op, _Plainly):
            words.postprocess_op = _Plainly(words.postprocess_op)
        words.postprocess_op.on = True
        try:
            return replace(self._piece(picture, piece.quad), found=piece.found)
        finally:
            words.postprocess_op.on = False

    def _on_its_head(self, picture: Picture, quads: list[Any]) -> bool:
        longest = sorted(quads, key=lambda quad: -float(np.ptp(quad[:, 0])))[:_LONGEST]
        if not longest:
            return False
        crops = [_crop(picture, quad, 0.0) for quad in longest]
        upright = float(np.mean([self._read(crop)[1] for crop in crops]))
        if upright >= _SURE:
            return False
        turned = float(np.mean([self._read(cleaning.quarter(crop, 2))[1] for crop in crops]))
        return turned > upright + _TURNED_BETTER

    def _missed(self, picture: Picture, pieces: list[Piece]) -> list[Piece]:
        """Read the bands of ink that no line covers: the search drops whole lines now and then, and says nothing of it."""
        heights = [float(np.ptp(piece.quad[:, 1])) for piece in pieces]
        usual = float(np.median(heights)) if heights else picture.shape[0] / 60
        made = []
        for box in uncovered(picture, [piece.quad for piece in pieces], usual):
            quad = np.array(
                [[box.left, box.top], [box.right, box.top], [box.right, box.bottom], [box.left, box.bottom]],
                np.float32,
            )
            piece = replace(self._piece(picture, quad), found=True)
            if piece.confidence >= READABLE or box.width > 3 * usual:
                made.append(piece)
        return made


def uncovered(picture: Picture, quads: Iterable[Any], usual: float) -> list[Box]:
    """Return the bands of ink outside of these lines that are as high as a line is; `usual` is that height in pixels."""
    mask = _without_rules(cleaning.ink(picture))
    grown = np.zeros_like(mask)
    for quad in quads:
        cv2.fillPoly(grown, [np.asarray(quad, np.int32)], 255)
    reach = max(3, round(usual * 0.5))
    left = cv2.bitwise_and(mask, cv2.bitwise_not(cv2.dilate(grown, np.ones((reach, reach), np.uint8))))
    rim = round(0.025 * min(mask.shape))
    left[:rim], left[-rim:], left[:, :rim], left[:, -rim:] = 0, 0, 0, 0
    left = cv2.morphologyEx(left, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    boxes = []
    for top, bottom in cleaning.bands(np.asarray(left, dtype=np.uint8)):
        if not _LOWEST * usual <= bottom - top <= _HIGHEST * usual:
            continue
        boxes += _spans(left[top:bottom], top, bottom, usual)
    return [
        box for box in boxes if float(grown[box.top : box.bottom, box.left : box.right].mean()) < 0.25 * 255
    ]


def _without_rules(mask: Picture) -> Picture:
    """Return the ink without rules, frames and folds: what runs on for a tenth of the page without a gap."""
    height, width = mask.shape
    for shape in ((1, width // 10), (height // 10, 1)):
        long = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones(shape, np.uint8))
        mask = np.asarray(cv2.subtract(mask, cv2.dilate(long, np.ones((5, 5), np.uint8))), dtype=np.uint8)
    return mask


def _spans(band: Any, top: int, bottom: int, usual: float) -> list[Box]:
    """Return where ink stands in a band: runs of signs without a gap wider than three."""
    columns = np.flatnonzero(band.max(axis=0))
    if not len(columns):
        return []
    runs = np.split(columns, np.flatnonzero(np.diff(columns) > 3 * usual) + 1)
    pad = round(0.15 * usual)
    made = []
    for run in runs:
        width = int(run[-1] - run[0])
        share = float(band[:, run[0] : run[-1] + 1].mean() / 255)
        # A rule or a fold is long and thin or full; signs are ink and gaps.
        if width >= 0.8 * usual and 0.05 < share < 0.6:
            made.append(Box(max(0, int(run[0]) - pad), max(0, top - pad), int(run[-1]) + pad, bottom + pad))
    return made


def _colour(page: Picture) -> Picture:
    return np.asarray(cv2.cvtColor(page, cv2.COLOR_GRAY2BGR), np.uint8) if page.ndim == 2 else page


def _crop(picture: Picture, quad: Any, room: float) -> Picture:
    """Return a line straightened, with so much room around it, as a part of its height."""
    width = max(_length(quad[0], quad[1]), _length(quad[3], quad[2]))
    height = max(_length(quad[0], quad[3]), _length(quad[1], quad[2]))
    pad = room * height
    wide, high = max(2, round(width + 2 * pad)), max(2, round(height + 2 * pad))
    target = np.array(
        [[pad, pad], [wide - pad, pad], [wide - pad, high - pad], [pad, high - pad]], np.float32
    )
    matrix = cv2.getPerspectiveTransform(np.asarray(quad, np.float32), target)
    made = cv2.warpPerspective(
        picture, matrix, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(made, np.uint8)


def _length(one: Any, other: Any) -> float:
    return float(np.hypot(*(one - other)))


def _harder(crop: Picture) -> Picture:
    """Return a faint line with its darkest strokes black and its paper white."""
    low, high = np.percentile(crop, (2, 80))
    return np.asarray(np.clip((crop.astype(np.float32) - low) * 255 / max(high - low, 20), 0, 255), np.uint8)


def _line(piece: Piece, number: int) -> Line:
    left, top = np.floor(piece.quad.min(axis=0)).astype(int).tolist()
    right, bottom = np.ceil(piece.quad.max(axis=0)).astype(int).tolist()
    box = Box(max(0, left), max(0, top), right, bottom)
    return Line(number, box, piece.text.strip(), round(piece.confidence, 3), piece.found)
