"""Reading what is due, announced and erased; which petitions the schedule reaches."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, not_, or_, tuple_
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.actor import Actor
from central.keeping.models import Appraisal, LegalHold
from central.keeping.rules import RUNNING, Kind, Rule, Schedule, State, years_before
from central.petitions.models import Petition, Petitioner
from central.petitions.queries import visible_to
from central.petitions.states import State as Ended
from shared.clock import COURT_ZONE

PAGE = 50
#: Petitions that one waking of the job takes up of each kind.
LOT = 500
GROUP = 5


@dataclass(frozen=True, slots=True)
class Shown:
    """An appraisal with its petition and the names a page shows."""

    row: Appraisal
    petition: Petition
    held: bool
    proposer: str = ""
    decider: str = ""


def held() -> ColumnElement[bool]:
    """Return the condition that a petition is on hold."""
    return exists().where(col(LegalHold.petition_id) == col(Petition.id), col(LegalHold.lifted_at).is_(None))


def is_of(kind: Kind) -> ColumnElement[bool]:
    """Return the condition that an ended petition is of a kind."""
    match kind:
        case Kind.GROUP:
            big = exists().where(
                col(Petitioner.petition_id) == col(Petition.id), col(Petitioner.group_size) >= GROUP
            )
            return and_(col(Petition.state).in_([Ended.CLOSED, Ended.WITHDRAWN, Ended.MERGED]), big)
        case Kind.ANSWERED:
            return and_(col(Petition.state) == Ended.CLOSED, col(Petition.excuse).is_(None))
        case Kind.EXCUSED:
            return and_(col(Petition.state) == Ended.CLOSED, col(Petition.excuse).is_not(None))
        case Kind.MERGED:
            return and_(col(Petition.state) == Ended.MERGED)
        case Kind.WITHDRAWN:
            return and_(col(Petition.state) == Ended.WITHDRAWN)
        case Kind.LEDGER_FILE:
            msg = "a file is no petition"
            raise ValueError(msg)


def reached(s: Session, plan: Schedule, rule: Rule, *, today: date, limit: int = LOT) -> Sequence[Petition]:
    """Return petitions whose time is over by a rule and that have no appraisal under way, no hold, and no longer time given."""
    if rule.years is None:
        return []
    before = plan.rule[: plan.rule.index(rule)]
    earlier = [not_(is_of(each.kind)) for each in before if each.kind is not Kind.LEDGER_FILE]
    spared = exists().where(
        col(Appraisal.petition_id) == col(Petition.id),
        or_(
            col(Appraisal.state).in_(RUNNING),
            and_(
                col(Appraisal.state) == State.KEPT,
                or_(col(Appraisal.keep_until).is_(None), col(Appraisal.keep_until) > today),
            ),
        ),
    )
    query = select(Petition).where(
        col(Petition.erased_at).is_(None),
        col(Petition.closed_at) < _midnight(years_before(today, rule.years)),
        is_of(rule.kind),
        *earlier,
        not_(spared),
        not_(held()),
    )
    # For no person: the job looks at all courts.
    return s.exec(query.order_by(col(Petition.closed_at)).limit(limit)).all()


def in_state(s: Session, state: State, *, until: date | None = None, limit: int = LOT) -> Sequence[UUID]:
    """Return appraisals in a state, due by a day; for the job."""
    query = select(Appraisal.id).where(col(Appraisal.state) == state)
    if until is not None:
        query = query.where(col(Appraisal.due_on) <= until)
    return s.exec(query.order_by(col(Appraisal.due_on)).limit(limit)).all()


@dataclass(frozen=True, slots=True)
class After:
    """The last row of the page before."""

    due_on: date
    appraisal_id: UUID


def listed(
    s: Session, actor: Actor, *, court_id: UUID, state: State, after: After | None = None, limit: int = PAGE
) -> list[Shown]:
    """Return a court's appraisals in a state, of petitions the actor may see, oldest date first; what is done, newest first."""
    done = state in {State.ERASED, State.KEPT}
    key = (col(Appraisal.due_on), col(Appraisal.id))
    query = (
        select(Appraisal, Petition)
        .join(Petition, col(Petition.id) == col(Appraisal.petition_id))
        .where(Appraisal.court_id == court_id, Appraisal.state == state, visible_to(actor))
    )
    if after is not None:
        place = tuple_(after.due_on, after.appraisal_id)
        query = query.where(tuple_(*key) < place if done else tuple_(*key) > place)
    rows = s.exec(query.order_by(*(each.desc() if done else each for each in key)).limit(limit)).all()
    names = accounts.names(s, {each for row, _ in rows for each in (row.proposed_by, row.decided_by) if each})
    on_hold = _on_hold(s, [petition.id for _, petition in rows])
    return [_shown(row, petition, names, on_hold=petition.id in on_hold) for row, petition in rows]


