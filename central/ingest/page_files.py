"""Pages of a box as a PDF, without opening a picture: each JPEG is put in as it is, turned by the page's own angle. Pure.

The PDF then takes the way of every file from outside: checked and made anew in the sandbox.
"""

import io
from collections.abc import Sequence
from typing import NamedTuple

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

#: Dots an inch that a page is taken to have: A4 at 2339 pixels on its long side.
_DOTS = 200
#: Markers of a frame's head: baseline to lossless, arithmetic coding too; not the tables that stand among them (ITU-T T.81, table B.1).
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_COLOURS = {1: Name.DeviceGray, 3: Name.DeviceRGB}


class NoPicture(ValueError):
    """What came is no JPEG."""


class Size(NamedTuple):
    """Of a JPEG: pixels across and down, and planes."""

    width: int
    height: int
    planes: int


class Page(NamedTuple):
    """A JPEG and by how many quarters with the clock it is turned."""

    picture: bytes
    turn: int


def pdf_of(pages: Sequence[Page]) -> bytes:
    """Return the pages as one PDF; raise `NoPicture`."""
    made = io.BytesIO()
    with Pdf.new() as pdf:
        for page in pages:
            _add(pdf, page)
        pdf.save(made)
    return made.getvalue()


def _add(pdf: Pdf, page: Page) -> None:
    size = size_of(page.picture)
    picture = pdf.make_stream(
        page.picture,
        Type=Name.XObject,
        Subtype=Name.Image,
        Width=size.width,
        Height=size.height,
        ColorSpace=_COLOURS[size.planes],
        BitsPerComponent=8,
        Filter=Name.DCTDecode,
    )
    across, down = size.width * 72 / _DOTS, size.height * 72 / _DOTS
    drawn = f"q {across:.3f} 0 0 {down:.3f} 0 0 cm /Im0 Do Q".encode()
    leaf = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(across, 3), round(down, 3)]),
        Rotate=page.turn % 4 * 90,
        Resources=Dictionary(XObject=Dictionary(Im0=picture)),
        Contents=pdf.make_stream(drawn),
    )
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(leaf)))


def size_of(picture: bytes) -> Size:
    """Return the size that a JPEG's head tells; raise `NoPicture`."""
    at = 2
    if not picture.startswith(b"\xff\xd8"):
        raise NoPicture
    while at + 9 < len(picture) and picture[at] == 0xFF:
        marker, length = picture[at + 1], int.from_bytes(picture[at + 2 : at + 4])
        if marker in _FRAMES:
            height, width = (int.from_bytes(picture[at + place : at + place + 2]) for place in (5, 7))
            planes = picture[at + 9]
            if not width or not height or planes not in _COLOURS:
                raise NoPicture
            return Size(width, height, planes)
        at += 2 + length
    raise NoPicture
