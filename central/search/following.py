"""Keep the index up with the log: follow it by cursor, build it anew, write segments. Any process may, one at a time."""

import fcntl
import sqlite3
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central import db
from central.events import log
from central.events.models import Event
from central.petitions.models import Petition
from central.search import segments, texts
from central.search.shelf import Shelf, is_damage, place
from central.search.store import BLOCK, VERSION, Facts, Store, micros
from central.search.texts import Entry
from central.vault import cipher
from central.vault.errors import KeyGone, KeyUnknown, SealBroken
from central.vault.vault import Vault

#: Events followed in one transaction of the index.
LOT = 500
#: Petitions taken into the index at once while it is built.
BUILT = 500
#: Events counted that are not followed yet.
MOST_BEHIND = 100_000
#: Events before the newest from which on the log is followed once the index is built: slow transactions are met again.
MARGIN = 2_000
#: A file whose building was stopped is gone on with for so long, in seconds. What is erased meanwhile stays in its postings.
GOES_ON = 3600.0
_PREFIX = "petition/"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """How the index stands. `behind`: events of the log not followed yet; `total` petitions are to be built, 0 if none are."""

    path: Path | None
    petitions: int = 0
    segments: int = 0
    tail: int = 0
    size: int = 0
    behind: int = 0
    built: int = 0
    total: int = 0


def advance(
    shelf: Shelf,
    engine: Engine,
    *,
    seconds: float,
    progress: Progress = lambda _done, _all: None,
    writes: bool = True,
) -> bool:
    """Bring the index up to the log, or go on building it, for about `seconds`; say whether it is up to date.

    A damaged index, or one of a database that was restored since, is left and built anew. Without `writes`, how far the log was read
    is only remembered while nothing of it concerns a petition: each search writes a look into the log itself.
    """
    until = time.monotonic() + seconds
    try:
        path = shelf.current()
        if path is not None:
            with db.look(engine) as s:
                usable = _is_usable(s, shelf.open(path))
                if usable and not writes and _nothing_new(s, shelf.open(path)):
                    return True
            if usable:
                return _follow(shelf.open(path), engine, until)
            shelf.forget()
        return _build(shelf, engine, until, progress)
    except (sqlite3.Error, SealBroken, ValueError) as error:
        if not is_damage(error):
            raise
        shelf.forget()
        return False


def rebuild(shelf: Shelf, engine: Engine, *, progress: Progress) -> None:
    """Build the index anew beside the one in use, which goes on serving; stopped, the same call goes on where it was."""
    while not _build(shelf, engine, time.monotonic() + 3600, progress):
        continue


def _is_usable(s: Session, store: Store) -> bool:
    """Say whether the index is of this database, in a format this program reads: the event at its cursor is the one it saw."""
    if store.meta("format") != VERSION or store.meta("state") != "whole":
        return False
    cursor, seen = int(store.meta("cursor", "0")), store.meta("seen")
    if not cursor:
        return True
    return s.exec(select(Event.hash).where(col(Event.id) == cursor)).first() == seen


def _nothing_new(s: Session, store: Store) -> bool:
    """Say whether what was recorded since concerns no petition, and is little enough to be read again by another process."""
    cursor = int(store.meta("cursor", "0"))
    rows = _after(s, max(cursor, store.passed), LOT)
    if len(rows) == LOT or any(row[1].startswith(_PREFIX) for row in rows):
        return False
    store.passed = max(store.passed, rows[-1][0] if rows else 0)
    return store.passed - cursor < LOT


def _follow(store: Store, engine: Engine, until: float) -> bool:
    while True:
        with db.look(engine) as s:
            if not _after(s, int(store.meta("cursor", "0")), 1):
                return True
            with store.writing():
                done = _follow_lot(s, store)
        if done < LOT:
            return True
        if time.monotonic() > until:
            return False


def _follow_lot(s: Session, store: Store) -> int:
    rows = _after(s, int(store.meta("cursor", "0")), LOT)
    if not rows:
        return 0
    ids = {UUID(hex=row[1][len(_PREFIX) :]) for row in rows if row[1].startswith(_PREFIX)}
    if ids:
        found = texts.entries(s, store.vault, ids)
        # An import that was undone takes the rows of its petitions with it.
        take(store, found, gone=ids - {each.petition_id for each in found})
    store.set_meta("cursor", rows[-1][0])
    store.set_meta("seen", rows[-1][2])
    return len(rows)