def _on_hold(s: Session, ids: list[UUID]) -> set[UUID]:
    query = select(LegalHold.petition_id).where(
        col(LegalHold.petition_id).in_(ids), col(LegalHold.lifted_at).is_(None)
    )
    return set(s.exec(query).all()) if ids else set()


def _shown(row: Appraisal, petition: Petition, names: Mapping[UUID, str], *, on_hold: bool) -> Shown:
    proposer = names.get(row.proposed_by, "") if row.proposed_by else ""
    decider = names.get(row.decided_by, "") if row.decided_by else ""
    return Shown(row, petition, on_hold, proposer, decider)


def opened_again(s: Session, *, limit: int = LOT) -> Sequence[Appraisal]:
    """Return appraisals under way of petitions that were opened again since; for the job."""
    query = (
        select(Appraisal)
        .join(Petition, col(Petition.id) == col(Appraisal.petition_id))
        .where(col(Appraisal.state).in_(RUNNING), col(Petition.is_open))
        # What the petitioner asked for is answered all the same.
        .where(col(Appraisal.asked_at).is_(None))
    )
    return s.exec(query.limit(limit)).all()


def announced(s: Session, petition_id: UUID) -> date | None:
    """Return the day on which a petition will be erased, if that was announced and no hold stands against it."""
    query = select(Appraisal).where(Appraisal.petition_id == petition_id, Appraisal.state == State.ANNOUNCED)
    row = s.exec(query).first()
    return row.due_on if row is not None and running_hold(s, petition_id) is None else None


def running(s: Session, petition_id: UUID) -> Appraisal | None:
    """Return the appraisal of a petition that is under way."""
    query = select(Appraisal).where(Appraisal.petition_id == petition_id, col(Appraisal.state).in_(RUNNING))
    return s.exec(query).first()


def asked(s: Session, petition_id: UUID) -> Appraisal | None:
    """Return the newest appraisal that the petitioner asked for."""
    query = select(Appraisal).where(
        Appraisal.petition_id == petition_id, col(Appraisal.asked_at).is_not(None)
    )
    return s.exec(query.order_by(col(Appraisal.asked_at).desc()).limit(1)).first()


def of_petition(s: Session, petition_id: UUID) -> Sequence[Appraisal]:
    """Return the appraisals of a petition, oldest first."""
    query = select(Appraisal).where(Appraisal.petition_id == petition_id)
    return s.exec(query.order_by(col(Appraisal.id))).all()


def holds(s: Session, petition_id: UUID) -> Sequence[LegalHold]:
    """Return the holds of a petition, oldest first."""
    query = select(LegalHold).where(LegalHold.petition_id == petition_id)
    return s.exec(query.order_by(col(LegalHold.placed_at), col(LegalHold.id))).all()


def group_size(s: Session, petition_id: UUID) -> int:
    """Return of how many people a petition is."""
    return s.exec(select(Petitioner.group_size).where(Petitioner.petition_id == petition_id)).first() or 1


def running_hold(s: Session, petition_id: UUID) -> LegalHold | None:
    """Return the hold that keeps a petition from being erased, if there is one."""
    return next((each for each in holds(s, petition_id) if each.lifted_at is None), None)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, COURT_ZONE)
