"""Codes printed on a page, read from its picture. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

import cv2
import numpy as np
import zxingcpp

from shared.pages import cleaning
from shared.pages.outline import Picture

_KINDS = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.Code128, zxingcpp.BarcodeFormat.QRCode])
#: On a picture of fewer pixels the lines of a cover sheet's code are narrower than two of them: it is read at twice the size as well.
_SMALL = 3_000_000


class Code(NamedTuple):
    """What a code says, and how wide it is, as a part of the picture's width."""

    text: str
    width: float


def read(picture: Picture) -> list[Code]:
    """Return the codes in a picture; a second look at a small one only where the first found none."""
    return next((found for found in map(_found, _looks(picture)) if found), [])


def _looks(picture: Picture) -> Iterator[Picture]:
    plain = cleaning.grey(picture)
    yield plain
    if plain.size < _SMALL:
        yield np.asarray(cv2.resize(plain, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), dtype=np.uint8)


def _found(plain: Picture) -> list[Code]:
    found = []
    for code in zxingcpp.read_barcodes(plain, formats=_KINDS):
        place = code.position
        across = [
            corner.x for corner in (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        ]
        found.append(Code(str(code.text), round((max(across) - min(across)) / plain.shape[1], 3)))
    return found
