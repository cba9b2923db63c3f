"""Address labels as PDF: one alone, or a sheet of many. The envelope says who writes and to whom, and nothing of a petition."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources

import typst


@dataclass(frozen=True, slots=True)
class Label:
    """To whom, where, and the number by which the court knows what came back."""

    name: str
    address: str
    number: str
    #: How many pages are in the envelope, in words; empty if that is not known.
    inside: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Who writes, and the words of the label in the language of the house."""

    name: str
    title: str
    to: str
    from_words: str
    lang: str


def labels_pdf(labels: Sequence[Label], sender: Sender, *, single: bool = False) -> bytes:
    """Return the labels as a PDF: ten on a page of A4, or one on a page of its own size."""
    told = {
        "labels": [asdict(each) for each in labels],
        "single": single,
        "title": sender.title,
        "from_name": sender.name,
        "from_words": sender.from_words,
        "to": sender.to,
        "lang": sender.lang,
    }
    inputs = {"labels": json.dumps(told, ensure_ascii=False)}
    fonts = resources.files("central.deadlines").joinpath("data/fonts")
    with (
        resources.as_file(resources.files("central.delivery").joinpath("data")) as data,
        resources.as_file(fonts) as letters,
    ):
        return typst.compile(
            str(data / "labels.typ"), font_paths=[str(letters)], sys_inputs=inputs, format="pdf"
        )
