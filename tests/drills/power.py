"""R3: the power goes while SQLite writes. What was not synced is lost, partly written or torn; then one bit is flipped in a file at rest.

A layer of our own lies under SQLite (its "VFS", reached by ctypes): it notes every write since the last sync of each file. At a random
write an image is made as a disk would have it: everything synced, and of the rest a random part in random order, some of it torn
at a sector. `--rounds` images of the box's file, a fifth as many of the centre's, a fifth as many flipped bits.
"""

import ctypes
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from central import db
from central.ingest import storing
from central.ingest.storing import Message
from edge_agent import assist, tickets
from edge_agent.box import Box, Rules
from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from edge_agent.policy import Window
from edge_agent.store import FILE, Store, damaged_files
from shared import topics, wire
from tests.drills.asked import Asked, Found
from tests.factories import halls
from tests.factories.courts import court
from tests.support.databases import migrate
from tests.support.vaults import vault_in

_NAME = "ln0102-1"
_SECTOR = 512
_RULES = Rules(Window("ln0102", timedelta(0), timedelta(0)), 3, tuple(wire.VisitKind), 2, 10**6, "大厅")

_Open = ctypes.CFUNCTYPE(
    ctypes.c_int,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_void_p,
    ctypes.c_int,
    ctypes.POINTER(ctypes.c_int),
)
_Delete = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int)
_Write = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_Truncate = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int64)
_Sync = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int)


class _Vfs(ctypes.Structure):
    """The beginning of `sqlite3_vfs`, as far as it is needed."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("xOpen", _Open),
        ("xDelete", _Delete),
    )


class _Methods(ctypes.Structure):
    """`sqlite3_io_methods`, version 3."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("xClose", ctypes.c_void_p),
        ("xRead", ctypes.c_void_p),
        ("xWrite", _Write),
        ("xTruncate", _Truncate),
        ("xSync", _Sync),
        *((f"other{number}", ctypes.c_void_p) for number in range(13)),
    )


class _File(ctypes.Structure):
    _fields_ = (("pMethods", ctypes.POINTER(_Methods)),)


def _as_it_is(kind: Any, function: Any) -> Any:
    """Return a function by its address: a field of a structure is only a view, and follows what is put there later."""
    return kind(ctypes.cast(function, ctypes.c_void_p).value)


