"""`/inbox`: what one is told, and how one wants to be; `/notifications`: who gets what when."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.exc import SQLAlchemyError

from central import fields
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.deadlines.in_force import calendar_in_force
from central.errors import Invalid
from central.notifications import channels, listing, machine, queries, service
from central.notifications.forms import Prefer
from central.notifications.hours import next_allowed
from central.notifications.rules import Channel, Level, NoticeState
from central.notifications.sending import sentence
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)


def unread(request: Request, actor: Actor) -> int:
    """Return how many messages of the inbox are unread, for the top bar of every page; 0 while that cannot be read."""
    if actor.staff_id is None:
        return 0
    try:
        with context_of(request).look() as s:
            return listing.unread(s, actor.staff_id)
    except SQLAlchemyError:
        # A page that says what is wrong must not fail over its top bar.
        return 0


@router.get("/inbox")
def inbox(
    request: Request,
    db: ReadDb,
    actor: Signed,
    *,
    unread: bool = False,
    at: Annotated[str, Query(max_length=40)] = "",
    after: UUID | None = None,
) -> Response:
    """What one was told, newest first, with the petitions behind it."""
    letters = listing.inbox(db, actor, after=_place(at, after), only_unread=unread)

    def say(key: str, /, **values: object) -> str:
        return render.sentence(request, key, values)

    return render.page(
        request,
        "notifications/inbox.html",
        letters=letters,
        only_unread=unread,
        line=lambda notice: sentence(notice, letters.numbers, say),
        page_size=listing.PAGE,
    )


@router.post("/inbox/read")
def read(db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Mark one message as read, or all."""
    wanted = str(posted.get("id", ""))
    service.mark_read(db, by=actor, dispatch_id=_id(wanted), everything=wanted == "all", now=now)
    return render.see_other("/inbox?unread=true" if posted.get("unread") == "true" else "/inbox")


@router.get("/inbox/preferences")
def preferences(request: Request, db: ReadDb, actor: Signed, config: Config, done: str = "") -> Response:
    """How one wants to be told."""
    return _preferences(request, db, actor, config, done=bool(done))


@router.post("/inbox/preferences")
def prefer(
    request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Keep how one wants to be told."""
    try:
        form = Prefer.model_validate(posted)
        service.set_preference(db, form=form, offered=_offered(config), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _preferences(request, db, actor, config, posted, _problems(request, error))
    return render.see_other("/inbox/preferences?done=1")


@router.get("/notifications")
def told(
    request: Request,
    db: ReadDb,
    actor: Signed,
    config: Config,
    now: Now,
    *,
    everybody: bool = False,
    state: Annotated[str, Query(max_length=12)] = "",
    level: Annotated[str, Query(max_length=12)] = "",
    at: Annotated[str, Query(max_length=40)] = "",
    after: UUID | None = None,
) -> Response:
    """Who gets what when: one's own; with the right to it, everybody's of one's court."""
    chosen = listing.Chosen(everybody, state, level if level in set(Level) else "")
    house = queries.house_hours(config.notices)
    return render.page(
        request,
        "notifications/told.html",
        rows=listing.told(db, actor, chosen, after=_place(at, after)),
        parked=listing.parked(db, actor),
        chosen=chosen,
        may_see_all=may(actor, Right.SEE_NOTICES),
        held=machine.held_since(db),
        house=house,
        next_at=next_allowed(now, house, calendar_in_force(db)),
        states=list(NoticeState),
        levels=list(Level),
        page_size=listing.PAGE,
    )


@router.post("/notifications/{dispatch_id}/again")
def again(dispatch_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Have a parked message tried again."""
    service.try_again(db, dispatch_id=dispatch_id, by=actor, now=now)
    return render.see_other("/notifications")


def _preferences(
    request: Request,
    db: ReadDb,
    actor: Actor,
    config: Settings,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    *,
    done: bool = False,
) -> Response:
    kept = queries.preference(db, actor.staff_id) if actor.staff_id else None
    shown = values if values is not None else kept.model_dump(exclude={"salt"}) if kept else {}
    offered = _offered(config)
    return render.page(
        request,
        "notifications/preferences.html",
        status=422 if problems else 200,
        values=shown,
        problems=problems or {},
        offered=[channel for channel in Channel if channel in offered],
        house=queries.house_hours(config.notices),
        done=done,
    )


def _offered(config: Settings) -> set[Channel]:
    """Return the ways one may choose. Without a gateway text messages only go to the log: a production offers none."""
    found = {Channel.INBOX, *channels.senders(config)}
    if config.environment == "production" and not config.sms.url:
        found -= {Channel.SMS}
    return found


def _place(at: str, after: UUID | None) -> listing.After | None:
    """Return the key a page goes on behind; one that cannot be read starts at the top."""
    moment = fields.moment_of(at)
    return listing.After(moment, after) if moment and after else None


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _problems(request: Request, error: ValidationError | Invalid) -> dict[str, str]:
    """Return field -> sentence."""
    if isinstance(error, Invalid):
        return {error.field or "channel": render.sentence(request, error.key, error.values)}
    found: dict[str, str] = {}
    for each in error.errors():
        name = str(each["loc"][0]) if each["loc"] else "channel"
        inner = each.get("ctx", {}).get("error")
        key = inner.key if isinstance(inner, Invalid) else f"notifications.bad_{name}"
        name = inner.field or name if isinstance(inner, Invalid) else name
        found[name] = render.sentence(request, key, {})
    return found
