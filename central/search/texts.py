"""What is searched: the texts of petitions by field, read from the rows in lots. And the facts a search is narrowed by."""

import json
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import Session

from central.cases.models import CaseName
from central.documents.models import Document
from central.petitions.models import Demand, Petition
from central.replies.models import Reply, ReplyItem
from central.search import folding
from central.vault import columns
from central.vault.vault import Vault

#: A reply is searched once somebody answers for it.
ANSWERED = ("approved", "issued")


class Field(IntEnum):
    """Where a word stands. The numbers are in the file: they never change their meaning."""

    SUBJECT = 1
    TEXT = 2
    REPLY = 3
    PAPER = 4
    NUMBER = 5
    CASE = 6


Texts = list[tuple[int, str]]
#: Returns further texts of petitions, by petition: recognised letters, say. Line ends inside Chinese sentences are taken out.
Source = Callable[[Session, Collection[UUID]], Mapping[UUID, Sequence[str]]]
SOURCES: list[Source] = []


def add_source(source: Source) -> None:
    """Let texts that other domains keep be searched as `Field.PAPER`; call it where the domain is imported, once.

    `source(s, petition_ids)` returns the texts of those petitions that have some. It is asked again whenever an event of the petition's
    stream is followed, and by `minyi search rebuild`: whoever writes such a text records an event of the petition, nothing more. The
    texts must be kept sealed with the petition's key, and end with it.
    """
    if source not in SOURCES:
        SOURCES.append(source)


@dataclass(frozen=True, slots=True)
class Entry:
    """A petition as the index takes it; `texts` is None for one that was erased."""

    petition_id: UUID
    key_id: UUID
    received_at: datetime
    court_id: UUID
    origin_court_id: UUID
    party_court_id: UUID | None
    department_id: UUID | None
    state: str
    channel: str
    is_open: bool
    texts: Texts | None


_FACTS = (
    "id",
    "key_id",
    "received_at",
    "court_id",
    "origin_court_id",
    "party_court_id",
    "department_id",
    "state",
    "channel",
    "is_open",
    "erased_at",
    "number",
    "subject",
    "text",
)


def entries(s: Session, vault: Vault, ids: Collection[UUID]) -> list[Entry]:
    """Return petitions by their ids, with all that is searched: six statements and one for each source, however many."""
    petition = _table(Petition)
    wanted = list(ids)
    rows = (
        s.connection()
        .execute(select(*(petition.c[name] for name in _FACTS)).where(petition.c.id.in_(wanted)))
        .all()
    )
    vault.prefetch(row.key_id for row in rows if row.erased_at is None)
    living = [row.id for row in rows if row.erased_at is None]
    more = _more(s, vault, living)
    return [_entry(vault, row, more) for row in rows]


def _entry(vault: Vault, row: Any, more: Mapping[UUID, Texts]) -> Entry:
    texts: Texts | None = None
    if row.erased_at is None:
        opened = [
            (field, str(columns.open_text(vault, value, columns.place("petition", row.id, name))))
            for field, name, value in (
                (Field.SUBJECT, "subject", row.subject),
                (Field.TEXT, "text", row.text),
            )
        ]
        texts = (
            [(int(field), text) for field, text in opened]
            + [(int(Field.NUMBER), row.number)]
            + more.get(row.id, [])
        )
    return Entry(
        row.id,
        row.key_id,
        row.received_at.astimezone(UTC),
        row.court_id,
        row.origin_court_id,
        row.party_court_id,
        row.department_id,
        row.state,
        row.channel,
        bool(row.is_open),
        texts,
    )


def _more(s: Session, vault: Vault, ids: Sequence[UUID]) -> dict[UUID, Texts]:
    found: dict[UUID, Texts] = {}
    if not ids:
        return found
    replies = _table(Reply)
    answered = select(replies.c.id).where(replies.c.petition_id.in_(ids), replies.c.status.in_(ANSWERED))
    parts = (
        (Demand, Field.TEXT, ("text",), None),
        (Reply, Field.REPLY, ("text",), _table(Reply).c.status.in_(ANSWERED)),
        (ReplyItem, Field.REPLY, ("facts", "basis"), _table(ReplyItem).c.reply_id.in_(answered)),
        (Document, Field.PAPER, ("name",), None),
        (CaseName, Field.CASE, ("typed", "case_number"), None),
    )
    for kind, field, names, condition in parts:
        for petition_id, text in _opened(s, vault, _table(kind), names, ids, condition):
            if text:
                found.setdefault(petition_id, []).append((int(field), text))
    for source in SOURCES:
        for petition_id, texts in source(s, ids).items():
            found.setdefault(petition_id, []).extend(
                (int(Field.PAPER), folding.joined(text)) for text in texts if text
            )
    return found


def _opened(
    s: Session, vault: Vault, table: Table, names: Sequence[str], ids: Sequence[UUID], condition: Any
) -> Iterator[tuple[UUID, str]]:
    query = select(table.c.id, table.c.petition_id, *(table.c[name] for name in names)).where(
        table.c.petition_id.in_(ids)
    )
    if condition is not None:
        query = query.where(condition)
    for row in s.connection().execute(query.order_by(table.c.petition_id, table.c.id)):
        for at, name in enumerate(names, start=2):
            if row[at] is not None:
                yield (
                    row.petition_id,
                    str(columns.open_text(vault, row[at], columns.place(table.name, row.id, name))),
                )


def packed(texts: Texts) -> bytes:
    """Return texts as they are sealed into the index."""
    return zlib.compress(json.dumps(texts, ensure_ascii=False, separators=(",", ":")).encode(), 1)


def unpacked(data: bytes) -> Texts:
    """Return what `packed` packed."""
    return [(int(field), str(text)) for field, text in json.loads(zlib.decompress(data))]


def folded(texts: Texts) -> Texts:
    """Return texts as they are compared, those of one field joined by a sign that no query holds."""
    parts: dict[int, list[str]] = {}
    for field, text in texts:
        parts.setdefault(field, []).append(folding.fold(text))
    return [(field, folding.BREAK.join(found)) for field, found in parts.items()]


def _table(kind: type) -> Table:
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table
