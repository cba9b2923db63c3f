"""The hall of one's court: calls for help, today's tickets and appointments, boxes, tray."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import push_devices
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden, Invalid
from central.halls import (
    board,
    enrolment_router,
    forms,
    papers,
    push_router,
    receipt_router,
    service,
    stream_router,
    webpush,
)
from central.halls.line_keys import KEY_ID
from central.keys import push_key, signing_key
from central.web import render
from shared.clock import court_day
from shared.ids import new_id
from shared.wire import VisitKind

router = APIRouter(include_in_schema=False)
router.include_router(stream_router.router)
router.include_router(enrolment_router.router)
router.include_router(receipt_router.router)
router.include_router(push_router.router)


@router.get("/hall")
def hall(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The hall as it is now."""
    return _page(request, db, actor, now)


@router.post("/hall/calls/{call_id}/acknowledge")
def acknowledge(call_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Say "I am coming"."""
    service.acknowledge(db, call_id=call_id, by=actor, now=now)
    return render.see_other("/hall#calls")


@router.post("/hall/calls/{call_id}/arrive")
def arrive(call_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Say "I am here"."""
    service.arrive(db, call_id=call_id, by=actor, now=now)
    return render.see_other("/hall#calls")


@router.post("/hall/calls/{call_id}/close")
def close(request: Request, call_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Say how the visitor was helped."""
    note, refused = _note(request, db, actor, posted, now, at=call_id)
    if refused is not None:
        return refused
    service.close(db, call_id=call_id, note=note, by=actor, now=now)
    return render.see_other("/hall#calls")


@router.post("/hall/tray/{refused_id}/treat")
def treat(
    request: Request, refused_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Note that a message of the tray was dealt with."""
    note, refused = _note(request, db, actor, posted, now, at=refused_id)
    if refused is not None:
        return refused
    service.treat(db, refused_id=refused_id, note=note, by=actor, now=now)
    return render.see_other("/hall#tray")


@router.post("/hall/pages/{batch_id}/again")
def send_pages_again(batch_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Ask a box to send a spoiled batch of pages again."""
    papers.send_again(db, batch_id=batch_id, by=actor, now=now)
    return render.see_other("/hall#pages")


@router.post("/hall/pages/{batch_id}/treat")
def treat_pages(
    request: Request, batch_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Note that a spoiled batch of pages was dealt with."""
    note, refused = _note(request, db, actor, posted, now, at=batch_id)
    if refused is not None:
        return refused
    papers.treat(db, batch_id=batch_id, note=note, by=actor, now=now)
    return render.see_other("/hall#pages")


@router.post("/hall/appointments")
def make_appointment(
    request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Make an appointment and show its codes, this once."""
    service.check_may_appoint(actor)
    try:
        made = _made(db, actor, posted, config.data / "keys", now)
    except ValidationError as error:
        return _page(request, db, actor, now, values=posted, problems=forms.problems(error))
    except Invalid as error:
        return _page(request, db, actor, now, values=posted, problems={error.field: error.key})
    ends, qr = board.time_of_day(made.appointment.slot_end), board.qr(made.token)
    return render.page(request, "halls/appointment.html", status=201, made=made, ends=ends, qr=qr)


@router.post("/hall/appointments/{appointment_id}/revoke")
def revoke_appointment(appointment_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Call an appointment off."""
    service.revoke_appointment(db, appointment_id=appointment_id, by=actor, now=now)
    return render.see_other("/hall#appointments")


def _note(
    request: Request, db: Session, actor: Actor, posted: Mapping[str, Any], now: datetime, *, at: UUID
) -> tuple[str, Response | None]:
    """Return what was noted at a row, or the hall again with what is wrong at that row."""
    try:
        return forms.Noted.model_validate(posted).note, None
    except ValidationError as error:
        return "", _page(request, db, actor, now, at=at, problems=forms.problems(error))


def _made(db: Session, actor: Actor, posted: Mapping[str, Any], keys: Path, now: datetime) -> service.Made:
    form = forms.NewAppointment.model_validate(posted)
    start, end = form.slot
    return service.make_appointment(
        db,
        court_id=_court_of(actor),
        kind=form.kind,
        slot_start=start,
        slot_end=end,
        key=signing_key(keys, KEY_ID),
        by=actor,
        now=now,
        appointment_id=form.appointment_id,
    )


def _page(
    request: Request,
    db: Session,
    actor: Actor,
    now: datetime,
    *,
    at: UUID | None = None,
    values: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    """Show the hall; `problems` stand at the row `at`, or at the form for appointments."""
    return render.page(
        request,
        "halls/hall.html",
        status=422 if problems else 200,
        board=board.of_court(db, _court_of(actor), now=now),
        may_answer=may(actor, Right.ANSWER_ASSISTANCE),
        may_appoint=may(actor, Right.MANAGE_APPOINTMENTS),
        kinds=[(kind.value, _words(request, kind)) for kind in VisitKind],
        push=_push(request, db, actor),
        values=values or _fresh(now),
        problems=dict(problems or {}),
        at=at,
        now=now,
    )


def _push(request: Request, db: Session, actor: Actor) -> Mapping[str, Any] | None:
    """Return what the page needs to allow notifications: the server's key, the actor's devices; None where that is off."""
    settings = context_of(request).settings
    if not settings.push.enabled or actor.staff_id is None:
        return None
    key = webpush.public_text(push_key(settings.data / "keys"))
    return {"key": key, "devices": push_devices.of_staff(db, actor.staff_id)}


def _words(request: Request, kind: VisitKind) -> str:
    return render.sentence(request, f"halls.kind.{kind}", {})


def _fresh(now: datetime) -> dict[str, str]:
    return {
        "appointment_id": str(new_id()),
        "kind": VisitKind.APPOINTMENT,
        "day": court_day(now).isoformat(),
        "start": "",
        "minutes": "30",
    }


def _court_of(actor: Actor) -> UUID:
    if not may(actor, Right.SEE_HALL) or actor.court_id is None:
        raise Forbidden("halls.may_not_see")
    return actor.court_id
