"""Orders about one petition: giving one, and the page of each with answer and judgement."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import looks
from central.courts import queries as courts
from central.deadlines import sheet
from central.deadlines.in_force import calendar_in_force
from central.documents import queries as documents
from central.errors import Conflict, Invalid
from central.petitions import queries as petitions
from central.supervision import forms, periods, queries, refusals, service
from central.supervision.periods import Use
from central.supervision.states import Reason
from central.web import render

router = APIRouter(prefix="/petitions/{petition_id}/supervision", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Tried:
    """A form that was refused: which, what was typed, and why."""

    act: str = ""
    values: dict[str, Any] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    notice: str = ""


@router.get("")
def of_petition(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """All orders about the petition, and the form for a new one."""
    return _petition_page(request, db, petition_id, actor, now, Tried())


@router.post("")
def order(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Order an explanation."""
    try:
        form = forms.Order.model_validate(posted)
        row = service.order(db, petition_id=petition_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        petitions.get(db, petition_id, actor=actor)  # whoever may not know of it learns nothing of the form
        db.rollback()
        return _petition_page(request, db, petition_id, actor, now, _tried(request, "order", posted, error))
    return render.see_other(f"/petitions/{petition_id}/supervision/{row.id}")


@router.get("/{order_id}")
def show(
    request: Request, petition_id: UUID, order_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """One order: reasons, clock, rounds, and what this person may do now."""
    return _page(request, db, petition_id, order_id, actor, now, Tried())


@router.post("/{order_id}/answer")
def answer(
    request: Request,
    petition_id: UUID,
    order_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Answer for the supervised court."""
    return _carry_out(
        request, db, petition_id, order_id, actor, posted, now, "answer", forms.Answer, service.answer
    )


@router.post("/{order_id}/judge")
def judge(
    request: Request,
    petition_id: UUID,
    order_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Accept the answer or send it back."""
    return _carry_out(
        request, db, petition_id, order_id, actor, posted, now, "judge", forms.Judge, service.judge
    )


@router.post("/{order_id}/escalate")
def escalate(
    request: Request,
    petition_id: UUID,
    order_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Give the order to the court above."""
    return _carry_out(
        request, db, petition_id, order_id, actor, posted, now, "escalate", forms.Escalate, service.escalate
    )


@router.post("/{order_id}/withdraw")
def withdraw(
    request: Request,
    petition_id: UUID,
    order_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Take the order back."""
    return _carry_out(
        request, db, petition_id, order_id, actor, posted, now, "withdraw", forms.Because, service.withdraw
    )


def _carry_out(
    request: Request,
    s: Session,
    petition_id: UUID,
    order_id: UUID,
    actor: Actor,
    posted: dict[str, Any],
    now: datetime,
    act: str,
    kind: type[forms.Form],
    perform: Callable[..., object],
) -> Response:
    service.check(s, petition_id=petition_id, order_id=order_id, act=act, by=actor)
    try:
        form = kind.model_validate(posted)
        perform(s, petition_id=petition_id, order_id=order_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        s.rollback()
        return _page(request, s, petition_id, order_id, actor, now, _tried(request, act, posted, error))
    return render.see_other(f"/petitions/{petition_id}/supervision/{order_id}")


def _tried(
    request: Request, act: str, posted: dict[str, Any], error: ValidationError | Invalid | Conflict
) -> Tried:
    say = partial(render.sentence, request)
    if isinstance(error, Conflict):
        return Tried(act, posted, {}, say(error.key, error.values))
    return Tried(act, posted, refusals.problems(error, say))


def _status(tried: Tried) -> int:
    return 409 if tried.notice else 422 if tried.problems else 200


def _petition_page(
    request: Request, s: Session, petition_id: UUID, actor: Actor, now: datetime, tried: Tried
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    context: dict[str, Any] = {
        "petition": petition,
        "orders": queries.of_petition(s, petition_id),
        "may_order": service.may_order(s, petition, actor),
    }
    looks.opened(s, petition, by=actor, now=now, what="supervision")
    return render.page(
        request,
        "supervision/petition.html",
        status=_status(tried),
        tried=tried,
        reasons=list(Reason),
        periods=periods.shipped().of(Use.ORDER),
        **context,
    )


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    order_id: UUID,
    actor: Actor,
    now: datetime,
    tried: Tried,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    row = queries.get(s, petition_id, order_id, actor=actor)
    turns = queries.rounds(s, row.id)
    people = {row.issued_by, row.ended_by}
    people |= {each for turn in turns for each in (turn.answered_by, turn.judged_by)}
    places = {row.court_id, row.issuer_court_id, row.judge_court_id}
    places |= {turn.asked_by_court_id for turn in turns}
    period = periods.by_key(turns[-1].period)
    derived = periods.derived(period, turns[-1].started_on, calendar_in_force(s)) if period else None
    context: dict[str, Any] = {
        "petition": petition,
        "order": row,
        "turns": turns,
        "courts": {each.id: each for each in courts.some(s, places)},
        "names": accounts.names(s, {each for each in people if each}),
        "documents": [] if petition.erased_at else documents.of_petition(s, petition_id),
        "acts": [] if petition.erased_at else service.acts(s, row, petition, actor, now),
        "derived": derived,
        "stretches": list(sheet.stretches(list(sheet.days(derived)))) if derived else [],
    }
    looks.opened(s, petition, by=actor, now=now, what="supervision")
    return render.page(
        request,
        "supervision/order.html",
        status=_status(tried),
        tried=tried,
        again=periods.shipped().of(Use.AGAIN),
        **context,
    )
