"""Single sign-on: to the provider and back, and which of its accounts are one's own."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from sqlmodel import Session

from central import cookies
from central.accounts import external, journeys, oidc
from central.accounts.edge import (
    Config,
    Now,
    OwnPosted,
    Proved,
    WriteDb,
    address_of,
    caller_of,
    context_of,
    rules_of,
    standing,
)
from central.accounts.journeys import Journey
from central.accounts.models import Stage
from central.accounts.oidc import Identity, Provider
from central.accounts.router import hand_out, local_path, next_page, sign_in_page
from central.errors import MinyiError, NotFound
from central.settings import Settings
from central.web import render

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Return:
    """How a browser came back: with an identity, or with a `problem` that is told."""

    journey: Journey | None
    identity: Identity | None = None
    problem: MinyiError | None = None


def _provider(request: Request) -> Provider:
    provider: Provider | None = request.app.state.provider
    if provider is None:
        raise NotFound
    return provider


Known = Annotated[Provider, Depends(_provider)]


def _back(request: Request) -> str:
    return address_of(request).rstrip("/") + "/login/sso/back"


def _held(request: Request) -> str:
    return cookies.read(request.cookies, context_of(request).settings.http, journeys.COOKIE)


def _returned(request: Request, provider: Known, now: Now) -> Return:
    # Asked for before the session that writes is opened: the provider may take seconds, and nobody else shall wait for it.
    query = request.query_params
    journey = journeys.opened(context_of(request).vault, _held(request), now=now)
    if journey is None or query.get("state") != journey.departure.state:
        return Return(None, problem=oidc.NotKnown("accounts.sso.lost"))
    # RFC 9207: an answer of another provider is not taken for this one's.
    if query.get("iss", context_of(request).settings.sso.issuer) != context_of(request).settings.sso.issuer:
        return Return(journey, problem=oidc.NotKnown("accounts.sso.untrusted"))
    if not query.get("code"):
        return Return(journey, problem=oidc.NotKnown("accounts.sso.refused"))
    try:
        return Return(
            journey,
            provider.identify(code=query["code"], back=_back(request), departure=journey.departure, now=now),
        )
    except (oidc.NotKnown, oidc.ProviderAway) as error:
        return Return(journey, problem=error)


@router.get("/login/sso")
def depart(request: Request, provider: Known, config: Config, now: Now, to: str = "/today") -> Response:
    """Send the browser to the provider."""
    try:
        departure = provider.depart(back=_back(request), now=now)
    except oidc.ProviderAway as error:
        return _told(request, error, to)
    answer = render.see_other(departure.url)
    _remember(request, answer, config, Journey(departure, local_path(to)), now=now)
    return answer


@router.get("/login/sso/back")
def come_back(
    request: Request, returned: Annotated[Return, Depends(_returned)], db: WriteDb, config: Config, now: Now
) -> Response:
    """Sign in whom the provider vouches for, or join the account to the one signed in."""
    journey = returned.journey
    if returned.identity is None or journey is None:
        problem = returned.problem or oidc.NotKnown("accounts.sso.lost")
        return _forgotten(_told(request, problem, journey.to if journey else "/today"), config)
    if journey.session:
        return _forgotten(_join(request, db, journey, returned.identity, now=now), config)
    return _forgotten(_sign_in(request, db, config, journey, returned.identity, now=now), config)


def _sign_in(
    request: Request, db: Session, config: Settings, journey: Journey, identity: Identity, *, now: datetime
) -> Response:
    found = external.sign_in(
        db,
        identity=identity,
        rules=rules_of(config),
        factor_methods=config.sso.factor_methods,
        caller=caller_of(request, "", now),
        now=now,
    )
    if found is None:
        return _told(request, oidc.NotKnown("accounts.sso.nobody"), journey.to)
    secret, row, staff = found
    stage = Stage(row.stage)
    answer = render.see_other(next_page(stage, journey.to))
    username = staff.username if stage is Stage.FULL else ""
    hand_out(request, answer, config, secret, now=now, username=username)
    return answer


def _join(request: Request, db: Session, journey: Journey, identity: Identity, *, now: datetime) -> Response:
    me = standing(request, now)
    if me is None or me[0].digest != journey.session:
        raise oidc.NotKnown("accounts.sso.lost")
    theirs = {"issuer": identity.issuer, "subject": identity.subject}
    external.link(db, staff_id=me[0].staff_id, **theirs, by=me[1], now=now)
    return render.see_other("/account?done=linked#logins")


@router.post("/account/logins")
def set_out_to_join(
    request: Request, me: Proved, provider: Known, config: Config, _: OwnPosted, now: Now
) -> Response:
    """Lead to the provider to have one of its accounts joined to one's own."""
    departure = provider.depart(back=_back(request), now=now)
    # A page with a link, for a form may lead nowhere but here (Content-Security-Policy, form-action).
    answer = render.page(request, "accounts/joining.html", url=departure.url, sso=config.sso)
    journey = Journey(departure, "/account", session=me.session.digest)
    _remember(request, answer, config, journey, now=now)
    return answer


@router.post("/account/logins/{login_id}/remove")
def remove(db: WriteDb, me: Proved, login_id: UUID, now: Now, _: OwnPosted) -> Response:
    """Part an account of the provider from one's own."""
    external.unlink(db, staff_id=me.staff_id, login_id=login_id, by=me.actor, now=now)
    return render.see_other("/account?done=unlinked#logins")


def _remember(
    request: Request, answer: Response, config: Settings, journey: Journey, *, now: datetime
) -> None:
    text = journeys.sealed(context_of(request).vault, journey, now=now)
    cookies.put(answer, config.http, journeys.COOKIE, text, life=journeys.LIFE)


def _forgotten(answer: Response, config: Settings) -> Response:
    cookies.drop(answer, config.http, journeys.COOKIE)
    return answer


def _told(request: Request, problem: MinyiError, to: str) -> Response:
    said = render.sentence(request, problem.key, problem.values)
    return sign_in_page(request, problem.status, to=to, problem=said)
