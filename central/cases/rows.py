"""What is typed into the field of case numbers becomes rows. Pure."""

import re
from collections.abc import Iterable
from uuid import UUID

from central.cases.models import CaseName
from central.cases.numbers import key

#: Longest single entry that is kept; numbers are far shorter, but nothing is refused at the counter.
MOST_SIGNS = 200
_BETWEEN = re.compile(r"[\r\n;；、，,]+")


def split(text: str) -> list[str]:
    """Return the numbers in a text: one a line, or with the usual signs between them."""
    return [part.strip() for part in _BETWEEN.split(text) if part.strip()]


def rows_of(petition_id: UUID, typed: Iterable[str]) -> list[CaseName]:
    """Return the rows of the numbers a petition names, each once, in the order they were typed."""
    found: dict[str, str] = {}
    for text in typed:
        found.setdefault(key(text), text)
    return [
        CaseName(petition_id=petition_id, place=place, typed=text, case_number=made)
        for place, (made, text) in enumerate(found.items(), start=1)
    ]
