"""`/account/stand-ins`: who approves in one's place while one is away, and for whom one does."""

from datetime import datetime
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import queries, standing_in
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Conflict, Forbidden, Invalid
from central.web import render
from shared.clock import court_day

router = APIRouter(prefix="/account/stand-ins", include_in_schema=False)


@router.get("")
def show(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """Those that run, are to come or are over, and the form."""
    return _page(request, db, actor, now)


@router.post("")
def name(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Name a stand-in for a period."""
    _namers(actor)
    try:
        standing_in.name(db, form=standing_in.Name.model_validate(posted), by=actor, now=now)
    except ValidationError as error:
        names = {str(each["loc"][0]) for each in error.errors() if each["loc"]}
        problems = {field: f"accounts.stand_in.problem.{field}" for field in names}
        return _refused(request, db, actor, now, posted, problems)
    except (Invalid, Conflict) as error:
        field = getattr(error, "field", "") or "from_on"
        said = {field: render.sentence(request, error.key, error.values)}
        return _refused(request, db, actor, now, posted, said)
    return render.see_other("/account/stand-ins?done=named")


@router.post("/{stand_in_id}/end")
def end(db: WriteDb, actor: Signed, stand_in_id: UUID, _: Posted, now: Now) -> Response:
    """End one early."""
    standing_in.end(db, stand_in_id=stand_in_id, by=actor, now=now)
    return render.see_other("/account/stand-ins?done=ended")


def _namers(actor: Actor) -> None:
    if not may(actor, Right.NAME_STAND_IN):
        raise Forbidden("accounts.stand_in.not_yours")


def _refused(
    request: Request, s: Session, actor: Actor, now: datetime, typed: dict[str, Any], problems: dict[str, str]
) -> Response:
    s.rollback()
    return _page(request, s, actor, now, typed=typed, problems=problems)


def _page(
    request: Request,
    s: Session,
    actor: Actor,
    now: datetime,
    *,
    typed: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    _namers(actor)
    assert actor.staff_id is not None  # noqa: S101 staff alone have sessions
    rows, today = queries.standing_in(s, actor.staff_id), court_day(now)
    return render.page(
        request,
        "accounts/stand_ins.html",
        status=422 if problems else 200,
        mine=[row for row in rows if row.staff_id == actor.staff_id],
        others=[row for row in rows if row.staff_id != actor.staff_id],
        names=queries.names(s, {each for row in rows for each in (row.staff_id, row.stand_in_id)}),
        people=standing_in.offered(s, actor),
        runs=standing_in.runs,
        today=today,
        values=typed or {"from_on": today.isoformat()},
        problems=problems or {},
        done=request.query_params.get("done", ""),
    )
