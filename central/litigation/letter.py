"""The guidance letter in words and as PDF."""

import json
from collections.abc import Callable
from datetime import date
from importlib import resources

import typst

from central.litigation.rules import Late, Level, Route, Where

Text = Callable[..., str]


def words(route: Route, *, number: str, court: str, text: Text, day: Callable[[date], str], zh: bool) -> str:
    """Return the letter as text: what is open, where, in which form, until when, and what waiting would cost."""
    found = route.procedure
    form = found.form_zh if zh else found.form_en
    lines = [
        text("litigation.letter.open", number=number, what=found.zh if zh else found.en),
        text(f"litigation.letter.court_{found.court}", court=court),
        text("litigation.letter.form", form=form, article=found.article),
        _time(route, text, day),
    ]
    if route.level is Level.PAST:
        lines.append(text(f"litigation.letter.past_{found.late or Late.TEN_DAYS}"))
    elif route.level in {Level.SHORT, Level.BURNS, Level.UNKNOWN}:
        lines.append(text(f"litigation.letter.warn_{route.level}"))
    return "\n".join(lines)


def _time(route: Route, text: Text, day: Callable[[date], str]) -> str:
    found = route.procedure
    if found.from_ is None or found.amount is None:
        return text("litigation.letter.no_period")
    since, length = (
        text(f"litigation.from.{found.from_}"),
        text(f"deadlines.unit.{found.unit}", amount=found.amount),
    )
    if route.due_on is None or route.started_on is None or route.left is None:
        return text("litigation.letter.period", since=since, length=length)
    return text(
        "litigation.letter.until",
        since=since,
        start=day(route.started_on),
        length=length,
        due=day(route.due_on),
        left=text("litigation.letter.over", days=-route.left)
        if route.left < 0
        else text("litigation.letter.left", days=route.left),
    )


def place(route: Route, *, court: str, text: Text, zh: bool) -> str:
    """Return who is applied to, in words."""
    found = route.procedure
    if found.court is Where.PLACE:
        return found.where_zh if zh else found.where_en
    return court or text(f"litigation.where.{found.court}")


def letter_pdf(*, title: str, number: str, to: str, words: str, court: str, day: str, lang: str) -> bytes:
    """Return the letter as a PDF of A4, set without a network, in the fonts that come with the deadline sheet."""
    told = {
        "title": title,
        "number": number,
        "to": to,
        "lines": [line for line in words.splitlines() if line.strip()],
        "court": court,
        "day": day,
        "lang": lang,
    }
    inputs = {"letter": json.dumps(told, ensure_ascii=False)}
    with (
        resources.as_file(resources.files("central.litigation").joinpath("data")) as data,
        resources.as_file(resources.files("central.deadlines").joinpath("data")) as fonts,
    ):
        return typst.compile(
            str(data / "letter.typ"), font_paths=[str(fonts / "fonts")], sys_inputs=inputs, format="pdf"
        )
