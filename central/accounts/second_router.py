"""`/login/second`: the second factor, after the right password."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts import factors, passkeys, queries, service, sessions, throttle
from central.accounts.edge import (
    Config,
    Halfway,
    Now,
    OwnPosted,
    Self,
    WriteDb,
    address_of,
    caller_of,
)
from central.accounts.factors import FactorKind
from central.accounts.models import SignIn, Staff
from central.accounts.router import hand_out, local_path, to_login
from central.errors import TooManyTries
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)

To = Annotated[str, Form(max_length=500)]


@router.get("/login/second")
def show(request: Request, db: WriteDb, me: Halfway, to: str = "/today") -> Response:
    """Ask for the code of the app, a passkey or a recovery code."""
    return _page(request, db, me, to=to)


@router.post("/login/second")
def with_code(
    request: Request,
    db: WriteDb,
    me: Halfway,
    now: Now,
    config: Config,
    _: OwnPosted,
    code: Annotated[str, Form(max_length=40)] = "",
    to: To = "/today",
) -> Response:
    """Go on with the code of an app, or a recovery code."""

    def check() -> str | None:
        return factors.takes_code(db, staff_id=me.staff_id, given=code, now=now)

    return _go_on(request, db, me, config, check, now=now, to=to)


@router.post("/login/second/passkey")
def with_passkey(
    request: Request,
    db: WriteDb,
    me: Halfway,
    now: Now,
    config: Config,
    _: OwnPosted,
    credential: Annotated[str, Form(max_length=20_000)] = "",
    to: To = "/today",
) -> Response:
    """Go on with what a passkey signed."""
    site = passkeys.site_of(address_of(request))

    def check() -> str | None:
        fits = site is not None and passkeys.proves(
            db, session=me.session, answer=credential, site=site, now=now
        )
        return FactorKind.PASSKEY.value if fits else None

    return _go_on(request, db, me, config, check, now=now, to=to)


def _go_on(
    request: Request,
    db: Session,
    me: Self,
    config: Settings,
    check: Callable[[], str | None],
    *,
    now: datetime,
    to: str,
) -> Response:
    """Finish signing in if `check` names the method that fitted, else count the guess and ask again."""
    staff = db.get_one(Staff, me.staff_id)
    caller = caller_of(request, staff.username, now)
    counted = throttle.budgets("second", staff.username, caller, config.throttle)
    try:
        throttle.check_all(db, counted, limits=config.throttle, now=now)
    except TooManyTries as error:
        said = render.sentence(request, error.key, error.values)
        return _page(request, db, me, to=to, status=error.status, problem=said)
    method = check()
    if method is None:
        if throttle.wrong_all(db, counted, limits=config.throttle, now=now):
            service.blocked(db, staff=staff, what="second", caller=caller, now=now)
        return _page(request, db, me, to=to, status=401, problem="accounts.second.wrong")
    secret, _ = sessions.go_on(
        db,
        row=db.get_one(SignIn, me.session.digest),
        staff=staff,
        method=f"{me.session.method}+{method}",
        limits=config.session,
        now=now,
        failed_before=throttle.right_all(db, counted),
    )
    answer = render.see_other(local_path(to))
    hand_out(request, answer, config, secret, now=now, username=staff.username)
    return answer


def _page(
    request: Request, db: Session, me: Self, *, to: str, status: int = 200, problem: str | None = None
) -> Response:
    site = passkeys.site_of(address_of(request))
    staff = db.get_one(Staff, me.staff_id)
    options = (
        passkeys.begin_proving(db, session=me.session, staff=staff, site=site) if site is not None else ""
    )
    has_app = any(each.kind == FactorKind.APP for each in queries.factors(db, me.staff_id))
    shown = {"to": local_path(to), "options": options, "has_app": has_app, "problem": problem}
    return render.page(request, "accounts/second.html", status=status, **shown)


@router.post("/login/cancel")
def cancel(db: WriteDb, me: Halfway, config: Config, _: OwnPosted) -> Response:
    """Give up signing in."""
    db.delete(db.get_one(SignIn, me.session.digest))
    return to_login(config)
