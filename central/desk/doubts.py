"""What is flagged about numbers that were typed: of papers and of cases. Nothing is refused for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypedDict

from sqlmodel import Session

from central.cases import queries as cases
from central.cases.codes import Reading
from central.petitions import papers
from central.petitions.forms import Register
from central.petitions.models import Petitioner


class Doubts(TypedDict):
    """What the page after registration shows."""

    cases: Sequence[Reading]
    paper_flag: str | None


def of_form(s: Session, form: Register, *, today: date) -> Doubts:
    """Return what is to be said about the numbers of a form that was just registered."""
    return {
        "cases": cases.read(s, form.case_numbers, year=today.year),
        "paper_flag": papers.flag(form.id_kind, form.id_number, today=today),
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A petitioner's paper as the page shows it: kind, number masked, and what is to be checked."""

    kind: str | None
    masked: str
    flag: str | None


def of_petitioner(person: Petitioner | None, *, today: date) -> Shown | None:
    """Return a petitioner's paper, None without a number."""
    if person is None or not person.id_number:
        return None
    kind = papers.Paper(person.id_kind) if person.id_kind in set(papers.Paper) else None
    flag = papers.flag(kind, person.id_number, today=today)
    return Shown(kind, papers.masked(person.id_number), flag)
