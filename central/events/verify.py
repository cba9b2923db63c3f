"""Recompute the whole log: every hash, every chain, every anchor, and every row that the events say there must be."""

import base64
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Row, String, Table, cast, func, literal, not_, select
from sqlmodel import Session

from central.events import anchors, journal
from central.events.log import GENESIS, hash_of
from central.events.models import Anchor, Chain, Event
from central.events.reading import any_text, rows_of
from central.events.replay import Rows, fold
from central.vault import columns
from central.vault.errors import SealBroken
from central.vault.rows import vault_of

#: Streams whose rows are fetched and compared together.
BATCH = 400
#: What a chain itself can show.
OF_CHAINS = frozenset(
    {
        "event_missing",
        "link_broken",
        "event_changed",
        "event_unreadable",
        "order_changed",
        "head_differs",
        "stream_missing",
    }
)
#: What rows show when they are held against the events.
OF_ROWS = frozenset({"row_missing", "row_differs", "row_unknown"})


class Finding(NamedTuple):
    """One broken place. `problem` is a key below `verify.` in the catalogue; `event_id` 0 where no event is named."""

    stream: str
    seq: int
    event_id: int
    problem: str
    detail: str = ""


@dataclass
class Report:
    """What was walked and what was found, in the order of the walk."""

    events: int = 0
    streams: int = 0
    rows: int = 0
    anchors: int = 0
    findings: list[Finding] = field(default_factory=list)

    @property
    def first(self) -> Finding | None:
        """The first broken link: of the chains if one is broken, else of the rows, else of the seals; the earliest event first."""
        return min(self.findings, key=_place, default=None)


def _place(finding: Finding) -> tuple[int, int, str]:
    # A broken chain makes rows, counts and seals differ as well: it is the cause and comes first.
    seal = finding.stream.startswith("anchor/")
    rank = 0 if finding.problem in OF_CHAINS else 1 if finding.problem in OF_ROWS else 3 if seal else 2
    return rank, finding.event_id or 2**63, finding.stream


Check = Callable[[Session], Iterator[Finding]]


def verify(
    s: Session,
    *,
    public_key: Ed25519PublicKey | None,
    anchor_folder: Path,
    checks: Sequence[Check] = (),
    progress: Callable[[int], None] = lambda _done: None,
) -> Report:
    """Walk everything in one read transaction and report. `checks` are further checks of other domains."""
    report = Report()
    seen: dict[str, int] = {}
    # Before the first read: a day that is sealed while this walks is in neither list.
    sealed = set(anchors.files(anchor_folder))
    with any_text(s):
        for batch in _batches(_events(s)):
            _check_batch(s, batch, report, seen)
            progress(report.events)
        report.findings += _rows_without_events(s, seen)
        report.findings += _chains_without_events(s)
        report.findings += _check_anchors(s, report, public_key, anchor_folder, sealed)
        for check in checks:
            report.findings += list(check(s))
    return report


def _events(s: Session) -> Iterator[Row[Any]]:
    table = Event.__table__  # type: ignore[attr-defined]
    query = rows_of(s, table).order_by(table.c.stream, table.c.seq, table.c.id)
    # An option of this statement, not of the connection: other statements read whole results while it streams.
    return iter(s.connection().execute(query, execution_options={"yield_per": 2000}))


def _batches(events: Iterator[Row[Any]]) -> Iterator[list[tuple[str, list[Row[Any]]]]]:
    streams = ((stream, list(rows)) for stream, rows in groupby(events, key=lambda row: str(row.stream)))
    while batch := list(islice(streams, BATCH)):
        yield batch


def _check_batch(
    s: Session, batch: list[tuple[str, list[Row[Any]]]], report: Report, seen: dict[str, int]
) -> None:
    heads = {chain.stream: chain for chain in _chains(s, [stream for stream, _ in batch])}
    expected: Rows = {}
    for stream, events in batch:
        report.streams += 1
        report.events += len(events)
        report.findings += _check_chain(stream, events, heads.get(stream))
        fold(expected, events)
    for table in (kind.__table__ for kind in journal.journaled_models()):  # type: ignore[attr-defined]
        report.rows += _compare(s, table, [stream for stream, _ in batch], expected, report, seen)
    report.findings += [
        Finding(owner, 0, event_id, "row_missing", f"{table_name} {key}")
        for (table_name, key), (_, owner, event_id) in expected.items()
    ]


def _check_chain(stream: str, events: list[Row[Any]], head: Chain | None) -> Iterator[Finding]:
    prev, last_id = GENESIS, 0
    for number, event in enumerate(events, start=1):
        problem = _problem(event, number, prev, last_id)
        if problem:
            yield Finding(stream, event.seq, event.id, problem, event.kind)
            return
        prev, last_id = event.hash, event.id
    if head is None or (head.seq, head.hash) != (len(events), prev):
        yield Finding(stream, len(events) + 1, last_id, "head_differs", f"{len(events)}")


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


def _chains(s: Session, streams: list[str]) -> Sequence[Chain]:
    table = Chain.__table__  # type: ignore[attr-defined]
    return [
        Chain(**row._asdict())
        for row in s.connection().execute(select(table).where(table.c.stream.in_(streams)))
    ]


