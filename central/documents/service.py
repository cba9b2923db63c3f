"""Take files in, give them out, clear away what a crash left. First `prepare`, which holds no lock and takes its time; then `keep`."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO, NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, SQLModel

from central.actor import Actor
from central.documents import files, names, queries, remaking
from central.documents.files import Copy
from central.documents.models import Document, DocumentText
from central.documents.remaking import BadDocument, Remade
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.settings import Documents, Settings
from central.vault.vault import Vault
from shared.ids import new_id

#: Files opened at one time by this process; each may take as much memory as the setting says.
AT_ONCE = 2
#: A sealed file that no row names after so long was left by a crash.
LEFT_AFTER = timedelta(hours=1)


class Turns(NamedTuple):
    """Who may open files now, and the seconds a file waits for its turn."""

    places: threading.Semaphore
    patience: float


TURNS = Turns(threading.BoundedSemaphore(AT_ONCE), 60)


@dataclass(frozen=True, slots=True)
class Store:
    """Where files are kept, what is taken, and what seals them."""

    data: Path
    limits: Documents
    vault: Vault


def store_of(settings: Settings, vault: Vault) -> Store:
    """Return the store of an installation."""
    return Store(settings.data, settings.documents, vault)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that was checked and made anew; both copies lie in memory and are nowhere else yet."""

    name: str
    original: BinaryIO
    made: BinaryIO
    size: int
    sha256: str
    remade: Remade
    #: What a machine read in it, kept sealed for search.
    read: str = ""

    def close(self) -> None:
        """Let go of the memory."""
        self.original.close()
        self.made.close()


class Taken(NamedTuple):
    """A file that is kept; `again` if the same content was there before."""

    row: Document
    again: bool


def prepare(name: str, content: BinaryIO, limits: Documents, *, turns: Turns = TURNS) -> Prepared:
    """Check a file and make it anew, which can take as long as the setting says; raise `BadDocument`."""
    kind, _ = remaking.checked(content, limits)
    original, made = files.in_memory(), files.in_memory()
    try:
        files.copy(content, original)
        with _turn(turns):
            remade = remaking.remake(original, kind, made, limits)
        sha256, size = files.digest_of(original)
    except BaseException:
        original.close()
        made.close()
        raise
    return Prepared(names.shown(name, kind), original, made, size, sha256, remade)


def with_text(prepared: Prepared, text: str) -> Prepared:
    """Return a file with what a machine read in it."""
    return replace(prepared, read=text)


@contextmanager
def _turn(turns: Turns) -> Iterator[None]:
    if not turns.places.acquire(timeout=turns.patience):
        raise BadDocument("busy")
    try:
        yield
    finally:
        turns.places.release()


def keep(
    s: Session,
    *,
    store: Store,
    petition_id: UUID,
    key_id: UUID,
    prepared: Prepared,
    by: Actor,
    now: datetime,
) -> Taken:
    """Seal both copies and write row and event; what is there already (same content) is returned as it is.

    The caller holds the lock of the petition. Raise `BadDocument` when the petition's quota is used up.
    """
    if (there := queries.same(s, petition_id, prepared.sha256)) is not None:
        return Taken(there, again=True)
    _room_for(s, petition_id, prepared.size, store.limits)
    document_id = new_id()
    for copy, source in ((Copy.ORIGINAL, prepared.original), (Copy.MADE, prepared.made)):
        path = files.path_of(store.data, petition_id, document_id, copy)
        files.seal(store.vault, key_id, source, path)
    row = _row(document_id, petition_id, prepared, by, now)
    row.number = queries.last_number(s, petition_id) + 1
    s.add(row)
    if prepared.read:
        s.flush()  # the text names the file's row
        s.add(DocumentText(document_id=document_id, petition_id=petition_id, text=prepared.read))
    _record(s, row, by, now)
    return Taken(row, again=False)


def take_in(
    s: Session,
    *,
    store: Store,
    petition_id: UUID,
    key_id: UUID,
    name: str,
    content: BinaryIO,
    by: Actor,
    now: datetime,
) -> Document:
    """`prepare` and `keep` in one, for a caller that has no lock to spare."""
    prepared = prepare(name, content, store.limits)
    try:
        return keep(
            s, store=store, petition_id=petition_id, key_id=key_id, prepared=prepared, by=by, now=now
        ).row
    finally:
        prepared.close()


def _room_for(s: Session, petition_id: UUID, size: int, limits: Documents) -> None:
    count, used = queries.used(s, petition_id)
    if count >= limits.max_petition_files:
        raise BadDocument("petition_has_many", files=limits.max_petition_files)
    if used + size > limits.max_petition_mb * 2**20:
        raise BadDocument("petition_full", megabytes=limits.max_petition_mb)


def _row(document_id: UUID, petition_id: UUID, prepared: Prepared, by: Actor, now: datetime) -> Document:
    made_sha256, made_size = files.digest_of(prepared.made)
    return Document(
        id=document_id,
        petition_id=petition_id,
        number=0,
        name=prepared.name,
        kind=prepared.remade.kind,
        size=prepared.size,
        sha256=prepared.sha256,
        made_kind=prepared.remade.made_kind,
        made_size=made_size,
        made_sha256=made_sha256,
        pages=prepared.remade.pages,
        removed=",".join(prepared.remade.removed),
        added_at=now,
        added_by=by.staff_id,
    )


def _record(s: Session, row: Document, by: Actor, now: datetime) -> None:
    log.record(
        s,
        kind=Kind.PETITION_DOCUMENT_ADDED,
        stream=stream_name("petition", row.petition_id),
        actor=by,
        at=now,
        facts={
            "by": by.name,
            "court": by.court_code,
            "document": row.id.hex,
            "number": row.number,
            "file_kind": row.kind,
            "sha256": row.sha256,
        },
    )


def content_of(store: Store, row: Document, copy: Copy) -> bytes:
    """Return a copy of a file, checked against its row; raise `SealBroken` or `KeyGone`."""
    path = files.path_of(store.data, row.petition_id, row.id, copy)
    return files.content_of(store.vault, path, row.made_sha256 if copy is Copy.MADE else row.sha256)


def clear(s: Session, data: Path, *, now: datetime) -> int:
    """Remove sealed files that no row names, left by a crash between sealing and commit; return how many.

    If this database knows none of the petitions whose files are there, it is not the one they belong to: nothing is touched.
    """
    old = list(files.old_ones(data, now - LEFT_AFTER))
    if not _is_ours(s, {petition for each in old if (petition := files.petition_of(each.path))}):
        return 0
    removed = 0
    for part in log.in_batches(old, 500):
        known = queries.known(s, {each.document_id for each in part if each.document_id})
        for each in part:
            if each.document_id not in known:
                files.remove(each.path)
                removed += 1
    return removed


def _is_ours(s: Session, petitions: set[UUID]) -> bool:
    table = SQLModel.metadata.tables["petition"]
    return any(
        s.connection().execute(select(table.c.id).where(table.c.id.in_(part)).limit(1)).first()
        for part in log.in_batches(sorted(petitions), 500)
    )
