"""The index as one process holds it: facts of all petitions in arrays, the newest texts at hand, pages of postings read when asked for."""

import sqlite3
import threading
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from central.search import postings, texts
from central.search.store import BLOCK, FACTS, VERSION, Facts, Segment, Store
from central.search.texts import Texts
from central.vault import cipher
from central.vault.cipher import NotSealed
from central.vault.errors import KeyGone, KeyUnknown, SealBroken
from central.vault.vault import Vault

Mask = NDArray[np.bool_]
FOLDER = "search"
_CURRENT = "current"


def place(petition: UUID) -> str:
    """Return what the texts of a petition are bound to in the index."""
    return f"search:{petition.hex}"


@dataclass(frozen=True)
class View:
    """One state of the index: facts of `count` petitions, segments, and the folded texts of those in no segment yet."""

    store: Store
    vault: Vault
    facts: Facts
    count: int
    labels: dict[str, int]
    segments: tuple[tuple[Segment, postings.Terms], ...]
    tail: dict[int, Texts]

    def alive(self) -> Mask:
        """Return which places hold a petition."""
        found: Mask = self.facts["alive"][: self.count] != 0
        return found

    def holding(self, word: str, fields: Collection[int] | None) -> Mask:
        """Return where a folded word can stand: exact for one or two signs, and for petitions in no segment yet."""
        found = np.zeros(self.count, np.bool_)
        grams = postings.grams_of(word)
        for segment, firsts in self.segments:
            self._in_segment(found, segment, firsts, grams, fields)
        for at, parts in self.tail.items():
            found[at] = any(word in text for field, text in parts if fields is None or field in fields)
        return found

    def _in_segment(
        self,
        found: Mask,
        segment: Segment,
        firsts: postings.Terms,
        grams: list[int],
        fields: Collection[int] | None,
    ) -> None:
        """All pairs of a word must stand in one field of a petition."""
        left: dict[int, NDArray[np.bool_]] | None = None
        for gram in grams:
            there = self._places(segment, firsts, gram)
            now: dict[int, NDArray[np.bool_]] = {}
            for field, places in there.items():
                if (fields is None or field in fields) and (left is None or field in left):
                    mask = np.zeros(segment.span, np.bool_)
                    mask[places] = True
                    now[field] = mask if left is None else mask & left[field]
            left = now
            if not left:
                return
        for mask in (left or {}).values():
            found[segment.base : segment.end] |= mask

    def _places(self, segment: Segment, firsts: postings.Terms, gram: int) -> dict[int, NDArray[np.uint16]]:
        low, high = postings.range_of(gram)
        found: dict[int, list[NDArray[np.uint16]]] = {}
        for number in postings.pages_of(firsts, low, high):
            for term, places in postings.in_page(self.store.page(segment.id, number), low, high):
                found.setdefault(term - low, []).append(places)
        return {field: np.concatenate(parts) for field, parts in found.items()}

    def texts(self, places: Collection[int]) -> dict[int, Texts]:
        """Return the texts of some petitions as they were typed; none of one that was erased meanwhile. One look for their keys."""
        marks = ",".join("?" * len(places))
        query = f"SELECT id, petition, sealed FROM doc WHERE id IN ({marks})"  # noqa: S608 question marks only # nosec B608
        rows = self.store.db.execute(query, list(places)).fetchall()
        prefetch(self.vault, [row[2] for row in rows])
        return {at: opened(self.vault, petition, sealed) for at, petition, sealed in rows}

    def folded(self, places: Collection[int]) -> dict[int, Texts]:
        """Return the texts of some petitions as they are compared."""
        others = self.texts([at for at in places if at not in self.tail])
        return {at: self.tail[at] if at in self.tail else texts.folded(others.get(at, [])) for at in places}

    def id_of(self, at: int) -> UUID:
        """Return which petition stands at a place."""
        row = self.facts[at]
        return UUID(int=(int(row["hi"]) << 64) | int(row["lo"]))


def prefetch(vault: Vault, sealed: Sequence[bytes]) -> None:
    """Have the keys at hand with which texts are sealed."""
    keys = set()
    for each in sealed:
        with suppress(NotSealed):
            keys.add(cipher.parsed(each)[1])
    vault.prefetch(keys)


def opened(vault: Vault, petition: bytes, sealed: bytes) -> Texts:
    """Return the texts of a row; none if its key was destroyed."""
    try:
        return texts.unpacked(vault.open(sealed, aad=place(UUID(bytes=petition))))
    except (KeyGone, KeyUnknown):
        return []


