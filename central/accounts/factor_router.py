"""`/account/factors`: enrolling, naming and removing one's second factors. Open also to whoever must enrol before anything else."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import segno
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.accounts import factors, passkeys, queries, sessions
from central.accounts.edge import (
    Config,
    Now,
    Own,
    OwnPosted,
    Proved,
    ReadDb,
    Self,
    Signed,
    WriteDb,
    address_of,
)
from central.accounts.models import SignIn, Staff, Stage
from central.accounts.router import hand_out
from central.errors import Invalid, NotFound
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)

Label = Annotated[str, Form(max_length=200)]


@router.get("/account/factors")
def show(request: Request, db: ReadDb, me: Own) -> Response:
    """Show one's second factors and how to add one."""
    found = queries.factors(db, me.staff_id)
    return render.page(
        request,
        "accounts/factors.html",
        factors=found,
        left=factors.recovery_codes_left(db, me.staff_id),
        must=me.session.stage == Stage.ENROL,
        passkeys=passkeys.site_of(address_of(request)) is not None,
    )


@router.get("/account/factors/app")
def app_form(request: Request, db: WriteDb, me: Proved) -> Response:
    """Show a new secret as a QR code for an authenticator app."""
    secret = factors.begin_app(db, session=me.session)
    return _app_page(request, me, secret)


@router.post("/account/factors/app")
def add_app(
    request: Request,
    db: WriteDb,
    me: Proved,
    now: Now,
    config: Config,
    _: OwnPosted,
    code: Annotated[str, Form(max_length=20)] = "",
    label: Label = "",
) -> Response:
    """Enrol the app once it shows the right code."""
    first = not queries.factors(db, me.staff_id)
    try:
        factors.add_app(db, session=me.session, code=code, label=label, by=me.actor, now=now)
    except Invalid as error:
        secret = factors.waiting_secret(db, session=me.session)
        return _app_page(request, me, secret, render.sentence(request, error.key, error.values))
    return _added(request, db, me, config, first=first, now=now)


def _app_page(request: Request, me: Self, secret: str, problem: str | None = None) -> Response:
    picture = segno.make(factors.provisioning(secret, me.actor.username), error="m")
    shown = {"picture": picture.svg_data_uri(scale=5, border=4), "secret": secret, "problem": problem}
    return render.page(request, "accounts/factor_app.html", status=422 if problem else 200, **shown)


@router.get("/account/factors/passkey")
def passkey_form(request: Request, db: WriteDb, me: Proved) -> Response:
    """Show the page on which the browser makes a passkey."""
    return _passkey_page(request, db, me)


@router.post("/account/factors/passkey")
def add_passkey(
    request: Request,
    db: WriteDb,
    me: Proved,
    now: Now,
    config: Config,
    _: OwnPosted,
    credential: Annotated[str, Form(max_length=20_000)] = "",
    label: Label = "",
) -> Response:
    """Enrol the passkey that the browser made."""
    first, site = not queries.factors(db, me.staff_id), _site(request)
    try:
        passkeys.add(db, session=me.session, answer=credential, label=label, site=site, by=me.actor, now=now)
    except Invalid as error:
        return _passkey_page(request, db, me, render.sentence(request, error.key, error.values))
    return _added(request, db, me, config, first=first, now=now)


def _passkey_page(request: Request, db: Session, me: Self, problem: str | None = None) -> Response:
    staff = db.get_one(Staff, me.staff_id)
    options = passkeys.begin_adding(db, session=me.session, staff=staff, site=_site(request))
    status = 422 if problem else 200
    return render.page(
        request, "accounts/factor_passkey.html", status=status, options=options, problem=problem
    )


def _site(request: Request) -> passkeys.Site:
    site = passkeys.site_of(address_of(request))
    if site is None:
        raise NotFound
    return site


def _added(
    request: Request, db: Session, me: Self, config: Settings, *, first: bool, now: datetime
) -> Response:
    """Go on after enrolment: with the first factor come recovery codes; who had to enrol is signed in now."""
    codes = factors.make_recovery_codes(db, staff_id=me.staff_id, by=me.actor, now=now) if first else []
    answer = _codes_page(request, codes) if codes else render.see_other("/account/factors")
    if me.session.stage == Stage.ENROL:
        staff = db.get_one(Staff, me.staff_id)
        row = db.get_one(SignIn, me.session.digest)
        method = me.session.method + "+enrolled"
        secret, _ = sessions.go_on(db, row=row, staff=staff, method=method, limits=config.session, now=now)
        hand_out(request, answer, config, secret, now=now, username=staff.username)
    return answer


@router.post("/account/factors/recovery")
def new_codes(request: Request, db: WriteDb, actor: Signed, me: Proved, now: Now, _: OwnPosted) -> Response:
    """Make ten new recovery codes and show them this once."""
    if not queries.factors(db, me.staff_id):
        raise NotFound
    return _codes_page(request, factors.make_recovery_codes(db, staff_id=me.staff_id, by=actor, now=now))


def _codes_page(request: Request, codes: list[str]) -> Response:
    return render.page(request, "accounts/recovery_codes.html", codes=codes)


@router.post("/account/factors/{factor_id}/rename")
def rename(
    db: WriteDb, actor: Signed, me: Proved, factor_id: UUID, now: Now, _: OwnPosted, label: Label = ""
) -> Response:
    """Give a factor another name."""
    factor = factors.get(db, staff_id=me.staff_id, factor_id=factor_id)
    factors.rename(db, factor=factor, label=label, by=actor, now=now)
    return render.see_other("/account/factors")


@router.post("/account/factors/{factor_id}/remove")
def remove(db: WriteDb, actor: Signed, me: Proved, factor_id: UUID, now: Now, _: OwnPosted) -> Response:
    """Take a factor away."""
    factor = factors.get(db, staff_id=me.staff_id, factor_id=factor_id)
    factors.remove(db, factor=factor, by=actor, now=now)
    return render.see_other("/account/factors")
