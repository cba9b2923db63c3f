"""The letters of a review as text: the decision, and the one that ends the same facts. Their words are data. Pure."""

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple

from central.reviews.models import Review
from central.reviews.rules import Outcome


class Courts(NamedTuple):
    """The courts a letter names: who decides, whose answer it is, against whose decision it goes, and the next above."""

    court: str
    below: str
    against: str
    above: str


@cache
def _words() -> dict[str, Any]:
    return tomllib.loads(files("central.reviews").joinpath("data/letters.toml").read_text("utf-8"))


def decision(row: Review, *, number: str, courts: Courts, on: date) -> str:
    """Return the decision letter of a review: what was asked, found and decided, and what may be done against it."""
    words, sent_back = _words(), row.outcome == Outcome.SENT_BACK
    after = "review_sent_back" if sent_back else row.stage
    parts = (
        words["title"][row.stage],
        _asked(row, number, courts),
        words["parts"]["facts"],
        row.facts,
        words["parts"]["basis"],
        row.basis,
        words["parts"]["outcome"],
        words["outcome"][row.stage][row.outcome].format(below=courts.below),
        words["after"][after].format(above=courts.above),
        _sign(courts.court, on),
    )
    return "\n\n".join(parts)


def decision_parts(row: Review, *, number: str, courts: Courts) -> list[tuple[str, str]]:
    """Return the same for the letter that is set, signed and filed: pairs of `head` or `par` and text, without address and signature."""
    words, sent_back = _words(), row.outcome == Outcome.SENT_BACK
    return [
        ("par", _unaddressed(_asked(row, number, courts))),
        ("head", words["parts"]["facts"]),
        ("par", row.facts),
        ("head", words["parts"]["basis"]),
        ("par", row.basis),
        ("head", words["parts"]["outcome"]),
        ("par", words["outcome"][row.stage][row.outcome].format(below=courts.below)),
        ("par", words["after"]["review_sent_back" if sent_back else row.stage].format(above=courts.above)),
    ]


def same_facts_parts(letter: str) -> list[tuple[str, str]]:
    """Return the letter that ends the same facts as parts, from its text: title, address and signature are set by the letter form."""
    return [("par", each) for each in letter.split("\n\n")[2:-1]]


def _asked(row: Review, number: str, courts: Courts) -> str:
    body = _words()["body"][row.stage]
    return str(body.format(number=number, against=courts.against, asked=_day(row.asked_on)))


def _unaddressed(body: str) -> str:
    return body.split("\n\n", 1)[-1]


def same_facts(
    settled: Review, *, number: str, settled_number: str, court: str, decided_by: str, reasons: str, on: date
) -> str:
    """Return the letter that says that a re-review settled the same facts and reasons (art. 36 para 3)."""
    words = _words()["same_facts"]
    outcome = _words()["outcome"][settled.stage][settled.outcome].rstrip("。").format(below="")
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
