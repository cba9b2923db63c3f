"""Pages as a PDF/A that can be searched: each page's picture, and over it what was read, transparent. Typst, in memory alone."""

import base64
import json
from collections.abc import Sequence
from datetime import date
from importlib import resources
from typing import Any

import typst

from central.scanning.reading import ReadPage

#: Width of a page in points: A4; the height follows the picture.
_WIDTH = 595.28


def pdf(pages: Sequence[ReadPage], *, title: str, day: date, lang: str = "zh") -> bytes:
    """Return a PDF/A-2u of the pages. What petitioners wrote never touches the disk."""
    told = [
        {
            "picture": f"{at}.svg",
            "height": _WIDTH * page.height / page.width,
            "scale": _WIDTH / page.width,
            "lines": [
                [line.box.left, line.box.top, line.box.width, line.box.height, line.text]
                for line in page.lines
                if line.text
            ],
        }
        for at, page in enumerate(pages)
    ]
    source = resources.files("central.scanning").joinpath("data/pages.typ").read_bytes()
    files: Any = {"main.typ": source}
    files |= {f"{at}.svg": _drawn(page) for at, page in enumerate(pages)}
    files["pages.json"] = json.dumps(told, ensure_ascii=False).encode()
    with resources.as_file(resources.files("central.deadlines").joinpath("data/fonts")) as letters:
        made: bytes = typst.compile(
            files,
            font_paths=[str(letters)],
            sys_inputs={"title": title, "lang": lang, "day": day.isoformat()},
            format="pdf",
            pdf_standards="a-2u",
            pdf_tags=False,
        )
    return made


def _drawn(page: ReadPage) -> bytes:
    """Return the picture inside a drawing: typst takes files from memory only as text."""
    packed = base64.b64encode(page.picture).decode()
    size = f'width="{page.width}" height="{page.height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {page.width} {page.height}">'
    return f'{head}<image {size} href="data:image/jpeg;base64,{packed}"/></svg>'.encode()