def _keys_in(path: Path) -> list[UUID]:
    """Return the keys that seal the postings in a file; none of one that is too damaged to tell."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=5)) as db:
            found = db.execute("SELECT key_id FROM segment").fetchall()
            with suppress(sqlite3.OperationalError):  # a file of an earlier version
                found += db.execute("SELECT key_id FROM spent").fetchall()
            return [UUID(bytes=key_id) for (key_id,) in found]
    except (sqlite3.DatabaseError, ValueError):
        return []


def is_damage(error: Exception) -> bool:
    """Say whether an error means that the file cannot be used; one that is held by another, or a full disk, is none."""
    if isinstance(error, sqlite3.OperationalError):
        return "no such" in str(error)
    return isinstance(error, sqlite3.DatabaseError | SealBroken | ValueError)


class Shelf:
    """The index of a data folder. `current` names the file in use; one that is being built has another name."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self.folder, self.vault = folder, vault
        self._lock = threading.Lock()
        self._own = threading.local()
        self._name = ""
        self._version = -1
        self._facts: Facts = np.zeros(0, FACTS)
        self._segments: dict[int, postings.Terms] = {}
        self._tail: dict[int, tuple[bytes, Texts]] = {}

    def current(self) -> Path | None:
        """Return the file in use, None before the first was built."""
        try:
            path = self.folder / (self.folder / _CURRENT).read_text("ascii").strip()
        except FileNotFoundError:
            return None
        return path if path.is_file() else None

    def use(self, path: Path) -> None:
        """Make a file the one in use, whole or not at all, and remove the others."""
        part = self.folder / (_CURRENT + ".part")
        part.write_text(path.name + "\n", "ascii")
        part.replace(self.folder / _CURRENT)
        self.clear(keep=path)

    def forget(self) -> None:
        """Use no file: the one there is damaged, or of another database."""
        (self.folder / _CURRENT).unlink(missing_ok=True)

    def clear(self, *, keep: Path | None) -> None:
        """Remove files of the index other than one, and destroy the keys of their postings: a copy of the file tells nothing then."""
        for path in self.folder.glob("index-*.sqlite3"):
            if path != keep:
                self.remove(path)

    def remove(self, path: Path) -> None:
        """Remove one file with the keys of its postings. Who still reads it looks again, in the one in use."""
        self.vault.destroy_all(_keys_in(path))
        for part in self.folder.glob(path.name + "*"):
            part.unlink(missing_ok=True)

    def open(self, path: Path) -> Store:
        """Return this thread's connection to a file."""
        held: tuple[Path, int, Store] | None = getattr(self._own, "held", None)
        number = path.stat().st_ino if path.exists() else 0
        if held is not None and held[:2] == (path, number):
            return held[2]
        if held is not None:
            held[2].close()
            self._own.held = None
        store = Store(path, self.vault)
        self._own.held = (path, path.stat().st_ino, store)
        return store

    @contextmanager
    def view(self) -> Iterator[View | None]:
        """Give the newest state of the index, None if there is none."""
        path = self.current()
        if path is None:
            yield None
            return
        store = self.open(path)
        store.db.execute("BEGIN")
        try:
            with self._lock:
                view = self._fresh(path, store)
            yield view
        finally:
            if store.db.in_transaction:
                store.db.execute("ROLLBACK")

    def _fresh(self, path: Path, store: Store) -> View:
        if store.meta("format") != VERSION:
            msg = "the index is of another version"
            raise sqlite3.DatabaseError(msg)
        if self._name != path.name:
            self._name, self._version = path.name, -1
            self._facts, self._segments, self._tail = np.zeros(0, FACTS), {}, {}
        count, version = store.next_place(), int(store.meta("version", "0"))
        self._grow(count)
        if version > self._version:
            query = "SELECT number, facts FROM block WHERE version > ?"
            for number, facts in store.db.execute(query, (self._version,)):
                self._facts[number * BLOCK : (number + 1) * BLOCK] = store.opened_block(number, facts)
            self._version = version
        segments = store.segments()
        self._segments = {
            each.id: self._segments[each.id] if each.id in self._segments else store.firsts(each)
            for each in segments
        }
        tail = self._tail_of(store, segments[-1].end if segments else 0)
        kept = tuple((each, self._segments[each.id]) for each in segments)
        return View(store, self.vault, self._facts, count, store.labels(), kept, tail)

    def _grow(self, count: int) -> None:
        blocks = -(-count // BLOCK)
        if blocks * BLOCK > len(self._facts):
            facts = np.zeros(max(blocks, len(self._facts) // BLOCK * 5 // 4) * BLOCK, FACTS)
            facts[: len(self._facts)] = self._facts
            self._facts = facts

    def _tail_of(self, store: Store, start: int) -> dict[int, Texts]:
        """Return the folded texts behind the last segment; what is opened already is opened once."""
        rows = store.db.execute("SELECT id, petition FROM doc WHERE id >= ?", (start,)).fetchall()
        known = self._tail
        found = {}
        for at, petition in rows:
            kept = known.get(at)
            if kept is None or kept[0] != petition:
                sealed = store.db.execute("SELECT sealed FROM doc WHERE id = ?", (at,)).fetchone()[0]
                kept = (petition, texts.folded(opened(self.vault, petition, sealed)))
            found[at] = kept
        self._tail = found
        return {at: kept[1] for at, kept in found.items()}


@lru_cache(maxsize=16)
def shelf_of(data: Path, vault: Vault) -> Shelf:
    """Return the index of a data folder: one for the process."""
    return Shelf(data / FOLDER, vault)
