"""What every route asks for: a session that commits before the answer leaves, the moment, and who acts.

Use the Annotated aliases: `def page(request: Request, db: ReadDb, actor: Signed, now: Now)`.
"""

import hmac
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from sqlmodel import Session
from starlette.datastructures import FormData

from central.accounts import queries, service
from central.actor import Actor
from central.context import Context
from central.db import unit_of_work
from central.errors import Forbidden, SignInNeeded
from central.settings import Settings
from shared.canonical import sha256_hex

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


def _signed(request: Request, now: Now) -> Actor:
    """Return the signed-in member of staff; raise `SignInNeeded`."""
    actor = signed_in(request, now)
    if actor is None:
        raise SignInNeeded
    return actor


def signed_in(request: Request, now: datetime) -> Actor | None:
    """Return who is signed in by cookie, if anybody; leaves actor and form token on the request for the templates."""
    cookie = request.cookies.get(COOKIE)
    if not cookie:
        return None
    context, digest = context_of(request), sha256_hex(cookie)
    with context.look() as s:
        found = queries.actor_of_session(s, digest)
    if found is None or service.is_over(found[0], context.settings.session, now):
        return None
    row, actor = found
    request.state.actor, request.state.csrf = actor, row.csrf
    if now - row.seen_at > service.SEEN_EVERY:
        with unit_of_work(context.engine) as s:
            service.seen(s, digest=digest, now=now)
    return actor


_BEARER = HTTPBearer(auto_error=False, description="An API token made by `minyi token issue`")


def _bearer(
    request: Request, credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]
) -> Actor:
    """Return the actor of an API token; raise `SignInNeeded`."""
    if credentials is None:
        raise SignInNeeded("errors.token_needed")
    with context_of(request).look() as s:
        actor = queries.actor_of_token(s, sha256_hex(credentials.credentials))
    if actor is None:
        raise SignInNeeded("errors.token_needed")
    return actor


Signed = Annotated[Actor, Depends(_signed)]
Bearer = Annotated[Actor, Depends(_bearer)]


async def _posted(request: Request, actor: Signed) -> dict[str, Any]:
    """Return the fields of a form posted by a signed-in person; raise `Forbidden` if it is not from our own page.

    A field that was sent several times is a list. The token itself is left out.
    """
    del actor  # asked for so that the session's token is known
    form = await request.form()
    if not hmac.compare_digest(str(form.get("csrf", "")), str(request.state.csrf)):
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
