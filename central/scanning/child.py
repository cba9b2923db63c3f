"""The process that reads one file: what it is asked, what it answers. It holds the models, so the server never does.

Asked by one JSON argument; the file (made anew by `central.documents`) comes on standard input, the pages' pictures go to an
open file whose number is named. Answer: one JSON line a page as it is read, `{"page": 1, "of": 3, ...}`, last `{"end": true}`
or `{"refused": reason}`; silence means that it was killed. It gives up network and files before it opens the file.
"""

import json
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO

import cv2
import numpy as np
import pypdfium2
from PIL import Image, JpegImagePlugin, PngImagePlugin

from central.documents import confine
from central.scanning.reader import Reader
from shared.pages import codes
from shared.pages.outline import Picture
from shared.pages.straighten import Page, straighten

#: Loaded before the walls go up.
_READERS = (JpegImagePlugin, PngImagePlugin)
_POINTS, _DPI, _MOST_SIDE = 72, 220, 3600
_QUALITY = 82


def main() -> None:
    """Read every page as asked."""
    asked = json.loads(sys.argv[1])
    reader = Reader()
    reader.warm()
    pictures = os.fdopen(asked["pictures"], "wb")
    try:
        confine.confine(memory_mb=asked["memory_mb"], seconds=asked["seconds"], output_mb=asked["output_mb"])
    except OSError:
        _say({"refused": "not_confined"})
        return
    try:
        for number, (picture, of) in enumerate(_pictures(asked["kind"], sys.stdin.buffer), start=1):
            _say({"page": number, "of": of} | _read(reader, picture, number, pictures))
        _say({"end": True})
    except BaseException as error:  # noqa: BLE001 whatever a broken file does to a library, panics of its native half too
        _say({"refused": "too_heavy" if isinstance(error, MemoryError) else "damaged"})


def _pictures(kind: str, source: BinaryIO) -> Iterator[tuple[Picture, int]]:
    """Yield each page as a picture, and how many there are."""
    if kind != "pdf":
        with Image.open(source) as image:
            yield _array(image), 1
        return
    document = pypdfium2.PdfDocument(source.read())
    for number in range(len(document)):
        page = document[number]
        scale = min(_DPI / _POINTS, _MOST_SIDE / max(page.get_size()))
        bitmap = page.render(scale=scale)
        yield _array(bitmap.to_pil()), len(document)
        bitmap.close()
        page.close()


def _array(image: Image.Image) -> Picture:
    if image.mode == "L":
        return np.array(image, np.uint8)
    return np.ascontiguousarray(np.array(image.convert("RGB"), np.uint8)[:, :, ::-1])


def _read(reader: Reader, picture: Picture, number: int, pictures: BinaryIO) -> dict[str, Any]:
    page = straighten(picture)
    printed = codes.read(page.picture) or codes.read(picture)
    judgement = page.judgement
    made = page.picture
    lines: list[Any] = []
    if not judgement.is_blank:
        made, read = reader.read(page.picture, number)
        lines = [
            [
                each.box.left,
                each.box.top,
                each.box.right,
                each.box.bottom,
                each.text,
                each.confidence,
                each.found,
            ]
            for each in read
        ]
    start, length = _kept(made, pictures)
    return {
        "width": made.shape[1],
        "height": made.shape[0],
        "start": start,
        "length": length,
        "lines": lines,
        "codes": printed,
        "blank": judgement.is_blank,
        "warnings": list(judgement.warnings),
        **_place(page),
    }


def _place(page: Page) -> dict[str, Any]:
    corners = None if page.quad is None else page.quad.round().astype(int).tolist()
    return {"corners": corners, "slant": round(page.slant, 2), "quarters": page.quarters}


def _kept(page: Picture, pictures: BinaryIO) -> tuple[int, int]:
    packed = BytesIO()
    plain = Image.fromarray(page if page.ndim == 2 else np.ascontiguousarray(page[:, :, ::-1]))
    plain.save(packed, "JPEG", quality=_QUALITY)
    start = pictures.tell()
    pictures.write(packed.getbuffer())
    pictures.flush()
    return start, len(packed.getbuffer())


def _say(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    if "page" not in what:
        # Libraries that a broken file upset are not asked to tidy up.
        os._exit(0)


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    cv2.setNumThreads(1)
    Image.preinit()
    main()
