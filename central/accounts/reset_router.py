"""`/reset`: a new password with a one-time code. `/staff/.../sign-in`: what an administrator does for somebody who cannot sign in."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts import queries, resets, sessions
from central.accounts.account_router import Password, same
from central.accounts.callers import Caller
from central.accounts.edge import (
    Config,
    Now,
    OwnPosted,
    Proved,
    ReadDb,
    Signed,
    WriteDb,
    caller_of,
    rules_of,
)
from central.accounts.models import Staff
from central.accounts.resets import Reason
from central.actor import Role
from central.errors import Invalid, NotFound, TooManyTries
from central.fields import clean_line
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)


@router.get("/reset")
def show(request: Request) -> Response:
    """Show the form for a new password with a one-time code."""
    return _page(request)


@router.post("/reset")
def use(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    username: Annotated[str, Form(max_length=100)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Set a password of one's own; sign-in follows, with the second factor if there is one."""
    name = clean_line(username).lower()
    caller, rules = Caller(address=caller_of(request, name, now).address), rules_of(config)
    try:
        same(password, again)
        fits = resets.use(
            db, username=name, code=code, password=password, rules=rules, caller=caller, now=now
        )
    except Invalid as error:
        said = {error.field: render.sentence(request, error.key, error.values)}
        return _page(request, 422, username=username, problems=said)
    except TooManyTries as error:
        said = {"code": render.sentence(request, error.key, error.values)}
        return _page(request, error.status, username=username, problems=said)
    if not fits:
        return _page(request, 401, username=username, problems={"code": "accounts.reset.wrong"})
    return render.see_other("/login?done=password")


def _page(
    request: Request, status: int = 200, *, username: str = "", problems: dict[str, str] | None = None
) -> Response:
    return render.page(
        request, "accounts/reset.html", status=status, username=username, problems=problems or {}
    )


@router.get("/staff/sign-in")
def people(request: Request, db: ReadDb, actor: Signed) -> Response:
    """List the people of an administrator's court, to help one of them sign in."""
    if not actor.has(Role.COURT_ADMIN) or actor.court_id is None:
        raise NotFound
    found = [person for person in queries.active_of(db, actor.court_id) if person.id != actor.staff_id]
    return render.page(request, "accounts/people.html", people=found)


@router.get("/staff/{staff_id}/sign-in")
def person(request: Request, db: ReadDb, actor: Signed, staff_id: UUID, now: Now, config: Config) -> Response:
    """Show how somebody signs in, and what can be done for them."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    return _person_page(request, db, staff, config, now=now)


@router.post("/staff/{staff_id}/sign-in/code")
def issue(
    request: Request,
    db: WriteDb,
    actor: Signed,
    _: Proved,
    posted: OwnPosted,
    staff_id: UUID,
    now: Now,
    config: Config,
) -> Response:
    """Make a one-time code and show it this once."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    if posted.get("reason") not in set(Reason):
        return _person_page(request, db, staff, config, now=now, problem="accounts.reset.reason_needed")
    code = resets.issue(
        db,
        staff=staff,
        reason=Reason(posted["reason"]),
        by=actor,
        now=now,
        life=timedelta(minutes=config.sign_in.reset_minutes),
        factors_too=posted.get("factors_too") == "true",
    )
    return _person_page(request, db, staff, config, now=now, code=code)


@router.post("/staff/{staff_id}/sign-in/end")
def end(db: WriteDb, actor: Signed, _: Proved, staff_id: UUID, now: Now, posted: OwnPosted) -> Response:
    """End every session of somebody."""
    del posted
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    sessions.end_all(db, staff_id=staff.id, how="admin", by=actor, now=now)
    return render.see_other(f"/staff/{staff.id}/sign-in")


def _person_page(
    request: Request,
    db: Session,
    staff: Staff,
    config: Settings,
    *,
    now: datetime,
    code: str = "",
    problem: str | None = None,
) -> Response:
    return render.page(
        request,
        "accounts/person.html",
        status=422 if problem else 200,
        person=staff,
        factors=queries.factors(db, staff.id),
        sessions=len(sessions.running(db, staff.id, limits=config.session, now=now)),
        reasons=[(each.value, f"accounts.reset.reasons.{each.value}") for each in Reason],
        minutes=config.sign_in.reset_minutes,
        code=code,
        problem=problem,
    )
