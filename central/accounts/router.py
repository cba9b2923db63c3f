"""Sign in and out."""

from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from central import cookies
from central.accounts import devices, service, sessions
from central.accounts.edge import (
    COOKIE,
    Config,
    Now,
    Own,
    OwnPosted,
    ReadDb,
    WriteDb,
    caller_of,
    rules_of,
    standing,
)
from central.accounts.models import Stage
from central.errors import TooManyTries
from central.fields import clean_line
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)


def local_path(target: str) -> str:
    """Return `target` if it is a path of this server, else the start page: sign-in never leads elsewhere."""
    return target if target.startswith("/") and not target.startswith(("//", "/\\")) else "/today"


def next_page(stage: Stage, to: str) -> str:
    """Return where a session goes on."""
    if stage is Stage.SECOND:
        return "/login/second?" + urlencode({"to": local_path(to)})
    return "/account/factors" if stage is Stage.ENROL else local_path(to)


@router.get("/login")
def show(request: Request, now: Now, _: ReadDb, to: str = "/today") -> Response:
    """Show the sign-in page, or go on for who is signed in already."""
    found = standing(request, now)
    if found:
        return render.see_other(next_page(Stage(found[0].stage), to))
    return sign_in_page(request, 200, to=to)


@router.post("/login")
def sign_in(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    username: Annotated[str, Form(max_length=100)] = "",
    password: Annotated[str, Form(max_length=1000)] = "",
    to: Annotated[str, Form(max_length=500)] = "/today",
) -> Response:
    """Sign in; a wrong name and a wrong password look the same and take the same time."""
    name = clean_line(username).lower()
    caller, rules = caller_of(request, name, now), rules_of(config)
    try:
        found = service.sign_in(db, username=name, password=password, rules=rules, caller=caller, now=now)
    except TooManyTries as error:
        said = render.sentence(request, error.key, error.values)
        return sign_in_page(request, error.status, to=to, username=username, problem=said)
    if found is None:
        return sign_in_page(request, 401, to=to, username=username, problem="accounts.wrong_sign_in")
    stage = Stage(found[1].stage)
    answer = render.see_other(next_page(stage, to))
    hand_out(request, answer, config, found[0], now=now, username=name if stage is Stage.FULL else "")
    return answer


@router.post("/logout")
def sign_out(db: WriteDb, me: Own, config: Config, now: Now, _: OwnPosted) -> Response:
    """End the session."""
    sessions.sign_out(db, digest=me.session.digest, by=me.actor, now=now)
    answer = to_login(config)
    # ASVS 5.0 14.3.1: nothing of the session stays with the browser.
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


def to_login(config: Settings) -> Response:
    """Return the way back to the sign-in page, without the session's cookie."""
    answer = render.see_other("/login")
    cookies.drop(answer, config.http, COOKIE)
    return answer


def hand_out(
    request: Request, answer: Response, config: Settings, secret: str, *, now: datetime, username: str = ""
) -> None:
    """Put the session into the browser; once somebody is signed in, note that the browser is known to be `username`'s."""
    cookies.put(answer, config.http, COOKIE, secret)
    if not username:
        return
    life = timedelta(days=config.sign_in.device_days)
    known = cookies.read(request.cookies, config.http, devices.COOKIE)
    text = devices.renewed(config.data / "keys", known, username, life=life, now=now)
    cookies.put(answer, config.http, devices.COOKIE, text, life=life)


def sign_in_page(
    request: Request, status: int, *, to: str, username: str = "", problem: str | None = None
) -> Response:
    """Return the sign-in page, with what was typed and the sentence or its key that says what went wrong."""
    context = {"to": local_path(to), "username": username, "problem": problem}
    context["sso"] = request.app.state.context.settings.sso
    return render.page(request, "accounts/login.html", status=status, **context)
