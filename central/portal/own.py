"""Everything the court holds about a petitioner in one petition, as files of one archive (PIPL art. 45): made while it is sent."""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from central.asks.models import PetitionerAsk
from central.casework.queries import Whole
from central.context import Context
from central.documents import names
from central.documents.files import Copy
from central.documents.kinds import Kind
from central.documents.models import Document
from central.documents.service import Store, content_of
from central.errors import MinyiError
from central.letters import work
from central.portal.handed import handed_in
from central.portal.queries import Letter, Told

_PERSON = ("name", "phone", "mail", "address", "id_number", "group_size", "tell_by", "reply_by", "language")


@dataclass(frozen=True, slots=True)
class File:
    """One file of the archive: its name there, and where its content comes from."""

    name: str
    content: bytes | None = None
    document: Document | None = None
    #: Opened when its turn comes.
    opened: Callable[[], bytes] | None = None


def document_files(found: Whole) -> list[File]:
    """Return them as files of the archive, under their numbers."""
    return [
        File(f"files/{each.number:03}-{names.shown(each.name, Kind(each.made_kind))}", document=each)
        for each in handed_in(found)
    ]


def enclosure_name(place: int, name: str, made_kind: str) -> str:
    """Return the name under which a petitioner saves what went out with a reply."""
    return names.shown(f"{place:02}-{name}", Kind(made_kind))


def enclosure_files(told: Told, found: Whole) -> list[File]:
    """Return what went out with the replies as files of the archive: court's files too, which `document_files` leaves out."""
    rows = {each.id: each for each in found.documents}
    return [
        File(
            f"letters/enclosures-{letter.round}/{enclosure_name(at, each.name, row.made_kind)}", document=row
        )
        for letter in reversed(told.letters)
        for at, each in enumerate(letter.enclosures, 1)
        if (row := rows.get(each.document_id)) is not None
    ]


def letter_files(context: Context, letters: Sequence[UUID]) -> list[File]:
    """Return letters as signed files, each made now if it was not yet. One that cannot be had is left out: its words stand in the data."""
    found = list[File]()
    for letter_id in letters:
        try:
            name = work.made(context, letter_id).name
        except MinyiError:
            continue
        content = partial(_letter, context, letter_id)
        found.append(File(f"letters/{len(found) + 1:03}-{name}", opened=content))
    return found


def _letter(context: Context, letter_id: UUID) -> bytes:
    return work.made(context, letter_id).content


def as_json(told: Told, found: Whole, more: Mapping[str, Any], files: Sequence[File]) -> bytes:
    """Return what is held for programs to read: what the page says and `more`, by name."""
    data: dict[str, Any] = {
        "number": told.number,
        "received_on": told.received_on.isoformat(),
        "channel": told.channel,
        "state": told.stage,
        "subject": told.subject,
        "text": told.text,
        "demands": list(told.demands),
        "petitioner": {name: getattr(found.petitioner, name) for name in _PERSON}
        if found.petitioner
        else None,
        "court": {"code": told.court.code, "name": told.court.name},
        "handler": told.handler,
        "leader": told.leader,
        "replies": [_reply(each) for each in told.letters],
        "sent_later": [_sent(each) for each in told.asks],
        "happened": [
            {"on": each.on.isoformat(), "what": each.key, "words": each.words} for each in told.happened
        ],
        "looks": [
            {"on": each.on.isoformat(), "court": each.court, "role": each.role, "did": list(each.looks)}
            for each in told.looks
        ],
        **more,
        "files": [each.name for each in files],
    }
    return json.dumps(data, ensure_ascii=False, indent=2).encode()


def _reply(letter: Letter) -> dict[str, Any]:
    return {
        "round": letter.round,
        "issued_on": letter.issued_on.isoformat(),
        "text": letter.text,
        "answers": [
            {"demand": one.demand, "outcome": one.outcome, "facts": one.facts, "basis": one.basis}
            for one in letter.answers
        ],
        "enclosures": [
            {"name": one.name, "pages": one.pages, "sha256": one.sha256} for one in letter.enclosures
        ],
    }


def _sent(row: PetitionerAsk) -> dict[str, Any]:
    return {
        "kind": row.kind,
        "about": row.about,
        "at": row.asked_at.isoformat(),
        "words": row.words,
        "files": list(row.numbers),
        "due_on": row.due_on.isoformat(),
        "outcome": row.outcome,
        "answer": row.answer,
    }


def archive(files: Iterable[File], store: Store) -> Iterator[bytes]:
    """Yield the archive piece by piece: no more than one file of the petition lies in memory."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        for each in files:
            content = each.opened() if each.opened else each.content
            if each.document is not None:
                content = content_of(store, each.document, Copy.MADE)
            packed.writestr(each.name, content or b"")
            yield sink.take()
    yield sink.take()


class _Sink(io.RawIOBase):
    """Takes what the archive writes and gives it on; there is no way back in it."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        """Say that it is written to."""
        return True

    def write(self, data: Any, /) -> int:
        """Keep a piece until it is taken."""
        piece = bytes(data)
        self._parts.append(piece)
        return len(piece)

    def take(self) -> bytes:
        """Return what came since the last time."""
        taken, self._parts = b"".join(self._parts), []
        return taken
