"""What petitioners are asked after the answer, as rows: the call-back, calls that reached nobody, the third person's decision."""

from uuid import UUID

from central.deadlines.rules import Moment
from central.fields import clean_text
from central.followup.models import FollowUp, FollowUpDecision
from central.followup.rules import Satisfaction, Way, mask
from central.intake.blanks import Row, new_row
from central.petitions.states import Act
from central.simulation.deeds import Course, Deed, Who
from central.simulation.effects import Effect
from central.simulation.people import People
from shared.canonical import Json


def follow_up(deed: Deed, course: Course, people: People, *, decider: Who) -> Effect:
    """Return what a call-back writes."""
    method, said = str(deed.values["method"]), str(deed.values["satisfaction"])
    row = _call(deed, course, people, method, said)
    facts: dict[str, Json] = {"satisfaction": said, "method": method}
    if said != Satisfaction.UNSATISFIED:
        return Effect(rows=[(FollowUp, row)], facts=facts, moments=(Moment.SETTLED,))
    changes = {"undecided": True, "caller_id": row["by_id"], "decider_id": people.staff_id(decider)}
    return Effect(changes=changes, rows=[(FollowUp, row)], facts=facts, moments=(Moment.UNSATISFIED,))


def log_call(deed: Deed, course: Course, people: People) -> Effect:
    """Return what a call that reached nobody writes."""
    row = _call(deed, course, people, Way.PHONE.value, Satisfaction.NOT_REACHED.value)
    facts: dict[str, Json] = {"satisfaction": row["satisfaction"], "method": row["method"]}
    return Effect(rows=[(FollowUp, row)], facts=facts)


def decide(deed: Deed, course: Course, people: People, found: Effect) -> Effect:
    """Return what the decision of the third person writes, beside what is `found` already."""
    decision = "reopen" if deed.act is Act.DECIDE_REOPEN else str(deed.values["verdict"])
    row = new_row(
        FollowUpDecision,
        petition_id=course.id,
        at=deed.at,
        by_id=_by(deed, people),
        decision=decision,
        reasons=clean_text(deed.values["remark"]),
    )
    found.changes |= {"undecided": False, "caller_id": None, "decider_id": None}
    found.rows.append((FollowUpDecision, row))
    found.facts["decision"] = decision
    return found


def _call(deed: Deed, course: Course, people: People, method: str, said: str) -> Row:
    phoned = method == Way.PHONE
    return new_row(
        FollowUp,
        petition_id=course.id,
        at=deed.at,
        by_id=_by(deed, people),
        method=method,
        satisfaction=said,
        words=clean_text(deed.values["words"]),
        called_at=deed.at if phoned else None,
        called=mask(course.form["phone"]) if phoned else None,
    )


def _by(deed: Deed, people: People) -> UUID:
    return people.staff_id(deed.by)
