"""Reading call-backs, own words and decisions, and the list of what waits for one."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, tuple_
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from central.accounts.permissions import sight_of
from central.actor import Actor
from central.courts.models import Court
from central.followup import questions
from central.followup.models import FollowUp, FollowUpDecision
from central.followup.rules import Said, Satisfaction, Way, counts
from central.petitions.models import Petition
from central.petitions.queries import PAGE, ROW, AfterDue, visible_to
from central.petitions.states import Act


def of_petition(s: Session, petition_id: UUID) -> Sequence[FollowUp]:
    """Return the call-backs and own words of a petition, oldest first."""
    query = select(FollowUp).where(FollowUp.petition_id == petition_id)
    return s.exec(query.order_by(col(FollowUp.at), col(FollowUp.id))).all()


def of_answer(s: Session, petition: Petition) -> list[FollowUp]:
    """Return those about the present answer, oldest first."""
    since = petition.issued_at or petition.received_at
    return [each for each in of_petition(s, petition.id) if each.at >= since]


def own_word(s: Session, petition: Petition) -> FollowUp | None:
    """Return what the petitioner said of the present answer on the tracking page, or None."""
    own = [each for each in of_answer(s, petition) if each.method == Way.PORTAL and each.by_id is None]
    return own[-1] if own else None


def last_words(rows: Sequence[FollowUp]) -> str:
    """Return what was last said by somebody who is not satisfied, for a form that asks for a review."""
    said = [each.words for each in rows if each.satisfaction == Satisfaction.UNSATISFIED and each.words]
    return said[-1] if said else ""


def decisions(s: Session, petition_id: UUID) -> Sequence[FollowUpDecision]:
    """Return what third persons decided, oldest first."""
    query = select(FollowUpDecision).where(FollowUpDecision.petition_id == petition_id)
    return s.exec(query.order_by(col(FollowUpDecision.at), col(FollowUpDecision.id))).all()


@dataclass(frozen=True, slots=True)
class Answered:
    """One question as it was asked, and what was said: a choice (`followup.said.<value>`) or words."""

    zh: str
    en: str
    said: str
    free: bool


def answered(row: FollowUp) -> list[Answered]:
    """Return the answers to the questionnaire, in the words of the version under which they were given."""
    asked = questions.of_version(row.questionnaire or "")
    said = given(row)
    return [
        Answered(question.zh, question.en, said[question.key], question.free)
        for question in (asked.questions if asked else ())
        if question.key in said
    ]


def given(row: FollowUp) -> dict[str, str]:
    """Return the answers to the questionnaire by the keys of its questions."""
    return {**json.loads(row.choices or "{}"), **json.loads(row.texts or "{}")}


def counted(row: FollowUp) -> bool:
    """Say whether what was said counts as satisfaction or the lack of it."""
    return counts(Said(row.satisfaction, row.method, row.by_id, row.called or "", row.called_at))


class Waiting(StrEnum):
    """What a petition waits for; `followup.waiting.<value>` names it."""

    CALL = "call"
    DECISION = "decision"


_ACTS = {Waiting.CALL: Act.FOLLOW_UP, Waiting.DECISION: Act.DECIDE}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list is narrowed to."""

    court_id: UUID | None = None
    overdue_on: date | None = None


def waiting(
    s: Session,
    *,
    actor: Actor,
    what: Waiting,
    wanted: Wanted,
    after: AfterDue | None = None,
    limit: int = PAGE,
) -> Sequence[Petition]:
    """Return one page of the petitions that wait for a call-back or a decision, nearest first: read from one index."""
    query = select(Petition).options(*ROW).where(_waits(actor, what, wanted), visible_to(actor))
    if after is not None:
        query = query.where(
            tuple_(col(Petition.next_due_on), col(Petition.id)) > tuple_(after.due_on, after.petition_id)
        )
    return s.exec(query.order_by(col(Petition.next_due_on), col(Petition.id)).limit(limit)).all()


def count(s: Session, *, actor: Actor, what: Waiting, wanted: Wanted) -> int:
    """Return how many wait."""
    query = select(func.count()).select_from(Petition).where(_waits(actor, what, wanted), visible_to(actor))
    return s.exec(query).one()


def _waits(actor: Actor, what: Waiting, wanted: Wanted) -> ColumnElement[bool]:
    found = [
        col(Petition.is_open),
        col(Petition.next_act) == _ACTS[what],
        col(Petition.court_id).in_([wanted.court_id] if wanted.court_id else _courts(actor)),
    ]
    if wanted.overdue_on is not None:
        found.append(col(Petition.next_due_on) < wanted.overdue_on)
    return and_(*found)


def _courts(actor: Actor) -> SelectOfScalar[UUID]:
    roots = sight_of(actor).roots
    below = [col(Court.path).startswith(root) for root in roots]
    return select(Court.id).where(or_(col(Court.id) == actor.court_id, *below))


@dataclass(frozen=True, slots=True)
class Figures:
    """What counted answers said at one court since a day: numbers about the court's answers, nobody's name."""

    said: Mapping[str, int]
    not_counted: int

    @property
    def total(self) -> int:
        """Return how many answers count."""
        return sum(self.said.values())


def figures(s: Session, *, actor: Actor, court_id: UUID, since: datetime) -> Figures:
    """Return the figures of one court: of each petition the last word that counts. Nothing is unsealed for it."""
    query = (
        core_select(
            col(FollowUp.petition_id),
            col(FollowUp.satisfaction),
            col(FollowUp.method),
            col(FollowUp.by_id),
            col(FollowUp.called).is_not(None),
            col(FollowUp.called_at),
        )
        .join(Petition, col(Petition.id) == FollowUp.petition_id)
        .where(col(Petition.court_id) == court_id, visible_to(actor), col(FollowUp.at) >= since)
        .order_by(col(FollowUp.at), col(FollowUp.id))
    )
    last, others = dict[UUID, str](), 0
    for petition_id, satisfaction, method, by_id, called, called_at in s.connection().execute(query):
        if counts(Said(satisfaction, method, by_id, "*" if called else "", called_at)):
            last[petition_id] = satisfaction
        else:
            others += satisfaction != Satisfaction.NOT_REACHED
    return Figures(Counter(last.values()), others)
