"""The cover sheet as PDF: number, code, pages, postmark. No name and no subject: it lies on desks."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from typing import Literal

import typst

from central.custody import code128


@dataclass(frozen=True, slots=True)
class Cover:
    """What stands on the sheet, in the language of the page."""

    title: str
    number: str
    code: str
    values: Sequence[tuple[str, str]]
    foot: str
    lang: str


def cover_pdf(cover: Cover) -> bytes:
    """Return the sheet as a PDF of one page."""
    return _set(cover, "pdf")


def cover_png(cover: Cover) -> bytes:
    """Return the sheet as it prints, as a picture."""
    return _set(cover, "png")


def _set(cover: Cover, form: Literal["pdf", "png"]) -> bytes:
    told = {
        "title": cover.title,
        "number": cover.number,
        "code": cover.code,
        "widths": code128.widths(cover.code),
        "values": list(cover.values),
        "foot": cover.foot,
        "lang": cover.lang,
    }
    inputs = {"cover": json.dumps(told, ensure_ascii=False)}
    fonts = resources.files("central.deadlines").joinpath("data/fonts")
    with (
        resources.as_file(resources.files("central.custody").joinpath("data")) as data,
        resources.as_file(fonts) as letters,
    ):
        made: bytes = typst.compile(
            str(data / "cover.typ"), font_paths=[str(letters)], sys_inputs=inputs, format=form, ppi=150
        )
    return made
