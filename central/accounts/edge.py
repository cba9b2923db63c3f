"""What every route asks for: a session that commits before the answer leaves, the moment, and who acts.

Use the Annotated aliases: `def page(request: Request, db: ReadDb, actor: Signed, now: Now)`.
"""

import hmac
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Scope

from central import cookies
from central.accounts import devices, queries, service, sessions
from central.accounts.callers import Caller
from central.accounts.models import SignIn, Stage
from central.actor import Actor
from central.context import Context
from central.db import unit_of_work
from central.errors import Forbidden, SignInNeeded
from central.settings import Settings
from shared.canonical import sha256_hex
from shared.clock import court_day

COOKIE = "minyi_session"


def context_of(request: Request) -> Context:
    """Return the context that `app.build` put into the application."""
    context: Context = request.app.state.context
    return context


def _read(request: Request) -> Iterator[Session]:
    with context_of(request).look() as s:
        yield s


def _write(request: Request) -> Iterator[Session]:
    context = context_of(request)
    with unit_of_work(context.engine) as s:
        yield s
    context.wake.notify()


async def _now(request: Request) -> datetime:
    return context_of(request).clock.now()


async def _settings(request: Request) -> Settings:
    return context_of(request).settings


# Scope "function": the commit happens before the first byte of the answer, so nothing is shown that is not kept.
ReadDb = Annotated[Session, Depends(_read, scope="function")]
WriteDb = Annotated[Session, Depends(_write, scope="function")]
Now = Annotated[datetime, Depends(_now)]
Config = Annotated[Settings, Depends(_settings)]


def cookie_name(config: Settings) -> str:
    """Return the name of the session cookie: behind TLS a browser takes it from this host alone (`__Host-`)."""
    return cookies.name_of(config.http, COOKIE)


def caller_address(request: Request) -> str:
    """Return the network address a request comes from; empty when the server was not told."""
    return request.client.host if request.client else ""


def caller_of(request: Request, username: str, now: datetime) -> Caller:
    """Return where a sign-in as `username` comes from."""
    context = context_of(request)
    # What was typed may be a password in the wrong field: the log gets a digest.
    request.state.guessed_at = sha256_hex(f"username:{username}")[:16]
    cookie = cookies.read(request.cookies, context.settings.http, devices.COOKIE)
    return Caller(
        address=caller_address(request),
        browser=request.headers.get("user-agent", ""),
        device=devices.device_of(context.settings.data / "keys", cookie, username, now=now),
    )


def address_of(request: Request) -> str:
    """Return the address at which this server is known: the set one, else the one that was called."""
    return context_of(request).settings.http.public_url or str(request.base_url)


def rules_of(config: Settings) -> service.Rules:
    """Return what sign-in goes by."""
    return service.Rules(config.throttle, config.session, config.must_have_factor)


def _signed(request: Request, now: Now) -> Actor:
    """Return the signed-in member of staff; raise `SignInNeeded`."""
    actor = signed_in(request, now)
    if actor is None:
        raise SignInNeeded
    return actor


def signed_in(request: Request, now: datetime) -> Actor | None:
    """Return who is signed in by cookie, if anybody; leaves actor and form token on the request for the templates."""
    found = standing(request, now)
    if found is None or found[0].stage != Stage.FULL:
        return None
    row, actor = found
    request.state.actor = actor
    if now - row.seen_at > sessions.SEEN_EVERY:
        with unit_of_work(context_of(request).engine) as s:
            sessions.seen(s, digest=row.digest, now=now)
    return actor


def standing(request: Request, now: datetime) -> tuple[SignIn, Actor] | None:
    """Return session and person of the cookie, at whatever stage; leaves the form token on the request."""
    context = context_of(request)
    cookie = request.cookies.get(cookie_name(context.settings))
    if not cookie:
        return None
    with context.look() as s:
        found = queries.actor_of_session(s, sha256_hex(cookie), on=court_day(now))
    if found is None or sessions.is_over(found[0], context.settings.session, now):
        return None
    request.state.csrf = found[0].csrf
    return found


