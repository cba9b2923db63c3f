"""Every hash and every link, read once in the order of the ids: the fast walk, and the slow one that names what the fast one doubts.

The engine puts together the line that an event's hash covers, Python hashes it: no object, no type, no decoding for each event.
A stream in which anything does not fit is read again value by value, so that a damaged one is named and stops nothing.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, collate, select
from sqlmodel import Session

from central.db import is_sqlite
from central.events.ends import HELD, End, Ends
from central.events.findings import Finding
from central.events.log import GENESIS, hash_of
from central.events.models import Chain, Event
from central.events.reading import rows_of

#: Events fetched together.
RUN = 4000
#: Doubted streams that are read again and named; the others are counted by their heads.
NAMED = 500
_LINE = """{id}
|| char(10) || stream || char(10) || seq || char(10) || kind || char(10) || {at} || char(10) || {recorded_at}
|| char(10) || actor || char(10) || prev || char(10) || data"""
# Texts of this file alone are put together here, nothing from outside.
_SQLITE = "SELECT id, stream, seq, prev, hash, CAST({line} AS BLOB) FROM event ORDER BY id".format(  # noqa: S608 # nosec B608
    line=_LINE.format(
        id="id",
        at="replace(at, ' ', 'T') || '+00:00'",
        recorded_at="replace(recorded_at, ' ', 'T') || '+00:00'",
    )
)
_POSTGRES = "SELECT id, {bytes}, convert_to({line}, 'UTF8') FROM event ORDER BY id".format(  # noqa: S608 # nosec B608
    bytes="convert_to(stream, 'UTF8'), seq, convert_to(prev, 'UTF8'), convert_to(hash, 'UTF8')",
    line=_LINE.replace("char(10)", "chr(10)").format(
        id="id::text",
        at="""to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
        recorded_at="""to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
    ),
)
#: id, stream, seq, prev, hash, line; all but the numbers as bytes, None where a value is none.
_Raw = tuple[int, bytes, Any, bytes, bytes, bytes | None]
Digest = tuple[int, int, int, str]


@dataclass
class Digests:
    """Running digests over the hashes of events between given ids, as seals hold them: count, first id, last id, digest."""

    marks: Sequence[int]
    found: dict[int, Digest] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._left = sorted(set(self.marks), reverse=True)
        self._sha, self._count, self._first, self._last = hashlib.sha256(), 0, 0, 0

    def take(self, batch: Sequence[_Raw]) -> None:
        """Add the hashes of a batch of events."""
        if self._left and batch[-1][0] > self._left[-1]:
            for each in batch:
                self._pass(each[0])
                self._add([each])
        else:
            self._add(batch)

    def end(self) -> None:
        """Note what stands behind the last event."""
        self._pass(2**63)

    def _add(self, batch: Sequence[_Raw]) -> None:
        self._sha.update(b"".join([each[4] or b"" for each in batch]))
        self._first = self._first or batch[0][0]
        self._count, self._last = self._count + len(batch), batch[-1][0]

    def _pass(self, event_id: int) -> None:
        while self._left and event_id > self._left[-1]:
            self.found[self._left.pop()] = (self._count, self._first, self._last, self._sha.hexdigest())
            self._sha, self._count, self._first, self._last = hashlib.sha256(), 0, 0, 0


@dataclass
class Walked:
    """What the walk leaves: how many events, the last number and hash of each stream, and the streams to be read again."""

    events: int = 0
    ends: Ends = field(default_factory=Ends)
    doubted: dict[bytes, int] = field(default_factory=dict)


def walk(s: Session, digests: Digests, progress: Callable[[int], None], *, held: int = HELD) -> Walked:
    """Read all events once; hold numbers, links and hashes against each other. `held` streams at most stay in memory."""
    walked = Walked(ends=Ends(held))
    with _raw(s) as batches:
        for batch in batches:
            _check(batch, walked)
            digests.take(batch)
            walked.events += len(batch)
            progress(walked.events)
    digests.end()
    walked.ends.close(lambda stream: walked.doubted.setdefault(stream, walked.events))
    return walked


def _check(batch: Sequence[_Raw], walked: Walked) -> None:
    ends, doubted, sha256, genesis = walked.ends, walked.doubted, hashlib.sha256, GENESIS.encode()
    recent = ends.recent
    for event_id, name, seq, prev, found, line in batch:
        stream = name or b""  # somebody's NULL is a stream as well, and one that no head fits
        end = recent.get(stream)
        if end is None:
            # A first event begins its stream; that none stood there before is looked up later, all at once.
            end = (0, genesis) if seq == 1 else ends.find(stream) or (0, genesis)
        if (
            line is None or seq != end[0] + 1 or prev != end[1] or sha256(line).hexdigest().encode() != found
        ) and stream not in doubted:
            doubted[stream] = event_id
        recent[stream] = (seq if type(seq) is int else end[0], found)
    ends.shed(lambda stream: doubted.setdefault(stream, batch[-1][0]))


@contextmanager
def _raw(s: Session) -> Iterator[Iterator[list[_Raw]]]:
    connection: Any = s.connection().connection.driver_connection
    if is_sqlite(s):
        usual, connection.text_factory = connection.text_factory, bytes
        cursor = connection.execute(_SQLITE)
        try:
            yield iter(lambda: cursor.fetchmany(RUN), [])
        finally:
            cursor.close()
            connection.text_factory = usual
        return
    with connection.cursor(name="walk", binary=True) as cursor:
        cursor.itersize = RUN
        cursor.execute(_POSTGRES)
        yield iter(lambda: cursor.fetchmany(RUN), [])


def findings(s: Session, walked: Walked) -> Iterator[Finding]:
    """Yield what is wrong with chains: doubted streams read again, then heads that do not fit, and heads without events."""
    by_event = sorted(walked.doubted, key=lambda stream: walked.doubted[stream])
    named = frozenset(by_event[:NAMED])
    for stream in by_event[:NAMED]:
        yield from _read_again(s, stream)
    for stream, head, end in _side_by_side(_heads(s), iter(walked.ends)):
        if stream in named:
            continue
        if end is None and head is not None:
            yield Finding(_text(stream), head[0], 0, "stream_missing", str(head[0]))
        elif end is not None and head != end:
            yield Finding(_text(stream), end[0] + 1, 0, "head_differs", f"{end[0]}")


def _heads(s: Session) -> Iterator[tuple[bytes, End]]:
    """Yield the heads in the order of the bytes of their streams."""
    table = Chain.__table__  # type: ignore[attr-defined]
    name = table.c.stream if is_sqlite(s) else collate(table.c.stream, "C")
    query = select(table).order_by(name)
    for row in s.connection().execute(query, execution_options={"yield_per": RUN}):
        yield str(row.stream).encode(errors="replace"), (row.seq, str(row.hash).encode())


def _side_by_side(
    heads: Iterator[tuple[bytes, End]], ends: Iterator[tuple[bytes, End]]
) -> Iterator[tuple[bytes, End | None, End | None]]:
    """Yield each stream with its head and with the end of its events, None where there is none. Both come in order."""
    there = ((stream, True, end) for stream, end in heads)
    walked = ((stream, False, end) for stream, end in ends)
    for stream, both in groupby(merge(there, walked, key=itemgetter(0)), key=itemgetter(0)):
        found = {is_head: end for _, is_head, end in both}
        yield stream, found.get(True), found.get(False)


def _text(stream: bytes | None) -> str:
    return stream.decode(errors="backslashreplace") if stream is not None else "None"


def _read_again(s: Session, stream: bytes) -> Iterator[Finding]:
    """Read one stream value by value and name the first event that does not fit."""
    events, name = Event.__table__, _text(stream)  # type: ignore[attr-defined]
    query = rows_of(s, events).where(events.c.stream == name).order_by(events.c.seq, events.c.id)
    found = list(s.connection().execute(query))
    prev, last_id = GENESIS, 0
    for number, event in enumerate(found, start=1):
        if problem := _problem(event, number, prev, last_id):
            yield Finding(name, event.seq, event.id, problem, event.kind)
            return
        prev, last_id = event.hash, event.id
    chains = Chain.__table__  # type: ignore[attr-defined]
    head = s.connection().execute(select(chains).where(chains.c.stream == name)).first()
    if head is None or (head.seq, head.hash) != (len(found), prev):
        yield Finding(name, len(found) + 1, last_id, "head_differs", f"{len(found)}")


def _problem(event: Row[Any], number: int, prev: str, last_id: int) -> str:
    if event.seq != number:
        return "event_missing"
    if event.prev != prev:
        return "link_broken"
    try:
        wanted = hash_of(event._asdict())
    except (TypeError, AttributeError, ValueError):
        return "event_unreadable"
    if wanted != event.hash:
        return "event_changed"
    return "order_changed" if event.id <= last_id else ""
