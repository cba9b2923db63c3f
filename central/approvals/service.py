"""Set the chains of a court; lead a submitted reply, or decision on a review, through the steps of its chain.

Where a court set no chain the responsible leader approves alone, as before there were chains: then no step is written down.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.approvals import queries
from central.approvals.forms import Which, Write
from central.approvals.models import ApprovalChain, ApprovalStep
from central.approvals.queries import Approved
from central.approvals.rules import By, Spec, best, named, packed, spec_of, unpacked
from central.barrier import queries as barrier
from central.courts import queries as courts
from central.deadlines.shipped import book_of
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions import third
from central.petitions.models import Petition
from shared.canonical import Json
from shared.i18n import Key

#: Leaves those of some people who may approve: nobody judges their own work on a review.
Among = Callable[[Sequence[Staff]], list[Staff]]
#: Roles by which a step may name whoever has them: they see the petitions of their court.
ROLES = (Role.LEADER, Role.SUPERVISOR, Role.REGISTRAR)


def write(s: Session, *, form: Write, by: Actor, now: datetime) -> ApprovalChain:
    """Put a chain in force at the actor's court, in the place of the one for the same petitions.

    Raise `Forbidden`, or `Invalid` for a step that names nobody of this court. Replies already submitted keep the steps they began.
    """
    court_id = _court(by)
    if form.rules and form.rules not in book_of(s):
        raise Invalid("approvals.problem.rules", field="rules")
    for spec in form.specs():
        _check(s, court_id, spec)
    _end(s, court_id, form.kind, form.rules, by=by, now=now)
    s.flush()  # only one is in force
    row = ApprovalChain(
        court_id=court_id,
        kind=form.kind,
        rules=form.rules,
        steps=packed(form.specs()),
        set_by=by.staff_id,
        set_at=now,
    )
    s.add(row)
    facts: dict[str, Json] = {
        "by": by.name,
        "kind": form.kind,
        "rules": form.rules,
        "steps": [spec.text for spec in form.specs()],
    }
    stream = stream_name("chain", court_id)
    log.record(s, kind=Kind.CHAIN_SET, stream=stream, actor=by, at=now, facts=facts)
    return row


def end(s: Session, *, which: Which, by: Actor, now: datetime) -> None:
    """Take a chain out of force: the next less exact one holds, in the end the leader alone. Raise `Forbidden` or `NotFound`."""
    court_id = _court(by)
    if not _end(s, court_id, which.kind, which.rules, by=by, now=now):
        raise NotFound("approvals.not_found")
    facts: dict[str, Json] = {"by": by.name, "kind": which.kind, "rules": which.rules}
    stream = stream_name("chain", court_id)
    log.record(s, kind=Kind.CHAIN_ENDED, stream=stream, actor=by, at=now, facts=facts)


def _end(s: Session, court_id: UUID, kind: str, rules: str, *, by: Actor, now: datetime) -> bool:
    for row in queries.in_force(s, court_id, for_update=True):
        if (row.kind, row.rules) == (kind, rules):
            row.ended_by, row.ended_at = by.staff_id, now
            return True
    return False


def _court(by: Actor) -> UUID:
    if not may(by, Right.KEEP_CHAINS) or by.court_id is None:
        raise Forbidden("approvals.not_yours")
    return by.court_id


def _check(s: Session, court_id: UUID, spec: Spec) -> None:
    known: set[str] = {""}
    match spec.by:
        case By.ROLE:
            known = {str(role) for role in ROLES}
        case By.DEPARTMENT:
            known = {each.id.hex for each in courts.departments(s, court_id)}
        case By.PERSON:
            known = {each.id.hex for each in queries.approvers(s, court_id)}
    if spec.value not in known:
        raise Invalid("approvals.problem.step", field="steps")


def begin(
    s: Session, petition: Petition, what: Approved, *, kind: str = "", among: Among = list
) -> list[ApprovalStep]:
    """Write down the steps of what is being submitted, each with a name; none where the court set no chain.

    `kind` is that of the chain, else the petition's; `among` leaves those people who may approve it. Raise `Conflict` naming a
    step at which nobody may approve this petition.
    """
    chain = best(
        queries.in_force(s, petition.court_id),
        kind=kind or petition.kind,
        rules=_rules(petition.rules_version),
    )
    if chain is None:
        petition.approver_id = None
        return []
    found, missing = named(unpacked(chain.steps), _finder(s, petition, among))
    if missing is not None:
        raise Conflict("approvals.nobody", number=len(found) + 1, step=Key(f"approvals.by.{missing.by}"))
    before = queries.latest(s, what)
    turn = before[0].turn + 1 if before else 1
    rows = [
        ApprovalStep(
            petition_id=petition.id,
            reply_id=what.reply_id,
            review_id=what.review_id,
            turn=turn,
            number=number,
            spec=each.spec.text,
            person_id=each.person,
        )
        for number, each in enumerate(found, 1)
    ]
    s.add_all(rows)
    petition.approver_id = rows[0].person_id
    return rows


def _rules(version: str) -> str:
    """Return the rule set as it is set in chains: without what it says of one kind of petition."""
    return version.partition("/")[0]


def _finder(s: Session, petition: Petition, among: Among) -> "Finder":
    people = among(barrier.free(s, petition.id, queries.approvers(s, petition.court_id)))
    return Finder(s, petition, [one for one in people if one.id != petition.handler_id])


class Finder:
    """Names people for steps: of the petition's court, not its handler, nobody whom a conflict keeps away."""

    def __init__(self, s: Session, petition: Petition, people: Sequence[Staff]) -> None:
        self._s, self._leader = s, petition.leader_id
        self._people = {one.id: one for one in people}

    def __call__(self, spec: Spec) -> UUID | None:
        """Return who approves the step; of several the one with the least to do. The leader takes the step of a person who may not."""
        match spec.by:
            case By.LEADER:
                return self._leader
            case By.PERSON:
                person = UUID(spec.value)
                return person if person in self._people else self._leader
            case By.ROLE:
                fits = [one for one in self._people.values() if spec.value in one.roles.split(",")]
            case By.DEPARTMENT:
                fits = [
                    one
                    for one in self._people.values()
                    if one.department_id == UUID(spec.value) and Role.LEADER in one.roles.split(",")
                ]
        if self._leader in {one.id for one in fits}:
            return self._leader
        return third.least_busy(self._s, fits)


