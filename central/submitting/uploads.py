"""Files that come in pieces: each piece is sealed on the disk before it is acknowledged, and the next begins where it ended."""

import io
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from central.accounts.throttle import key_of
from central.documents import files
from central.documents.remaking import BadDocument
from central.documents.service import Prepared, Store, prepare
from central.errors import Conflict, Invalid
from central.settings import Submitting
from central.submitting import queries
from central.submitting.models import Upload
from central.vault.rows import vault_of
from shared.ids import new_id

FOLDER = "uploads"
#: Files that were not sent with a petition are removed after so long.
LIFE = timedelta(hours=24)
#: Of one petition sent online; the court takes more on paper or later.
MOST_FILES = 20


class WrongOffset(Conflict):
    """The piece does not begin where the last one ended."""


def begin(
    s: Session,
    *,
    draft_id: UUID,
    name: str,
    size: int,
    address: str,
    limits: Submitting,
    store: Store,
    now: datetime,
) -> Upload:
    """Announce a file; raise `Invalid` for one that is too large or one too many."""
    most, there = store.limits.max_file_mb, queries.uploads(s, draft_id)
    if size < 1:
        raise Invalid("submitting.upload.empty", field="files")
    if size > most * 2**20:
        raise BadDocument("too_big", megabytes=most)
    if len(there) >= MOST_FILES:
        raise Invalid("submitting.upload.many", field="files", files=MOST_FILES)
    if sum(each.size for each in there) + size > store.limits.max_petition_mb * 2**20:
        raise BadDocument("petition_full", megabytes=store.limits.max_petition_mb)
    key = key_of("upload", address)
    of_all, of_one = queries.used(s, None), queries.used(s, key)
    if of_all + size > limits.uploads_mb * 2**20 or of_one + size > limits.uploads_per_address_mb * 2**20:
        raise Invalid("submitting.upload.flooded", field="files")
    row = Upload(
        id=new_id(), draft_id=draft_id, address_key=key, name=name[:255] or "file", size=size, began_at=now
    )
    s.add(row)
    s.flush()
    return row


def append(s: Session, *, row: Upload, offset: int, piece: bytes, data: Path) -> int:
    """Keep a piece of a locked row; return how much is there. Raise `WrongOffset` for one that does not fit."""
    if offset != row.received or offset + len(piece) > row.size:
        raise WrongOffset("submitting.upload.offset", offset=row.received)
    if piece:
        folder = _folder(data, row.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        vault_of(s).seal_file(
            row.key_id, io.BytesIO(piece), folder / f"{offset}.piece", aad=_place(row.id, offset)
        )
        row.received = offset + len(piece)
        s.add(row)
    return row.received


def opened(s: Session, row: Upload, data: Path) -> Iterator[bytes]:
    """Yield the pieces of a file in order."""
    offset = 0
    while offset < row.received:
        path = _folder(data, row.id) / f"{offset}.piece"
        piece = b"".join(vault_of(s).open_file(path, aad=_place(row.id, offset)))
        yield piece
        offset += len(piece)


def prepared(s: Session, row: Upload, store: Store) -> Prepared:
    """Check a file that is all there and make it anew; raise `BadDocument`."""
    with closing(files.in_memory()) as content:
        for piece in opened(s, row, store.data):
            content.write(piece)
        content.flush()
        content.seek(0)
        return prepare(row.name, content, store.limits)


def remove(s: Session, row: Upload, data: Path) -> None:
    """Forget a file: its row, its pieces, and the key they were sealed with."""
    shutil.rmtree(_folder(data, row.id), ignore_errors=True)
    key_id = row.key_id
    s.delete(row)
    s.flush()
    vault_of(s).destroy(key_id)


def clear(s: Session, data: Path, *, now: datetime) -> int:
    """Remove files that were not sent within a day, and what a crash left on the disk; return how many."""
    old = queries.old_uploads(s, now - LIFE)
    for row in old:
        remove(s, row, data)
    left = [path for path in (data / FOLDER).glob("*") if path.stat().st_mtime < (now - LIFE).timestamp()]
    ids = {path: found for path in left if (found := _id_of(path))}
    known = queries.known_uploads(s, list(ids.values()))
    gone = [path for path in left if ids.get(path) not in known]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(old) + len(gone)


def _id_of(path: Path) -> UUID | None:
    try:
        return UUID(path.name)
    except ValueError:
        return None


def _folder(data: Path, upload_id: UUID) -> Path:
    return data / FOLDER / upload_id.hex


def _place(upload_id: UUID, offset: int) -> str:
    return f"upload:{upload_id.hex}:{offset}"
