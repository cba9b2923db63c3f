"""The page of one box, and its last log lines on demand."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden, Invalid
from central.fleet import forms, logs, queries, service
from central.fleet.models import BoxLog
from central.halls import drills
from central.halls import fleet as machines
from central.halls.drill_models import BoxDrill
from central.web import render
from shared.logtail import MOST_LINES

router = APIRouter(include_in_schema=False)
BoxId = Annotated[str, Path(max_length=40)]


@router.get("/{box_id}")
def box(request: Request, box_id: BoxId, db: ReadDb, actor: Signed, now: Now) -> Response:
    """One box: how its machine is, which settings it follows, its log lines if they were asked for."""
    return _page(request, db, actor, now, box_id=box_id)


@router.post("/{box_id}/log")
def ask_log(
    request: Request, box_id: BoxId, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Ask the box for its last log lines."""
    try:
        form = forms.LogAsked.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, now, box_id=box_id, problems=forms.problems(error))
    service.ask_log(db, form, box_id=box_id, by=actor, now=now)
    return render.see_other(f"/hall/boxes/{box_id}#log")


@router.post("/{box_id}/drill")
def order_drill(
    request: Request, box_id: BoxId, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Order a drill of the box's hall, or its end."""
    drills.check(actor)
    found, _ = logs.box_seen(db, box_id, by=actor)
    try:
        form = forms.DrillOrdered.model_validate(posted)
        drills.order(db, box=found, minutes=form.minutes, by=actor, now=now)
    except ValidationError as error:
        problems = forms.problems(error)
    except Invalid:
        problems = {"minutes": "fleet.problem.minutes"}
    else:
        return render.see_other(f"/hall/boxes/{box_id}#drill")
    typed = str(posted.get("minutes", ""))
    return _page(request, db, actor, now, box_id=box_id, problems=problems, minutes=typed)


@router.get("/{box_id}/log")
def read_log(request: Request, box_id: BoxId, db: WriteDb, actor: Signed, now: Now) -> Response:
    """The lines that the box sent. Opening them is an event."""
    row, lines = service.read_log(db, box_id=box_id, by=actor, now=now)
    return render.page(request, "fleet/log.html", row=row, lines=lines)


def _page(
    request: Request,
    db: Session,
    actor: Actor,
    now: datetime,
    *,
    box_id: str,
    problems: Mapping[str, str] | None = None,
    minutes: str = "30",
) -> Response:
    if not may(actor, Right.SEE_HALL):
        raise Forbidden("halls.may_not_see")
    found, court = logs.box_seen(db, box_id, by=actor)
    machine = machines.one(db, found, court, now=now)
    log, drill = db.get(BoxLog, found.id), db.get(BoxDrill, found.id)
    return render.page(
        request,
        "fleet/box.html",
        status=422 if problems else 200,
        machine=machine,
        follow=queries.follows(db, found.id, now=now),
        log=log,
        waits=log is not None and logs.waits(log, now=now),
        may_read=may(actor, Right.READ_BOX_LOGS),
        drill=drill,
        drilling=drills.going_on(drill, now=now),
        ordered=drills.waits(drill, now=now),
        lapsed=drills.lapsed(drill, now=now),
        may_drill=may(actor, Right.ORDER_DRILL),
        counts=[(str(count), str(count)) for count in (50, 200, MOST_LINES)],
        problems=dict(problems or {}),
        minutes=minutes,
        now=now,
    )
