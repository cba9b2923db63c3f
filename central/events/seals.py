"""Hold seals against events, files, signatures and the copies kept on another machine."""

import base64
from collections.abc import Iterator, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlmodel import Session

from central.events import anchors, heads
from central.events.chains import Digests
from central.events.findings import Finding, Report
from central.events.log import GENESIS
from central.events.models import Anchor
from central.events.reading import rows_of


class Seals:
    """The seals as they stood before the walk: rows, files, and copies elsewhere.

    Built before the first read of an event: a day that is sealed while others walk is in neither list.
    """

    def __init__(
        self, s: Session, folder: Path, copies: Path | None, public_key: Ed25519PublicKey | None
    ) -> None:
        table = Anchor.__table__  # type: ignore[attr-defined]
        self.files, self._key = anchors.files(folder), public_key
        self.copies = anchors.files(copies / heads.SEALS) if copies else {}
        self.heads: Sequence[heads.Head] = [*heads.kept(folder), *(heads.kept(copies) if copies else ())]
        self.rows = {
            str(row.day): Anchor(**row._asdict()) for row in s.connection().execute(rows_of(s, table))
        }
        marks = [row.up_to_id for row in self.rows.values() if isinstance(row.up_to_id, int)]
        self.digests = Digests(marks)

    def findings(self, s: Session, report: Report) -> Iterator[Finding]:
        """Yield what is wrong with the seals, once the walk has filled `digests`."""
        report.anchors, report.heads = len(self.rows), len(self.heads)
        yield from self._anchors(s)
        for head in self.heads:
            if problem := self._head_problem(s, head):
                yield Finding(f"head/{head.name}", 0, head.up_to_id, problem, head.name)
                return

    def _anchors(self, s: Session) -> Iterator[Finding]:
        prev, behind = GENESIS, 0
        for day in sorted(self.rows.keys() | self.files.keys() | self.copies.keys()):
            row = self.rows.get(day)
            if row is None:
                yield Finding(f"anchor/{day}", 0, 0, "anchor_missing", day)
                return
            problem = self._anchor_problem(s, row, prev, behind) or self._signed(row.hash, row.signature)
            if problem:
                yield Finding(f"anchor/{day}", 0, row.from_id, problem, day)
                return
            prev, behind = row.hash, row.up_to_id

    def _anchor_problem(self, s: Session, row: Anchor, prev: str, behind: int) -> str:
        file, day = self.files.get(str(row.day)), str(row.day)
        if file is None:
            return "anchor_file_missing"
        if file != anchors.as_file(row):
            return "anchor_differs_from_file"
        if day in self.copies and self.copies[day] != file:
            return "anchor_differs_from_copy"
        if row.prev != prev or anchors.hash_of(row) != row.hash:
            return "anchor_changed"
        if self._digest(s, behind, row.up_to_id) != (row.events, row.from_id, row.up_to_id, row.digest):
            return "anchored_events_changed"
        return ""

    def _digest(self, s: Session, behind: int, up_to: int) -> tuple[int, int, int, str]:
        """Return the digest of the walk if it cut the events at these ids, else read them again."""
        marks = [0, *sorted(self.digests.found)]
        if up_to in self.digests.found and marks[marks.index(up_to) - 1] == behind:
            return self.digests.found[up_to]
        return anchors.digest_of(s, behind=behind, up_to=up_to)

    def _signed(self, text: str, signature: str) -> str:
        if self._key is None:
            return "anchor_key_missing"
        return "" if is_signed(self._key, text, signature) else "anchor_signature"

    def _head_problem(self, s: Session, head: heads.Head) -> str:
        """Say what is wrong with events that a signed head counted: fewer of them, or others."""
        if head.damaged or (self._key is not None and not is_signed(self._key, head.hash, head.signature)):
            return "head_file_damaged"
        count, _, last, digest = anchors.digest_of(s, behind=head.behind, up_to=head.up_to_id)
        if (count, last, digest) == (head.events, head.up_to_id, head.digest):
            return ""
        return "events_cut_off" if count < head.events else "anchored_events_changed"


def is_signed(key: Ed25519PublicKey, text: str, signature: str) -> bool:
    """Say whether `signature` (base64) is the key's over `text`."""
    try:
        key.verify(base64.b64decode(signature), text.encode())
    except (InvalidSignature, ValueError):
        return False
    return True