def _after(s: Session, cursor: int, limit: int) -> Sequence[tuple[int, str, str]]:
    return [(row[0], row[1], row[2]) for row in log.streams_after(s, cursor, limit=limit)]


def take(store: Store, entries: Sequence[Entry], *, gone: Collection[UUID] = ()) -> None:
    """Put petitions into the index as they stand now, in the place of what it had of them; within a transaction of the index.

    Those of `gone`, and entries without texts, leave it.
    """
    version = int(store.meta("version", "0")) + 1
    labels, blocks = store.labels(), _Blocks(store, version)
    following = store.next_place()
    for petition_id in (*gone, *(entry.petition_id for entry in entries if entry.texts is None)):
        if (old := _old(store, petition_id)) is not None:
            _let_go(store, blocks, old[0], erased=True)
    for entry in entries:
        if entry.texts is None:
            continue
        old = _old(store, entry.petition_id)
        data = texts.packed(entry.texts)
        if old is not None and _same(store.vault, entry, old[1], data):
            blocks.put(old[0], _facts(store, labels, entry))
            continue
        if old is not None:
            _let_go(store, blocks, old[0], erased=False)
        sealed = store.vault.seal(entry.key_id, data, aad=place(entry.petition_id))
        signs = sum(len(text) for _, text in entry.texts)
        row = (following, entry.petition_id.bytes, signs, sealed)
        store.db.execute("INSERT INTO doc VALUES (?, ?, ?, ?)", row)
        blocks.put(following, _facts(store, labels, entry))
        following += 1
    blocks.write()
    store.set_meta("next", following)
    store.set_meta("version", version)


def _old(store: Store, petition_id: UUID) -> tuple[int, bytes] | None:
    query = "SELECT id, sealed FROM doc WHERE petition = ?"
    found = store.db.execute(query, (petition_id.bytes,)).fetchone()
    return None if found is None else (int(found[0]), bytes(found[1]))


def _same(vault: Vault, entry: Entry, sealed: bytes, data: bytes) -> bool:
    """Say whether the index holds these texts already, under the key the petition has now."""
    try:
        return (
            cipher.parsed(sealed)[1] == entry.key_id
            and vault.open(sealed, aad=place(entry.petition_id)) == data
        )
    except (KeyGone, KeyUnknown):
        return False


def _let_go(store: Store, blocks: "_Blocks", at: int, *, erased: bool) -> None:
    """Take a petition out: found no more from now on. What its segment holds of it goes when that is written anew."""
    store.db.execute("DELETE FROM doc WHERE id = ?", (at,))
    blocks.clear(at)
    if erased:
        store.db.execute(
            "UPDATE segment SET erased = erased + 1 WHERE base <= ? AND base + span > ?", (at, at)
        )


def _facts(store: Store, labels: dict[str, int], entry: Entry) -> tuple[int, ...]:
    number = entry.petition_id.int
    codes = (
        entry.court_id,
        entry.origin_court_id,
        entry.party_court_id,
        entry.department_id,
        entry.state,
        entry.channel,
    )
    moment = micros(entry.received_at)
    where = (store.label(labels, value) for value in codes)
    return (moment, number >> 64, number & ((1 << 64) - 1), *where, int(entry.is_open), 1)