def decided(
    s: Session,
    petition: Petition,
    what: Approved,
    *,
    by: Actor,
    outcome: str,
    now: datetime,
    among: Among = list,
) -> tuple[ApprovalStep | None, ApprovalStep | None]:
    """Close the step that is open, and return it with the one that follows; both None where there is no chain.

    Who was named for the next step and may no longer approve is replaced by the same rule that named them.
    """
    rows = queries.latest(s, what)
    open_ = next((row for row in rows if row.outcome is None), None)
    if open_ is None:
        return None, None
    if petition.approver_id is None and petition.leader_id is not None:
        open_.person_id = petition.leader_id  # a conflict took the step from whoever was named
    open_.outcome, open_.decided_by, open_.decided_at = outcome, by.staff_id, now
    following = next((row for row in rows if row.number == open_.number + 1), None)
    if following is None or outcome != "approved":
        return open_, None
    following.person_id = _still(s, petition, following, among)
    petition.approver_id = following.person_id
    return open_, following


def _still(s: Session, petition: Petition, row: ApprovalStep, among: Among) -> UUID:
    finder = _finder(s, petition, among)
    if finder(Spec(By.PERSON, row.person_id.hex)) == row.person_id:
        return row.person_id
    return finder(spec_of(row.spec)) or petition.leader_id or row.person_id


def names(s: Session, rows: Sequence[ApprovalStep]) -> dict[UUID, str]:
    """Return the names of the people of some steps: one statement."""
    return accounts.names(s, {each for row in rows for each in (row.person_id, row.decided_by) if each})