def is_known(context: Context, scope: Scope) -> bool:
    """Say whether a request comes from somebody signed in, or with a token, before anything of it is read."""
    request = Request(scope)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    with context.look() as s:
        if scheme:
            return queries.actor_of_token(s, sha256_hex(token)) is not None
        found = queries.actor_of_session(
            s, sha256_hex(request.cookies.get(cookie_name(context.settings), ""))
        )
    return found is not None and not sessions.is_over(found[0], context.settings.session, context.clock.now())


@dataclass(frozen=True, slots=True)
class Self:
    """The person on the pages about their own account: their session and who they are."""

    session: SignIn
    actor: Actor

    @property
    def staff_id(self) -> UUID:
        """Whose pages these are."""
        return self.session.staff_id


def _own(request: Request, now: Now) -> Self:
    """Return the person of a full session, or of one that waits for enrolment; raise `SignInNeeded`."""
    found = standing(request, now)
    if found is None or found[0].stage == Stage.SECOND:
        raise SignInNeeded
    row, actor = found
    if row.stage == Stage.FULL:
        request.state.actor = actor
    return Self(row, actor)


def _halfway(request: Request, now: Now) -> Self:
    """Return the person who gave the right password and owes the second factor; raise `SignInNeeded`."""
    found = standing(request, now)
    if found is None or found[0].stage != Stage.SECOND:
        raise SignInNeeded
    return Self(*found)


def _proved(request: Request, now: Now) -> Self:
    """Return the person if they proved lately who they are, else lead to the page that asks for the password."""
    me = _own(request, now)
    if not sessions.is_proved(me.session, context_of(request).settings.session, now):
        raise HTTPException(303, headers={"Location": "/account/confirm?to=" + request.url.path})
    return me


_BEARER = HTTPBearer(auto_error=False, description="An API token made by `minyi token issue`")


def _bearer(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Actor:
    """Return the actor of an API token; raise `SignInNeeded`."""
    if credentials is None:
        raise SignInNeeded("errors.token_needed")
    with context_of(request).look() as s:
        today = court_day(context_of(request).clock.now())
        actor = queries.actor_of_token(s, sha256_hex(credentials.credentials), on=today)
    if actor is None:
        raise SignInNeeded("errors.token_needed")
    request.state.actor = actor  # for the line that a refusal leaves
    return actor


Signed = Annotated[Actor, Depends(_signed)]
Own = Annotated[Self, Depends(_own)]
Halfway = Annotated[Self, Depends(_halfway)]
Proved = Annotated[Self, Depends(_proved)]
Bearer = Annotated[Actor, Depends(_bearer)]


async def _posted(request: Request, actor: Signed) -> dict[str, Any]:
    """Return the fields of a form posted by a signed-in person; raise `Forbidden` if it is not from our own page.

    A field that was sent several times is a list. The token itself is left out.
    """
    del actor  # asked for so that the session's token is known
    return await _checked(request)


async def _own_posted(request: Request, now: Now) -> dict[str, Any]:
    """Return the fields of a form posted in a session at whatever stage; raise as `_posted` does."""
    if await run_in_threadpool(standing, request, now) is None:
        raise SignInNeeded
    return await _checked(request)


async def _checked(request: Request) -> dict[str, Any]:
    form = await request.form()
    if not hmac.compare_digest(str(form.get("csrf", "")).encode(), str(request.state.csrf).encode()):
        raise Forbidden("accounts.form_expired")
    return plain_fields(form)


def plain_fields(form: FormData) -> dict[str, Any]:
    """Return the text fields of a form, lists where a name came several times, without the token."""
    found: dict[str, Any] = {}
    for name in form:
        values = [value for value in form.getlist(name) if isinstance(value, str)]
        if name != "csrf" and values:
            found[name] = values[0] if len(values) == 1 else values
    return found


#: The fields of a form from one of our own pages, posted by the signed-in person.
Posted = Annotated[dict[str, Any], Depends(_posted)]
#: The same on pages that a session halfway through signing in may use.
OwnPosted = Annotated[dict[str, Any], Depends(_own_posted)]