def _compare(
    s: Session, table: Table, streams: list[str], expected: Rows, report: Report, seen: dict[str, int]
) -> int:
    prefix, column = table.info["journal"]
    kind = table.c[column].type.python_type
    keys = [key for stream in streams if (key := _owner(stream, prefix, kind)) is not None]
    if not keys:
        return 0
    rows = s.connection().execute(rows_of(s, table).where(table.c[column].in_(keys))).all()
    for values in _opened(s, table, rows):
        wanted = expected.pop((table.name, journal.key_of(table, values)), None)
        stream = journal.stream_of(table, values)
        if wanted is None:
            report.findings.append(
                Finding(stream, 0, 0, "row_unknown", f"{table.name} {journal.key_of(table, values)}")
            )
        elif differing := _differing(journal.row_image(table, values), wanted[0]) - _erased(table, values):
            where = f"{table.name}: {', '.join(sorted(differing))}"
            report.findings.append(Finding(wanted[1], 0, wanted[2], "row_differs", where))
    seen[table.name] = seen.get(table.name, 0) + len(rows)
    return len(rows)


def _opened(s: Session, table: Table, rows: Sequence[Row[Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows with sealed columns opened. What cannot be opened stays closed, and its digest differs."""
    if not columns.sealed_columns(table):
        yield from (row._asdict() for row in rows)
        return
    vault, found = vault_of(s), [row._asdict() for row in rows]
    vault.prefetch(key for row in found for key in columns.key_ids(table, row))
    for row in found:
        try:
            yield columns.opened(vault, table, row)
        except SealBroken:
            yield row


def _owner(stream: str, prefix: str, kind: type) -> Any:
    """Return the key of the rows that belong to `stream`, or None: not this table's, or a stream nobody names so."""
    name = stream.removeprefix(prefix + "/")
    try:
        key = kind(name)
    except ValueError:
        return None
    return key if stream == journal.stream_name(prefix, key) else None


def _differing(actual: dict[str, Any], wanted: dict[str, Any]) -> set[str]:
    return {name for name in actual.keys() | wanted.keys() if actual.get(name) != wanted.get(name)}


def _erased(table: Table, values: dict[str, Any]) -> set[str]:
    """Return the columns whose key, or whose salt's key, was destroyed: nobody can compare them any more."""
    found = {name for name, value in values.items() if isinstance(value, columns.Erased)}
    if journal.SALT in found:
        found |= {column.name for column in table.columns if column.info.get("sensitive")}
    return found


def _rows_without_events(s: Session, seen: dict[str, int]) -> Iterator[Finding]:
    events = Event.__table__  # type: ignore[attr-defined]
    for table in (kind.__table__ for kind in journal.journaled_models()):  # type: ignore[attr-defined]
        total = s.connection().execute(select(func.count()).select_from(table)).scalar_one()
        if total == seen.get(table.name, 0):
            continue
        prefix, column = table.info["journal"]
        name = literal(prefix + "/").concat(func.replace(cast(table.c[column], String), "-", ""))
        known = select(events.c.id).where(events.c.stream == name, events.c.seq == 1).exists()
        for row in s.connection().execute(rows_of(s, table).where(not_(known)).limit(100)):
            values = row._asdict()
            yield Finding(
                journal.stream_of(table, values),
                0,
                0,
                "row_unknown",
                f"{table.name} {journal.key_of(table, values)}",
            )


def _chains_without_events(s: Session) -> Iterator[Finding]:
    chains, events = Chain.__table__, Event.__table__  # type: ignore[attr-defined]
    known = select(events.c.id).where(events.c.stream == chains.c.stream).exists()
    for row in s.connection().execute(select(chains).where(not_(known)).limit(100)):
        yield Finding(str(row.stream), row.seq, 0, "stream_missing", str(row.seq))


def _check_anchors(
    s: Session, report: Report, public_key: Ed25519PublicKey | None, folder: Path, sealed: set[str]
) -> Iterator[Finding]:
    prev, behind = GENESIS, 0
    table = Anchor.__table__  # type: ignore[attr-defined]
    rows = {str(row.day): Anchor(**row._asdict()) for row in s.connection().execute(rows_of(s, table))}
    report.anchors, kept = len(rows), anchors.files(folder)
    for day in sorted(rows.keys() | sealed):
        row = rows.get(day)
        if row is None:
            yield Finding(f"anchor/{day}", 0, 0, "anchor_missing", day)
            return
        problem = _anchor_problem(s, row, prev, behind, kept.get(day)) or _signature_problem(row, public_key)
        if problem:
            yield Finding(f"anchor/{day}", 0, row.from_id, problem, day)
            return
        prev, behind = row.hash, row.up_to_id


def _anchor_problem(s: Session, row: Anchor, prev: str, behind: int, file: dict[str, Any] | None) -> str:
    if file is None:
        return "anchor_file_missing"
    if file != anchors.as_file(row):
        return "anchor_differs_from_file"
    if row.prev != prev or anchors.hash_of(row) != row.hash:
        return "anchor_changed"
    found = anchors.digest_of(s, behind=behind, up_to=row.up_to_id)
    if found != (row.events, row.from_id, row.up_to_id, row.digest):
        return "anchored_events_changed"
    return ""


def _signature_problem(row: Anchor, public_key: Ed25519PublicKey | None) -> str:
    if public_key is None:
        return "anchor_key_missing"
    try:
        public_key.verify(base64.b64decode(row.signature), row.hash.encode())
    except (InvalidSignature, ValueError):
        return "anchor_signature"
    return ""
