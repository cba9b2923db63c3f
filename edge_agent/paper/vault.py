"""Where kept pages lie: each in a file of its own, sealed to the centre alone.

Beside it lies a small picture under the box's own seal until the batch is sent. A page is on the disk (fsync) before anybody is told so.
What no batch names any more is taken away.
"""

import base64
import hashlib
import shutil
import time
from collections.abc import Collection
from pathlib import Path
from uuid import UUID

from edge_agent.errors import BoxError, CannotKeep
from edge_agent.files import write_atomically
from edge_agent.records import KeptPage
from edge_agent.store import Store
from shared import pieces, sealed, wire

FOLDER = "pages"
_PAGE, _THUMB = ".page", ".thumb"
#: With less room on the disk no page is kept: numbers and calls come first.
LEAST_ROOM = 200 * 2**20
#: A file that no batch names may be a page whose batch is being written; after so many seconds it is a leftover.
_LEFT_AFTER = 3600.0


def folder_of(store: Store) -> Path:
    """Return the folder of pages beside the box's file."""
    return store.path.parent / FOLDER


def keep(
    store: Store, page_id: UUID, picture: bytes, thumb: bytes, *, least_room: int = LEAST_ROOM
) -> KeptPage:
    """Seal a page and write it to the disk; raise `CannotKeep`, or a `BoxError` that says what is missing."""
    if store.centre_key is None:
        raise BoxError("paper.not_enrolled")
    digest = hashlib.sha256(picture).hexdigest()
    hidden = sealed.seal_bytes(picture, store.centre_key, bound=sealed.bound_to_page(store.box, digest))
    if len(hidden) > wire.MOST_PAGE_BYTES:
        raise BoxError("paper.too_large")
    small = store.sealer.seal(base64.b64encode(thumb).decode(), "thumb", str(page_id))
    folder = folder_of(store)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        if shutil.disk_usage(folder).free < least_room:
            raise BoxError("paper.disk_low")
        write_atomically(folder / f"{page_id}{_THUMB}", small, mode=0o600)
        write_atomically(folder / f"{page_id}{_PAGE}", hidden, mode=0o600)
    except OSError as error:
        raise CannotKeep from error
    return KeptPage(id=page_id, digest=digest, size=len(hidden))


def thumb(store: Store, page_id: UUID) -> bytes | None:
    """Return the small picture of a page whose batch is open, or None."""
    try:
        found = (folder_of(store) / f"{page_id}{_THUMB}").read_bytes()
    except OSError:
        return None
    return base64.b64decode(store.sealer.open(found, "thumb", str(page_id)))


def part(store: Store, pages: Collection[KeptPage], number: int) -> bytes:
    """Return piece `number` of all pages one behind the other; raise OSError for a page that is gone."""
    start, end = number * pieces.PART_BYTES, (number + 1) * pieces.PART_BYTES
    found, at = b"", 0
    for page in pages:
        if at < end and at + page.size > start:
            with (folder_of(store) / f"{page.id}{_PAGE}").open("rb") as file:
                file.seek(max(0, start - at))
                found += file.read(min(end, at + page.size) - max(start, at))
        at += page.size
    return found


def parts(pages: Collection[KeptPage]) -> int:
    """Return into how many pieces pages are cut."""
    return -(-sum(page.size for page in pages) // pieces.PART_BYTES)


def drop_thumbs(store: Store, pages: Collection[KeptPage]) -> None:
    """Take the small pictures away: the batch is closed."""
    for page in pages:
        (folder_of(store) / f"{page.id}{_THUMB}").unlink(missing_ok=True)


def drop(store: Store, pages: Collection[KeptPage]) -> None:
    """Take pages away for good."""
    drop_thumbs(store, pages)
    for page in pages:
        (folder_of(store) / f"{page.id}{_PAGE}").unlink(missing_ok=True)


def tidy(store: Store, known: Collection[UUID], *, wall: float | None = None) -> int:
    """Take files away that no batch names; return how many."""
    now, names = wall if wall is not None else time.time(), {str(one) for one in known}
    gone = 0
    folder = folder_of(store)
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.name.split(".")[0] not in names and now - path.stat().st_mtime > _LEFT_AFTER:
            path.unlink(missing_ok=True)
            gone += 1
    return gone
