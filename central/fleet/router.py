"""The page of all boxes, and that of their settings."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, keeps_boxes, may
from central.actor import Actor
from central.courts import queries as courts
from central.errors import Forbidden
from central.fleet import box_router, editing, forms, queries, rollout, service
from central.fleet.models import SettingsEdition
from central.fleet.rollout import Status
from central.halls import fleet as machines
from central.web import render
from shared.wire import VisitKind

router = APIRouter(include_in_schema=False, prefix="/hall/boxes")
_PAGE = "/hall/boxes/settings"
From = Annotated[int, Query(alias="from", ge=0, le=2**31 - 1)]


@router.get("")
def boxes(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """All boxes of one's court and the courts below."""
    _check_sees(actor)
    found = machines.fleet(db, path=actor.court_path, now=now)
    follow = {row.box.id: row for row in queries.fleet(db, now=now).rows}
    return render.page(request, "fleet/boxes.html", machines=found, follow=follow, now=now)


@router.get("/settings")
def settings(request: Request, db: ReadDb, actor: Signed, now: Now, *, start: From = 0) -> Response:
    """The settings of all boxes: what is under way, the editions, the groups, a form for the next one."""
    return _page(request, db, actor, now, start=start)


@router.post("/settings")
def make(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Make an edition."""
    editing.check(actor)
    problems: dict[str, str] = {}
    try:
        form = forms.edition_of(posted)
    except ValidationError as error:
        problems |= forms.problems(error)
    try:
        values = forms.settings_of(posted)
    except ValidationError as error:
        problems |= forms.problems(error)
    if problems:
        return _page(request, db, actor, now, values=posted, problems=problems)
    service.make_edition(db, values, form, by=actor, now=now)
    return render.see_other(_PAGE)


@router.post("/settings/{edition_id}/stop")
def stop(edition_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Stop an edition under way."""
    service.stop(db, edition_id=edition_id, by=actor, now=now)
    return render.see_other(_PAGE)


@router.post("/settings/{edition_id}/go-on")
def go_on(edition_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Let an edition go on to the next group."""
    service.go_on(db, edition_id=edition_id, by=actor, now=now)
    return render.see_other(_PAGE)


@router.post("/groups")
def make_group(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Make a group."""
    editing.check(actor)
    try:
        form = forms.NewGroup.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, now, values=posted, problems=forms.problems(error))
    service.make_group(db, form, by=actor, now=now)
    return render.see_other(f"{_PAGE}#groups")


@router.post("/groups/move")
def move(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Put a box into a group."""
    editing.check(actor)
    try:
        form = forms.Moved.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, now, values=posted, problems=forms.problems(error))
    service.move(db, form, by=actor, now=now)
    return render.see_other(f"{_PAGE}#groups")


def _page(
    request: Request,
    db: Session,
    actor: Actor,
    now: datetime,
    *,
    start: int = 0,
    values: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
) -> Response:
    _check_sees(actor)
    fleet = queries.fleet(db, now=now)
    within = {court.id for court in courts.below(db, actor.court_path)}
    rows = [row for row in fleet.rows if row.box.court_id in within]
    seen = {row.box.id for row in rows}
    under_way = [(one, _step(fleet, one, now)) for one in fleet.editions if one.status == Status.ROLLING]
    latest = next((one for one in fleet.editions if one.number == start), None)
    latest = latest or next(iter(fleet.editions), None)
    given: Mapping[str, Any] = {"hold_minutes": "60", **(latest.content if latest else {})}
    if start and latest and latest.number == start:
        given = {**given, "note": render.sentence(request, "fleet.again", {"number": start})}
    return render.page(
        request,
        "fleet/settings.html",
        status=422 if problems else 200,
        fleet=fleet,
        rows=rows,
        seen=seen,
        under_way=[
            (one, step._replace(boxes=tuple(seen.intersection(step.boxes)))) for one, step in under_way
        ],
        specs=forms.SPECS,
        may_keep=keeps_boxes(actor),
        values=values or given,
        problems=dict(problems or {}),
        labels={
            spec.name: render.sentence(request, f"fleet.setting.{spec.name}", {}) for spec in forms.SPECS
        },
        last=rollout.LAST,
        boxes=[(row.box.id, row.box.id) for row in rows],
        groups=[(str(group.id), group.name) for group in fleet.groups],
        kinds=[{"value": kind.value, "key": f"halls.kind.{kind}"} for kind in VisitKind],
    )


def _step(fleet: queries.Fleet, edition: SettingsEdition, now: datetime) -> rollout.Step:
    return rollout.step(
        fleet.standing(edition),
        place=edition.place,
        since=edition.changed_at,
        hold=timedelta(minutes=edition.hold_minutes),
        now=now,
    )


def _check_sees(actor: Actor) -> None:
    if not may(actor, Right.SEE_HALL) or actor.court_id is None:
        raise Forbidden("halls.may_not_see")


router.include_router(box_router.router)  # last: `/settings` is no box
