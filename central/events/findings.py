"""What a walk of the log found, and which of it is named first: pure."""

from dataclasses import dataclass, field
from typing import NamedTuple

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
        "events_cut_off",
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
    heads: int = 0
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
