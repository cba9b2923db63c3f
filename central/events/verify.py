"""Recompute the whole log: every hash, every chain, every seal, and every row that the events say there must be."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session

from central.events import chains, rebuilding
from central.events.findings import OF_CHAINS, OF_ROWS, Finding, Report
from central.events.reading import any_text
from central.events.seals import Seals

__all__ = ["OF_CHAINS", "OF_ROWS", "Alone", "Check", "Finding", "Hands", "Report", "Task", "verify"]

Check: TypeAlias = Callable[[Session], Iterator[Finding]]
#: A part of the work that stands alone; another process can be handed it.
Task: TypeAlias = Callable[[Session], Any]


class Hands(Protocol):
    """Who does what can be done side by side."""

    @property
    def parts(self) -> int:
        """In how many parts the rows are to be compared."""
        ...

    def at_work(self, tasks: Sequence[Task]) -> AbstractContextManager[Callable[[Session], list[Any]]]:
        """Begin; give what does all that nobody has begun, and returns the results in the order of the tasks."""
        ...


class Alone:
    """One process does all, one after the other, in its own transaction."""

    parts = 1

    @contextmanager
    def at_work(self, tasks: Sequence[Task]) -> Iterator[Callable[[Session], list[Any]]]:
        """Give what does it all."""
        yield lambda s: [task(s) for task in tasks]


def verify(
    s: Session,
    *,
    public_key: Ed25519PublicKey | None,
    anchor_folder: Path,
    copies: Path | None = None,
    rows: bool = True,
    checks: Sequence[Check] = (),
    progress: Callable[[int], None] = lambda _done: None,
    hands: Hands | None = None,
) -> Report:
    """Walk everything in one read transaction and report. `checks` are further checks of other domains.

    `copies` is the folder where seals and heads are kept on another machine. `rows=False` checks chains and seals alone. `hands` see
    the same state of the database.
    """
    report, hands = Report(), hands or Alone()
    with any_text(s):
        seals = Seals(s, anchor_folder, copies, public_key)
        parts = rebuilding.ranges(s, hands.parts) if rows else []
        tasks: list[Task] = [partial(rebuilding.compare, between=each) for each in parts]
        tasks += [partial(_found, check) for check in checks if rows]
        with hands.at_work(tasks) as rest:
            walked = chains.walk(s, seals.digests, progress)
            report.events, report.streams = walked.events, len(walked.ends)
            report.findings += chains.findings(s, walked)
            done = rest(s)
        compared, found = done[: len(parts)], done[len(parts) :]
        if rows:
            _take(s, report, compared)
        report.findings += seals.findings(s, report)
        for each in found:
            report.findings += each
    return report


def _found(check: Check, s: Session) -> list[Finding]:
    return list(check(s))


def _take(s: Session, report: Report, compared: Sequence[rebuilding.Compared]) -> None:
    seen = Counter[str]()
    for each in compared:
        seen.update(each.seen)
        report.findings += each.findings
    report.rows = seen.total()
    report.findings += rebuilding.rows_without_events(s, seen)
