"""Kinds of letters, and what one says: a frozen content, from which alone the paper is set. Pure."""

import hashlib
import json
from dataclasses import dataclass, field, fields
from datetime import date
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from shared.canonical import canonical


class LetterKind(StrEnum):
    """What a letter is."""

    RECEIPT = "receipt"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TO_LITIGATION = "to_litigation"
    PROGRESS = "progress"
    REPLY = "reply"
    #: Decisions of the court above (arts 35, 36), and the letter that ends the same facts.
    REVIEW = "review"
    RE_REVIEW = "re_review"
    SAME_FACTS = "same_facts"


#: Notices staff have written when something happened; receipt and reply come by themselves.
NOTICES = (LetterKind.ACCEPTED, LetterKind.DECLINED, LetterKind.TO_LITIGATION, LetterKind.PROGRESS)

#: What the petitioner fetches as a list of its own; receipt and reply stand where they belong.
PAPERS = tuple(kind for kind in LetterKind if kind not in {LetterKind.RECEIPT, LetterKind.REPLY})


class Part(NamedTuple):
    """A piece of the text: `head`, `subhead`, `par` with words, or `pairs` with rows of a table."""

    kind: Literal["head", "subhead", "par", "pairs"]
    text: str = ""
    rows: tuple[tuple[str, str], ...] = ()


class Enclosed(NamedTuple):
    """A file that goes out with the letter: its name as printed, its pages, the SHA-256 of what the petitioner gets."""

    name: str
    pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """All that is printed, as it was when the court wrote it. Later changes of names or addresses do not touch it."""

    kind: str
    sender: str
    number: str
    title: str
    to: str
    parts: tuple[Part, ...]
    day: date
    attachments: tuple[Enclosed, ...] = ()
    foot: str = ""
    compact: bool = False
    labels: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as canonical JSON: what is kept, and what the check code is made of."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        parts = [each._asdict() for each in self.parts]
        attachments = [each._asdict() for each in self.attachments]
        return canonical(found | {"day": self.day.isoformat(), "parts": parts, "attachments": attachments})


def content_of(text: str) -> Content:
    """Return a content from its text."""
    found: dict[str, Any] = json.loads(text)
    parts = tuple(
        Part(each["kind"], each["text"], tuple((row[0], row[1]) for row in each["rows"]))
        for each in found["parts"]
    )
    return Content(
        **found
        | {
            "parts": parts,
            "day": date.fromisoformat(found["day"]),
            "attachments": tuple(Enclosed(**each) for each in found["attachments"]),
        }
    )


def check_code(salt: str, text: str) -> str:
    """Return the code printed beside the QR code: whoever has only the paper compares it with the page."""
    digest = hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()[:16].upper()
    return "-".join(digest[at : at + 4] for at in range(0, 16, 4))
