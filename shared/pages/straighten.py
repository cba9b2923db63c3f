"""From a picture of paper to a page: everything of this folder in its order. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np

from shared.pages import cleaning, outline
from shared.pages.judging import Judgement, judge
from shared.pages.outline import Picture, Quad


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it is kept: the picture, evened and straight; where it lay; how it was turned; what is to be said of it."""

    picture: Picture
    judgement: Judgement
    quad: Quad | None
    #: Degrees by which lines rose to the right.
    slant: float
    #: Quarters with the clock by which the page was turned to have level lines.
    quarters: int


def straighten(picture: Picture, *, guess_head: bool = False) -> Page:
    """Find, cut, turn, even out and level one page; with `guess_head` also turn what seems to stand on its head."""
    found = outline.find(picture)
    sheet = cleaning.cut(picture, found.quad) if found else _fitted(picture)
    judgement = judge(sheet)
    page = cleaning.evened(sheet)
    quarters = 1 if cleaning.lies_on_its_side(page) else 0
    page = cleaning.quarter(page, quarters)
    slant = cleaning.slant(page)
    if abs(slant) >= 0.15:
        page = cleaning.turned(page, -slant)
    if guess_head and cleaning.is_upside_down(page):
        page, quarters = cleaning.quarter(page, 2), quarters + 2
    return Page(page, judgement, found.quad if found else None, slant, quarters)


def _fitted(picture: Picture) -> Picture:
    scale = cleaning.MOST_SIDE / max(picture.shape[:2])
    if scale >= 1:
        return picture
    return np.asarray(
        cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8
    )
