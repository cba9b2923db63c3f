"""`/account`: one's own password, second factors and sessions."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts import external, passwords, queries, service, sessions, throttle
from central.accounts.callers import browser_words
from central.accounts.edge import (
    Config,
    Now,
    Own,
    OwnPosted,
    Posted,
    Proved,
    ReadDb,
    Signed,
    WriteDb,
    caller_of,
)
from central.accounts.models import SignIn, Staff
from central.accounts.router import hand_out, local_path
from central.errors import Invalid, TooManyTries
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)

Password = Annotated[str, Form(max_length=1000)]


@router.get("/account")
def account(request: Request, db: ReadDb, actor: Signed, now: Now, config: Config) -> Response:
    """Show what one's sign-in consists of, and where one is signed in."""
    assert actor.staff_id is not None  # noqa: S101 staff alone have sessions
    rows = sessions.running(db, actor.staff_id, limits=config.session, now=now)
    shown = [_shown(row, current=row.digest == actor.session_id) for row in rows]
    factors = queries.factors(db, actor.staff_id)
    logins = external.of_staff(db, actor.staff_id)
    done = request.query_params.get("done", "")
    context: dict[str, Any] = {"sessions": shown, "factors": factors, "logins": logins}
    return render.page(request, "accounts/account.html", sso=config.sso, done=done, **context)


def _shown(row: SignIn, *, current: bool) -> dict[str, Any]:
    browser, system = browser_words(row.browser)
    return {"row": row, "browser": browser, "system": system, "current": current}


@router.get("/account/password")
def password_form(request: Request, _: Signed) -> Response:
    """Show the form for a new password."""
    return _password_page(request)


@router.post("/account/password")
def change_password(
    request: Request,
    db: WriteDb,
    actor: Signed,
    now: Now,
    config: Config,
    _: Posted,
    present: Password = "",
    password: Password = "",
    again: Password = "",
) -> Response:
    """Set a password one chose, having typed the present one; every other session ends."""
    staff = _staff(db, actor.staff_id)
    try:
        if not _is_right(request, db, staff, present, config, now=now):
            return _password_page(request, problems={"present": "accounts.own_password_wrong"})
        same(password, again)
        own = {"how": "own", "keep": actor.session_id}
        service.choose_password(db, staff=staff, password=password, by=actor, now=now, **own)
    except (Invalid, TooManyTries) as error:
        field = getattr(error, "field", "") or "present"
        return _password_page(request, problems={field: render.sentence(request, error.key, error.values)})
    return render.see_other("/account?done=password")


def same(password: str, again: str) -> None:
    """Raise `Invalid` if a new password was not typed twice alike."""
    if password != again:
        raise Invalid("accounts.policy.differs", field="again")


def _password_page(request: Request, problems: dict[str, str] | None = None) -> Response:
    status = 422 if problems else 200
    return render.page(request, "accounts/password.html", status=status, problems=problems or {})


@router.post("/account/sessions/{session_id}/end")
def end_session(db: WriteDb, me: Proved, session_id: UUID, now: Now, _: OwnPosted) -> Response:
    """End one of one's own sessions."""
    sessions.revoke(db, staff_id=me.staff_id, session_id=session_id, by=me.actor, now=now)
    return render.see_other("/account?done=session#sessions")


@router.post("/account/sessions/end-others")
def end_others(db: WriteDb, me: Proved, now: Now, _: OwnPosted) -> Response:
    """Sign out everywhere else."""
    sessions.end_all(db, staff_id=me.staff_id, how="others", by=me.actor, now=now, keep=me.session.digest)
    return render.see_other("/account?done=others#sessions")


@router.get("/account/confirm")
def confirm_form(request: Request, _: Own, to: str = "/account") -> Response:
    """Ask for the password before something about the account changes."""
    return _confirm_page(request, to)


@router.post("/account/confirm")
def confirm(
    request: Request,
    db: WriteDb,
    me: Own,
    now: Now,
    config: Config,
    _: OwnPosted,
    password: Password = "",
    to: Annotated[str, Form(max_length=500)] = "/account",
) -> Response:
    """Take the password as proof and go on under a new session id."""
    try:
        if not _is_right(request, db, _staff(db, me.staff_id), password, config, now=now):
            return _confirm_page(request, to, "accounts.own_password_wrong")
    except TooManyTries as error:
        return _confirm_page(request, to, render.sentence(request, error.key, error.values))
    secret = sessions.renew(db, row=me.session, now=now)
    answer = render.see_other(local_path(to))
    hand_out(request, answer, config, secret, now=now)
    return answer


def _confirm_page(request: Request, to: str, problem: str | None = None) -> Response:
    # A form that was refused leads back to its page, not to itself.
    back = "/account" if to.startswith(("/account/sessions/", "/account/logins")) else local_path(to)
    return render.page(
        request, "accounts/confirm.html", status=422 if problem else 200, to=back, problem=problem
    )


def _staff(db: Session, staff_id: UUID | None) -> Staff:
    return db.get_one(Staff, staff_id)


def _is_right(
    request: Request, db: Session, staff: Staff, password: str, config: Settings, *, now: datetime
) -> bool:
    """Say whether it is the person's password; guesses count as at sign-in, apart from those of strangers."""
    caller = caller_of(request, staff.username, now)
    counted = throttle.budgets("own-password", staff.username, caller, config.throttle)
    throttle.check_all(db, counted, limits=config.throttle, now=now)
    if passwords.matches_password(staff.password_hash, password):
        throttle.right_all(db, counted)
        return True
    throttle.wrong_all(db, counted, limits=config.throttle, now=now)
    return False
