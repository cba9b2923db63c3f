"""Setting a letter: typst inside the process, PDF/A-2a and PDF/UA-1, one set of fonts for all letters of the process.

A character no font has, or a font that is not there, is an error: a letter never leaves with an empty box.
"""

import json
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

import segno
import typst

from central.errors import MinyiError
from central.letters import enclosing
from central.letters.kinds import Content
from central.letters.pages import joined

#: What the standard asks for where a court has it, then free equivalents (docs/letters.md); the last one comes with the package.
BODY = ("FangSong_GB2312", "FangSong", "STFangsong", "FandolFang R", "Noto Serif CJK SC", "Minyi Serif")
TITLE = ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "Noto Serif CJK SC", "Minyi Serif")
HEADING = ("SimHei", "Noto Sans CJK SC", "Minyi Serif")
PAGE = ("SimSun", "Noto Serif CJK SC", "Minyi Serif")
STANDARDS: Any = ["a-2a", "ua-1"]
#: Dots per inch of the picture of a receipt: readable on a phone, small enough to send.
PICTURE_DPI = 110
_MISSING = re.compile(r"`\"(.+?)\"` could not be displayed|text `?\"?(.+?)\"?`? could not be displayed")
_ESCAPED = re.compile(r"\\u\{([0-9a-f]+)\}")
_LOCK = threading.Lock()


class Unprintable(MinyiError):
    """The letter cannot be set: a character is in no font of this machine, or the typesetter refused."""

    status = 409


@dataclass(frozen=True, slots=True)
class Marks:
    """What goes onto the paper beside the content: where to check it, and whether it is only a draft."""

    letter: str = ""
    address: str = ""
    code: str = ""
    watermark: str = ""
    extra: tuple[tuple[str, str], ...] = ()


@lru_cache
def _folder() -> Path:
    found = resources.files("central.letters").joinpath("data")
    return Path(str(found))


@lru_cache
def _fonts() -> typst.Fonts:
    own = Path(str(resources.files("central.deadlines").joinpath("data"))) / "fonts"
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=False, font_paths=[str(own)])


@lru_cache
def _chosen(wanted: tuple[str, ...]) -> list[str]:
    there = set(_fonts().families())
    return [name for name in wanted if name in there]


class _Setters(threading.local):
    """A compiler for each thread, made on first use; the fonts are read once for all."""

    compiler: typst.Compiler | None = None


_SETTERS = _Setters()


def set_pdf(content: Content, marks: Marks) -> bytes:
    """Return the letter as PDF/A-2a and PDF/UA-1, the same bytes for the same words; raise `Unprintable`."""
    made = _compile(content, marks, format="pdf", pdf_standards=STANDARDS, timestamp=_midnight(content))
    return made[0]


def set_picture(content: Content, marks: Marks) -> bytes:
    """Return the pages one below the other as PNG; raise `Unprintable`."""
    # PDF/A is what refuses a missing character; a picture would show a box.
    set_pdf(content, marks)
    return joined(_compile(content, marks, format="png", ppi=PICTURE_DPI))


def _compile(content: Content, marks: Marks, **how: Any) -> list[bytes]:
    inputs = {"letter": json.dumps(_told(content, marks), ensure_ascii=False)}
    compiler = _SETTERS.compiler
    if compiler is None:
        with _LOCK:
            compiler = typst.Compiler(str(_folder() / "letter.typ"), font_paths=_fonts())
        _SETTERS.compiler = compiler
    try:
        made, warnings = compiler.compile_with_warnings(sys_inputs=inputs, **how)
    except typst.TypstError as error:
        raise _refusal(str(error)) from None
    if warnings or made is None:
        raise Unprintable("letters.not_set", reason="; ".join(each.message for each in warnings)[:200])
    return made if isinstance(made, list) else [made]


def _refusal(reason: str) -> Unprintable:
    found = _MISSING.search(reason)
    if found is None:
        return Unprintable("letters.not_set", reason=reason.splitlines()[0][:200])
    text = _ESCAPED.sub(lambda one: chr(int(one[1], 16)), found[1] or found[2])
    codes = " ".join(f"U+{ord(each):04X}" for each in text)
    return Unprintable("letters.no_glyph", text=text, codes=codes)


def _midnight(content: Content) -> datetime:
    return datetime(content.day.year, content.day.month, content.day.day, tzinfo=UTC)


def _told(content: Content, marks: Marks) -> dict[str, Any]:
    labels = content.labels
    parts = [each._asdict() for each in content.parts]
    for part in parts:
        if part["kind"] == "pairs":
            part["rows"] = [*part["rows"], *marks.extra]
    words = labels["qr_words"].format(address=marks.address, code=marks.code) if marks.letter else ""
    return {
        "title": content.title,
        "number": content.number,
        "number-line": content.number,
        "sender": content.sender,
        "description": labels["description"],
        "keywords": enclosing.keywords(marks.letter, content.attachments) if marks.letter else [],
        "date": [content.day.year, content.day.month, content.day.day],
        "date-line": labels["date"],
        "fonts": {
            "body": _chosen(BODY),
            "title": _chosen(TITLE),
            "heading": _chosen(HEADING),
            "page": _chosen(PAGE),
        },
        "lang": labels["lang"],
        "region": labels["region"],
        "watermark": marks.watermark,
        "compact": content.compact,
        "to": content.to,
        "parts": parts,
        # One alone bears no number (GB/T 9704-2012, 7.3.4).
        "attachments": [
            {
                "number": f"{at}." if len(content.attachments) > 1 else "",
                "name": each.name,
                "detail": labels["enclosed"].format(pages=each.pages, sha256=each.sha256),
            }
            for at, each in enumerate(content.attachments, 1)
        ],
        "attachments-head": labels["attachments"],
        "seal": labels["seal"],
        "foot": content.foot,
        "qr": _qr(marks) if marks.letter else "",
        "qr-alt": labels["qr_alt"],
        "qr-words": words,
    }


def _qr(marks: Marks) -> str:
    """Return the QR code as SVG, the dark runs of all rows as one path: set as hundreds of boxes it took a third of a letter's time."""
    text = f"{marks.address}/{marks.letter}" if marks.address else marks.letter
    rows = segno.make(text, error="m", boost_error=False, micro=False).matrix
    size = len(rows)
    path = "".join(f"M{at} {y}h{cells}v1h-{cells}z" for y, row in enumerate(rows) for at, cells in _runs(row))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'


def _runs(row: Sequence[int]) -> list[tuple[int, int]]:
    """Return the dark runs of a row: (first cell, cells)."""
    line, begin = [], -1
    for at, dark in enumerate([*row, 0]):
        if dark and begin < 0:
            begin = at
        elif not dark and begin >= 0:
            line.append((begin, at - begin))
            begin = -1
    return line
