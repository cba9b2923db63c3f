"""Reading chains, the people who may be a step, and the steps of a reply."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.accounts.permissions import RIGHTS, Right
from central.approvals.models import ApprovalChain, ApprovalStep


class Approved(NamedTuple):
    """What goes through the steps of a chain: a reply, or a decision on a review."""

    reply_id: UUID | None = None
    review_id: UUID | None = None


def in_force(s: Session, court_id: UUID, *, for_update: bool = False) -> Sequence[ApprovalChain]:
    """Return the chains a court has set, that for all petitions first."""
    query = select(ApprovalChain).where(
        ApprovalChain.court_id == court_id, col(ApprovalChain.ended_at).is_(None)
    )
    query = query.order_by(col(ApprovalChain.kind), col(ApprovalChain.rules))
    return s.exec(query.with_for_update() if for_update else query).all()


def former(s: Session, court_id: UUID, *, limit: int = 20) -> Sequence[ApprovalChain]:
    """Return the chains that were in force, the last ended first."""
    query = select(ApprovalChain).where(
        ApprovalChain.court_id == court_id, col(ApprovalChain.ended_at).is_not(None)
    )
    return s.exec(query.order_by(col(ApprovalChain.ended_at).desc()).limit(limit)).all()


def may_approve(person: Staff) -> bool:
    """Say whether a member of staff may be a step, or stand in for one: whoever sees the petitions of the court."""
    return not RIGHTS[Right.NAME_STAND_IN].isdisjoint(person.roles.split(","))


def approvers(s: Session, court_id: UUID) -> list[Staff]:
    """Return the active people of a court who may be a step of a chain, by user name."""
    return [one for one in accounts.active_of(s, court_id) if may_approve(one)]


def of_petition(s: Session, petition_id: UUID) -> Sequence[ApprovalStep]:
    """Return all steps of a petition's replies, in the order in which they were gone."""
    query = select(ApprovalStep).where(ApprovalStep.petition_id == petition_id)
    return s.exec(query.order_by(col(ApprovalStep.id))).all()


def latest(s: Session, what: Approved) -> Sequence[ApprovalStep]:
    """Return the steps of the last submission of a reply or decision, in their order; none where the court had set no chain."""
    it = (
        col(ApprovalStep.reply_id) == what.reply_id
        if what.reply_id
        else col(ApprovalStep.review_id) == what.review_id
    )
    newest = select(func.max(ApprovalStep.turn)).where(it).scalar_subquery()
    query = select(ApprovalStep).where(it, ApprovalStep.turn == newest)
    return s.exec(query.order_by(col(ApprovalStep.number))).all()
