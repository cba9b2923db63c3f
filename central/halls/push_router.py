"""Allow and end notifications of calls for help on a device. Where `push.enabled` is off there are no such addresses."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError

from central.accounts import push_devices
from central.accounts.edge import Config, Now, Posted, Signed, WriteDb
from central.accounts.forms import Subscription
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.halls import webpush
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)


def _guard(actor: Signed, config: Config) -> Actor:
    if not may(actor, Right.SEE_HALL) or actor.court_id is None:
        raise Forbidden("halls.may_not_see")
    if not config.push.enabled:
        raise NotFound
    return actor


Guard = Annotated[Actor, Depends(_guard)]


@router.post("/hall/push")
def allow(
    request: Request, db: WriteDb, actor: Guard, posted: Posted, config: Config, now: Now
) -> JSONResponse:
    """Take the device whose browser allowed notifications. The page's script asks, and shows what is wrong."""
    try:
        form = _subscription(posted, config)
        push_devices.allow(db, form=form, lang=render.lang_of(request).value, by=actor, now=now)
    except (Invalid, Conflict) as error:
        problem = render.sentence(request, error.key, error.values)
        return JSONResponse({"problem": problem}, status_code=error.status)
    return JSONResponse({}, status_code=201)


@router.post("/hall/push/{device_id}/end")
def end(device_id: UUID, db: WriteDb, actor: Guard, _: Posted, now: Now) -> Response:
    """End notifications on one of one's devices."""
    push_devices.end(db, device_id=device_id, by=actor, now=now)
    return render.see_other("/hall#push")


def _subscription(posted: dict[str, object], config: Settings) -> Subscription:
    try:
        form = Subscription.model_validate(posted)
    except ValidationError as error:
        raise Invalid("accounts.push.unreadable", field="endpoint") from error
    if not webpush.may_reach(form.endpoint, config.push.hosts):
        raise Invalid("halls.push.not_allowed", field="endpoint")
    return form
