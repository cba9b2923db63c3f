"""The deadline sheet of one clock with what belongs on it: why it stood still, who gave more time and why."""

from central.casework.queries import Whole
from central.deadlines.due import Due
from central.deadlines.models import DeadlineClock
from central.deadlines.paper import Sheet, Stop
from central.deadlines.rules import Ground
from central.events.kinds import Kind

#: A sheet is one page: longer reasons are read on the petition's page.
MOST_WORDS = 300


def sheet_of(found: Whole, clock: DeadlineClock, derived: Due) -> Sheet:
    """Return the sheet of `clock`, whose derivation is `derived`."""
    granted = [
        line
        for line in found.timeline
        if line.kind is Kind.PETITION_EXTENDED and line.facts.get("rule") == clock.rule
    ]
    last = granted[-1] if granted and clock.extension_days else None
    words = last.note.text if last is not None and last.note is not None else ""
    return Sheet(
        derived=derived,
        rules_version=clock.rules_version,
        number=found.petition.number,
        stops=[
            Stop(each.from_on, each.until_on, Ground(each.ground or Ground.SUPPLEMENT))
            for each in found.pauses
            if each.clock_id == clock.id
        ],
        extension_by=last.by if last is not None else "",
        extension_why=words[:MOST_WORDS] + ("…" if len(words) > MOST_WORDS else ""),
        stands_still=clock.standing_still and clock.ended_on is None,
    )
