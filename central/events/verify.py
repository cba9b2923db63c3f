"""Recompute the whole log: every hash, every chain, every seal, and every row that the events say there must be."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session

from central.events import chains, rebuilding
from central.events.findings import OF_CHAINS, OF_ROWS, Finding, Report
from central.events.reading import any_text
from central.events.seals import Seals

__all__ = ["OF_CHAINS", "OF_ROWS", "Check", "Finding", "Report", "verify"]

Check: TypeAlias = Callable[[Session], Iterator[Finding]]


def verify(
    s: Session,
    *,
    public_key: Ed25519PublicKey | None,
    anchor_folder: Path,
    copies: Path | None = None,
    rows: bool = True,
    checks: Sequence[Check] = (),
    progress: Callable[[int], None] = lambda _done: None,
) -> Report:
    """Walk everything in one read transaction and report. `checks` are further checks of other domains.

    `copies` is the folder where seals and heads are kept on another machine. `rows=False` checks chains and seals alone.
    """
    report = Report()
    with any_text(s):
        seals = Seals(s, anchor_folder, copies, public_key)
        walked = chains.walk(s, seals.digests, progress)
        report.events, report.streams = walked.events, len(walked.ends)
        report.findings += chains.findings(s, walked)
        if rows:
            rebuilding.compare(s, report)
        report.findings += seals.findings(s, report)
        for check in checks if rows else ():
            report.findings += list(check(s))
    return report