class _Blocks:
    """Blocks of facts under change."""

    def __init__(self, store: Store, version: int) -> None:
        self._store, self._version = store, version
        self._read: dict[int, Facts] = {}
        self._changed: set[int] = set()

    def _block(self, at: int) -> Facts:
        number = at // BLOCK
        if number not in self._read:
            self._read[number] = self._store.block(number)
        return self._read[number]

    def put(self, at: int, facts: tuple[int, ...]) -> None:
        block, row = self._block(at), at % BLOCK
        if block[row].item() != facts:
            block[row] = facts
            self._changed.add(at // BLOCK)

    def clear(self, at: int) -> None:
        self._block(at)[at % BLOCK] = 0
        self._changed.add(at // BLOCK)

    def write(self) -> None:
        for number in self._changed:
            self._store.put_block(number, self._version, self._read[number])


# ---- building anew


def _build(shelf: Shelf, engine: Engine, until: float, progress: Progress) -> bool:
    """Go on with the index that is being built, or begin one; say whether it is whole and in use."""
    with _alone(shelf.folder / "build.lock") as mine:
        if not mine:
            time.sleep(0.05)
            return False
        store = Store(_building(shelf), shelf.vault)
        try:
            total = _begin(store, engine)
            while _build_lot(store, engine):
                segments.tidy(store, whole=False)
                progress(int(store.meta("built", "0")), total)
                if time.monotonic() > until:
                    return False
            while not _follow(store, engine, until):
                if time.monotonic() > until:
                    return False
            store.set_meta("state", "whole")
            store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            store.close()
        shelf.use(store.path)
        return True


def let_go_of_begun(shelf: Shelf) -> bool:
    """Remove a file beside the one in use whose building nobody went on with; say whether one was removed."""
    current = shelf.current()
    begun = [path for path in shelf.folder.glob("index-*.sqlite3") if path != current]
    if current is None or not begun:
        return False
    with _alone(shelf.folder / "build.lock") as mine:
        old = [path for path in begun if mine and _touched(path) < time.time() - GOES_ON]
        for path in old:
            shelf.remove(path)
        return bool(old)


def _touched(path: Path) -> float:
    return max((each.stat().st_mtime for each in path.parent.glob(path.name + "*")), default=0.0)


def _building(shelf: Shelf) -> Path:
    """Return the file to build: the one begun, or the next one."""
    current = shelf.current()
    names = sorted(shelf.folder.glob("index-*.sqlite3"), key=_number)
    if names and names[-1] != current:
        try:
            begun = Store(names[-1], shelf.vault)
            usable = begun.meta("format", VERSION) == VERSION and begun.meta("state") != "whole"
            begun.close()
        except sqlite3.DatabaseError:
            usable = False
        if usable:
            return names[-1]
    return shelf.folder / f"index-{_number(names[-1]) + 1 if names else 1}.sqlite3"


def _number(path: Path) -> int:
    digits = path.name.removeprefix("index-").removesuffix(".sqlite3")
    return int(digits) if digits.isdigit() else 0


def _begin(store: Store, engine: Engine) -> int:
    with db.look(engine) as s:
        if not store.meta("state"):
            # What happens from here on is followed, so the rows may be read while others change them.
            cursor, seen = log.start_of(s, margin=MARGIN)
            for name, value in (
                ("format", VERSION),
                ("cursor", cursor),
                ("seen", seen),
                ("state", "building"),
            ):
                store.set_meta(name, value)
        return int(s.connection().execute(core_select(func.count()).select_from(_PETITION)).scalar_one())


_PETITION: Any = Petition.__table__  # type: ignore[attr-defined]


def _build_lot(store: Store, engine: Engine) -> int:
    after = store.meta("after")
    with db.look(engine) as s:
        query = core_select(_PETITION.c.id).order_by(_PETITION.c.id).limit(BUILT)
        if after:
            query = query.where(_PETITION.c.id > UUID(hex=after))
        ids = list(s.connection().execute(query).scalars())
        if not ids:
            return 0
        entries = texts.entries(s, store.vault, ids)
    with store.writing():
        take(store, entries)
        store.set_meta("after", ids[-1].hex)
        store.set_meta("built", int(store.meta("built", "0")) + len(ids))
    return len(ids)


# ---- how it stands


def standing(shelf: Shelf, engine: Engine) -> Standing:
    """Return how the index stands; of one that is being built, how far it is."""
    path = shelf.current()
    if path is None:
        return _underway(shelf, engine)
    store = shelf.open(path)
    with db.look(engine) as s, store.reading():
        cursor = int(store.meta("cursor", "0"))
        behind = len(log.kinds_after(s, cursor, limit=MOST_BEHIND))
        parts = store.segments()
        [petitions] = store.db.execute("SELECT count(*) FROM doc").fetchone()
        end = parts[-1].end if parts else 0
        [tail] = store.db.execute("SELECT count(*) FROM doc WHERE id >= ?", (end,)).fetchone()
        size = sum(each.stat().st_size for each in shelf.folder.glob(path.name + "*"))
        return Standing(path, petitions, len(parts), tail, size, behind)


def _underway(shelf: Shelf, engine: Engine) -> Standing:
    names = sorted(shelf.folder.glob("index-*.sqlite3"), key=_number)
    with db.look(engine) as s:
        total = int(s.connection().execute(core_select(func.count()).select_from(_PETITION)).scalar_one())
    if not names:
        return Standing(None, total=total)
    try:
        store = Store(names[-1], shelf.vault)
    except sqlite3.DatabaseError:  # damaged, and left
        return Standing(None, total=total)
    try:
        return Standing(None, built=int(store.meta("built", "0")), total=total)
    finally:
        store.close()


@contextmanager
def _alone(path: Path) -> Iterator[bool]:
    """Yield whether this process and thread is the one that builds."""
    path.parent.mkdir(mode=0o700, exist_ok=True, parents=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
