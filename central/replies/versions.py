"""The versions of a draft: each explicit save that changed something, whole, so that any two can be laid beside each other."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.petitions.models import Demand
from central.replies import queries
from central.replies.models import DraftVersion, Reply, ReplyItem
from shared.canonical import Json, canonical


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to one demand as it stood in a version, with the demand as it read then."""

    number: int
    demand: str
    outcome: str = ""
    facts: str = ""
    basis: str = ""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes out with the reply; `sha256` and `pages` are those of the remade file."""

    document_id: UUID
    name: str
    pages: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Content:
    """A draft: the opening, the answers by demand, the enclosures in their order."""

    text: str = ""
    items: Mapping[UUID, Answered] = field(default_factory=dict)
    enclosures: tuple[Enclosed, ...] = ()

    def words(self) -> str:
        """Return all that is written in it."""
        return "\n".join(
            [self.text, *(part for each in self.items.values() for part in (each.facts, each.basis))]
        )


def content_of(
    reply: Reply | None,
    items: Mapping[UUID, ReplyItem],
    demands: Sequence[Demand],
    enclosures: Sequence[Enclosed] = (),
) -> Content:
    """Return a draft as its rows hold it."""
    answers = {each.id: _answered(each, items.get(each.id)) for each in demands}
    return Content(reply.text if reply else "", answers, tuple(enclosures))


def enclosed(s: Session, reply_id: UUID) -> list[Enclosed]:
    """Return the enclosures of a reply in the order in which they are printed."""
    return [
        Enclosed(file.id, row.name, file.pages, file.made_sha256)
        for row, file in queries.enclosures(s, reply_id)
    ]


def _answered(demand: Demand, item: ReplyItem | None) -> Answered:
    if item is None:
        return Answered(demand.number, demand.text)
    return Answered(demand.number, demand.text, item.outcome or "", item.facts, item.basis)


def packed(content: Content) -> str:
    """Return a draft as text; equal drafts give equal texts."""
    items: dict[str, Json] = {
        key.hex: {"n": each.number, "d": each.demand, "o": each.outcome, "f": each.facts, "b": each.basis}
        for key, each in content.items.items()
    }
    found: dict[str, Json] = {"text": content.text, "items": items}
    if content.enclosures:  # versions from before there were any stay the same text
        found["enclosures"] = [
            {"file": each.document_id.hex, "name": each.name, "pages": each.pages, "sha256": each.sha256}
            for each in content.enclosures
        ]
    return canonical(found)


def unpacked(text: str) -> Content:
    """Return the draft that `packed` made a text of."""
    found = json.loads(text)
    items = {
        UUID(key): Answered(each["n"], each["d"], each["o"], each["f"], each["b"])
        for key, each in found["items"].items()
    }
    order = sorted(items.items(), key=lambda pair: pair[1].number)
    enclosures = (
        Enclosed(UUID(each["file"]), each["name"], each["pages"], each["sha256"])
        for each in found.get("enclosures", ())
    )
    return Content(found["text"], dict(order), tuple(enclosures))


def keep(s: Session, *, reply: Reply, content: Content, by: Actor, now: datetime) -> DraftVersion:
    """Keep the draft as a version unless it is the newest one already; return that version."""
    newest, text = queries.newest_version(s, reply.id), packed(content)
    if newest is not None and newest.content == text:
        return newest
    row = DraftVersion(
        petition_id=reply.petition_id,
        reply_id=reply.id,
        number=newest.number + 1 if newest else 1,
        at=now,
        by=by.staff_id,
        content=text,
    )
    s.add(row)
    s.flush()  # what follows in the act may mark it
    return row