@dataclass
class _Watched:
    """A file: what a disk surely has of it, and what was written since (place, bytes; None: cut to that length)."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[tuple[int, bytes | None]] = field(default_factory=list)


def _apply(image: bytearray, place: int, piece: bytes | None) -> None:
    if piece is None:
        del image[place:]
        return
    if len(image) < place + len(piece):
        image.extend(bytes(place + len(piece) - len(image)))
    image[place : place + len(piece)] = piece


class Disk:
    """Stands between SQLite and the files below `folder`. `on_write` is called before each write that is noted."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._paths: dict[int, str] = {}
        self.files: dict[str, _Watched] = {}
        self.on_write: Callable[[], None] = lambda: None
        self._kept: list[Any] = []
        self._mine: dict[int, _Methods] = {}

    def image(self, chance: random.Random) -> dict[str, bytes]:
        """Return what a disk may hold if the power goes now."""
        found = {}
        for path, file in self.files.items():
            image = bytearray(file.synced)
            lost = [each for each in file.since if chance.random() < 0.5]
            if chance.random() < 0.3:
                chance.shuffle(lost)
            for place, piece in lost:
                torn = piece
                if piece is not None and chance.random() < 0.3:
                    torn = piece[: chance.randrange(0, len(piece) + 1, min(_SECTOR, len(piece) or 1))]
                _apply(image, place, torn)
            found[path] = bytes(image)
        return found

    @contextmanager
    def watching(self) -> Iterator["Disk"]:
        """Watch the files that SQLite opens in this block."""
        library = ctypes.CDLL("libsqlite3.so.0")
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
        vfs = library.sqlite3_vfs_find(None).contents
        before = _as_it_is(_Open, vfs.xOpen), _as_it_is(_Delete, vfs.xDelete)
        mine = self._opener(before[0]), self._deleter(before[1])
        self._kept += [before, mine]
        vfs.xOpen, vfs.xDelete = mine
        try:
            yield self
        finally:
            vfs.xOpen, vfs.xDelete = before

    def _deleter(self, before: Any) -> Any:
        def deleted(vfs: int, name: int, flags: int) -> int:
            self.files.pop(os.fsdecode(ctypes.string_at(name)), None)
            return int(before(vfs, name, flags))

        return _Delete(deleted)

    def _opener(self, before: Any) -> Any:
        # SQLite keeps the address of the name it gave: it must be handed on as it is.
        def opened(vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:
            code = int(before(vfs, name, file, flags, out))
            path = os.fsdecode(ctypes.string_at(name)) if name else ""
            if code == 0 and path.startswith(self._folder):
                self._watch(file, path)
            return code

        return _Open(opened)

    def _file(self, address: int) -> _Watched:
        return self.files.setdefault(self._paths[address], _Watched())

    def _watch(self, address: int, path: str) -> None:
        file = _File.from_address(address)
        original = ctypes.addressof(file.pMethods.contents)
        if original not in self._mine:
            self._mine[original] = self._methods(file.pMethods.contents)
        self._paths[address] = path
        self.files.setdefault(path, _Watched())
        file.pMethods = ctypes.pointer(self._mine[original])

    def _methods(self, original: _Methods) -> _Methods:
        mine = _Methods.from_buffer_copy(original)
        write = _as_it_is(_Write, original.xWrite)
        truncate, sync = _as_it_is(_Truncate, original.xTruncate), _as_it_is(_Sync, original.xSync)

        def written(file: int, data: int, length: int, place: int) -> int:
            self.on_write()
            self._file(file).since.append((place, ctypes.string_at(data, length)))
            return int(write(file, data, length, place))

        def cut(file: int, length: int) -> int:
            self._file(file).since.append((length, None))
            return int(truncate(file, length))

        def synced(file: int, flags: int) -> int:
            code = int(sync(file, flags))
            watched = self._file(file)
            for place, piece in watched.since:
                _apply(watched.synced, place, piece)
            watched.since.clear()
            return code

        mine.xWrite, mine.xTruncate, mine.xSync = _Write(written), _Truncate(cut), _Sync(synced)
        self._kept += [original, mine]
        return mine


@dataclass
class _Life:
    """A box that works; `told` are the events of acts that were answered, `settled` those the centre has."""

    box: Box
    outbox: Outbox
    chance: random.Random
    told: set[UUID] = field(default_factory=set)
    settled: set[UUID] = field(default_factory=set)
    at: datetime = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

    def act(self) -> None:
        """Do one thing and note what a person was told."""
        self.at += timedelta(seconds=2)
        dice = self.chance.random()
        if dice < 0.6:
            tickets.walk_in(self.box, kind=wire.VisitKind.QUERY, nonce=uuid4().hex, now=self.at)
        elif dice < 0.75:
            call = assist.press(self.box, origin=wire.CallOrigin.PAGE_BUTTON, now=self.at)
            assist.close(self.box, call_id=call.id, by="窗口一", note="", now=self.at)
        elif dice < 0.9:
            rows = self.outbox.oldest(self.chance.randint(1, 5))
            self.settled |= {row.event_id for row in rows}
            self.outbox.forget([(row.seq, row.event_id) for row in rows], now=self.at)
        elif dice < 0.95:
            self.outbox.purge(now=self.at + timedelta(days=self.chance.choice((0, 1))), days=0)
        else:
            with self.box.store.reading() as connection:
                connection.execute("pragma wal_checkpoint(passive)").fetchall()
        rows = self.outbox.oldest(10**6)
        self.told |= {row.event_id for row in rows}


def _life(folder: Path, chance: random.Random) -> tuple[Store, _Life]:
    store = open_store(folder, box=_NAME, now=datetime(2026, 11, 23, 1, tzinfo=UTC))
    return store, _Life(Box(store, _RULES), Outbox(store), chance)


def put(folder: Path, image: dict[str, bytes], *, keys: Path) -> Path:
    """Lay the files of an image into a new folder, with the keys."""
    folder.mkdir()
    shutil.copytree(keys, folder / "keys")
    for path, content in image.items():
        if not path.endswith("-shm"):
            (folder / Path(path).name).write_bytes(content)
    return folder


def _after(folder: Path) -> tuple[set[UUID], bool]:
    """Open what the power cut left, as the box does; return the events that wait, and whether a file was set aside."""
    store = open_store(folder, box=_NAME, now=datetime.now(UTC))
    try:
        Box(store, _RULES).today(datetime(2026, 11, 23, 2, tzinfo=UTC))
        with store.reading() as connection:
            assert connection.execute("pragma integrity_check").fetchall() == [("ok",)]
        return {row.event_id for row in Outbox(store).oldest(10**6)}, bool(damaged_files(folder))
    finally:
        store.close()


def _cuts(asked: Asked, room: Path, found: Found) -> None:
    chance, made = asked.chance, 0
    folder = room / "box"
    disk = Disk(folder)
    images: list[tuple[dict[str, bytes], set[UUID]]] = []
    with disk.watching():
        store, life = _life(folder, chance)

        def maybe() -> None:
            if life.told and chance.random() < 0.04 and made + len(images) < asked.rounds:
                images.append((disk.image(chance), life.told - life.settled))

        disk.on_write = maybe
        while made < asked.rounds:
            life.act()
            for image, owed in images:
                waits, aside = _after_image(disk, room / f"cut{made}", image, folder / "keys")
                made += 1
                found.expect(owed <= waits, f"cut {made}: {len(owed - waits)} confirmed events lost")
                found.expect(not aside, f"cut {made}: a power cut left a file that fails its checks")
                shutil.rmtree(room / f"cut{made - 1}")
            images.clear()
        store.close()
    found.figures |= {"cuts": made, "events_confirmed": len(life.told)}


def _after_image(disk: Disk, place: Path, image: dict[str, bytes], keys: Path) -> tuple[set[UUID], bool]:
    hook, disk.on_write = disk.on_write, lambda: None
    try:
        return _after(put(place, image, keys=keys))
    finally:
        disk.on_write = hook


def _flips(asked: Asked, room: Path, found: Found) -> None:
    chance, harmless, mended = random.Random(asked.seed + 1), 0, 0
    folder = room / "whole"
    store, life = _life(folder, chance)
    for _ in range(150):
        life.act()
    owed = life.told - life.settled
    rounds = max(1, asked.rounds // 5)
    for number in range(rounds):
        if number == rounds // 2:  # the second half with everything in the file itself
            with store.reading() as connection:
                connection.execute("pragma wal_checkpoint(truncate)").fetchall()
        files = [path for path in (folder / FILE, folder / f"{FILE}-wal") if path.exists()]
        image = {path.name: path.read_bytes() for path in files}
        name = chance.choices([*image], weights=[len(each) for each in image.values()])[0]
        bit = chance.randrange(len(image[name]) * 8)
        broken = bytearray(image[name])
        broken[bit // 8] ^= 1 << bit % 8
        place = put(room / f"flip{number}", image | {name: bytes(broken)}, keys=folder / "keys")
        try:
            waits, aside = _after(place)
        except Exception as error:  # noqa: BLE001  the drill goes on; a box that does not start is what it looks for
            found.wrong.append(f"bit {bit} of {name}: the box does not start: {error!r}")
            continue
        found.expect(owed <= waits, f"bit {bit} of {name}: {len(owed - waits)} of {len(owed)} events lost")
        mended += aside
        harmless += not aside
        shutil.rmtree(place)
    store.close()
    found.figures |= {"flips": rounds, "set_aside": mended, "mended_or_in_empty_space": harmless}


def _centre(asked: Asked, room: Path, found: Found) -> None:
    """Receipts of a centre on SQLite, against power cuts of its machine."""
    chance, rounds = random.Random(asked.seed + 2), max(1, asked.rounds // 5)
    folder = room / "centre"
    folder.mkdir()
    disk, url = Disk(folder), f"sqlite:///{folder / 'minyi.sqlite3'}"
    now = datetime(2026, 11, 23, 2, tzinfo=UTC)
    with disk.watching():
        migrate(url)
        engine = db.make_engine(url, vault=vault_in(folder))
        with db.unit_of_work(engine) as s:
            journal = halls.box(s, court(s))
        confirmed: list[UUID] = []
        images: list[tuple[dict[str, bytes], int]] = []
        made = 0

        def maybe() -> None:
            if confirmed and chance.random() < 0.03 and made + len(images) < rounds:
                images.append((disk.image(chance), len(confirmed)))

        disk.on_write = maybe
        number = 0
        while made < rounds:
            batch = []
            for _ in range(chance.randint(1, 5)):
                number += 1
                event = journal.ticket(number, at=now)
                batch.append(Message(topics.events(journal.box), event.model_dump_json().encode()))
            answers = storing.store(engine, batch, now=now)
            confirmed += [ack.event_id for each in answers for ack in wire.receipts(each.payload)]
            for image, count in images:
                made += 1
                lost = _lost_at_centre(room / f"c{made}", image, confirmed[:count])
                found.expect(lost == 0, f"centre, cut {made}: {lost} acknowledged events lost")
            images.clear()
        engine.dispose()
    found.figures["cuts_of_the_centre"] = made


def _lost_at_centre(place: Path, image: dict[str, bytes], confirmed: list[UUID]) -> int:
    place.mkdir()
    for path, content in image.items():
        if not path.endswith("-shm"):
            (place / Path(path).name).write_bytes(content)
    connection = sqlite3.connect(place / "minyi.sqlite3")
    try:
        if connection.execute("pragma integrity_check").fetchall() != [("ok",)]:
            return len(confirmed)
        kept = {UUID(row[0]) for row in connection.execute("select event_id from box_event_seen")}
    finally:
        connection.close()
        shutil.rmtree(place)
    return len(set(confirmed) - kept)


def run(asked: Asked) -> Found:
    """R3."""
    found = Found()
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        for part in (_cuts, _flips, _centre):
            part(asked, Path(name), found)
    return found
