"""The letters of a review as text: the decision, and the one that ends the same facts. Their words are data. Pure."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from central.reviews.models import Review
from central.reviews.rules import Outcome


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("central.reviews").joinpath("data/letters.toml").read_text("utf-8"))


def decision(row: Review, *, number: str, court: str, below: str, above: str, on: date) -> str:
    """Return the decision letter of a review: what was asked, found and decided, and what may be done against it."""
    words, sent_back = _words(), row.outcome == Outcome.SENT_BACK
    after = "review_sent_back" if sent_back else row.stage
    parts = (
        words["title"][row.stage],
        words["body"][row.stage].format(number=number, below=below, asked=_day(row.asked_on)),
        words["parts"]["facts"],
        row.facts,
        words["parts"]["basis"],
        row.basis,
        words["parts"]["outcome"],
        words["outcome"][row.outcome].format(below=below),
        words["after"][after].format(above=above),
        _sign(court, on),
    )
    return "\n\n".join(parts)


def decision_parts(row: Review, *, number: str, below: str, above: str) -> list[tuple[str, str]]:
    """Return the same for the letter that is set, signed and filed: pairs of `head` or `par` and text, without address and signature."""
    words, sent_back = _words(), row.outcome == Outcome.SENT_BACK
    body = words["body"][row.stage].format(number=number, below=below, asked=_day(row.asked_on))
    return [
        ("par", _unaddressed(body)),
        ("head", words["parts"]["facts"]),
        ("par", row.facts),
        ("head", words["parts"]["basis"]),
        ("par", row.basis),
        ("head", words["parts"]["outcome"]),
        ("par", words["outcome"][row.outcome].format(below=below)),
        ("par", words["after"]["review_sent_back" if sent_back else row.stage].format(above=above)),
    ]


def same_facts_parts(letter: str) -> list[tuple[str, str]]:
    """Return the letter that ends the same facts as parts, from its text: title, address and signature are set by the letter form."""
    return [("par", each) for each in letter.split("\n\n")[2:-1]]


def _unaddressed(body: str) -> str:
    return body.split("\n\n", 1)[-1]


def same_facts(
    settled: Review, *, number: str, settled_number: str, court: str, decided_by: str, reasons: str, on: date
) -> str:
    """Return the letter that says that a re-review settled the same facts and reasons (art. 36 para 3)."""
    words = _words()["same_facts"]
    outcome = _words()["outcome"][settled.outcome].rstrip("。").format(below="")
    body = words["body"].format(
        number=number,
        settled=settled_number,
        decided_by=decided_by,
        outcome=outcome,
        delivered=_day(settled.delivered_on or on),
    )
    return "\n\n".join(
        (words["title"], body, f"{words['reasons']}\n{reasons}", words["after"], _sign(court, on))
    )


def _sign(court: str, on: date) -> str:
    return str(_words()["sign"]["line"].format(court=court, on=_day(on)))


def _day(day: date) -> str:
    return str(_words()["sign"]["day"].format(year=day.year, month=day.month, day=day.day))
