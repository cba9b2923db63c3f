"""The search page, and the first results while somebody types on a worklist."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from central.access import service as access
from central.access.models import Look
from central.accounts import queries as accounts
from central.accounts.edge import Now, ReadDb, Signed, context_of
from central.actor import Actor
from central.courts import queries as courts
from central.errors import Invalid
from central.petitions import queries as petitions
from central.petitions.models import Channel
from central.petitions.numbering import parse_number
from central.petitions.queries import After, Filter
from central.petitions.states import State
from central.search import grammar, places, service
from central.search.folding import fold
from central.search.grammar import SHOWN, Names
from central.search.service import Answer, Index
from central.web import render
from central.web.catalogue import catalogue
from shared.clock import court_day
from shared.i18n import Lang

router = APIRouter(include_in_schema=False)
#: Results shown while somebody types.
FEW = 8
Typed = Annotated[str, Query(max_length=400)]
_CONTACT = re.compile(r"(?:(?:联系)?(?:电话|手机|证件|身份证)号?码?[:：]\s*)?\+?\d[\d\s-]{9,20}[\dxX]")


def index_of(request: Request) -> Index:
    """Return the index of this installation."""
    context = context_of(request)
    return service.index_of(context.settings.data, context.vault, context.engine)


@cache
def names() -> Names:
    """Return what states and channels are called in both languages, and their codes."""

    def named(what: str, codes: Sequence[str]) -> dict[str, str]:
        found = {
            fold(catalogue().text(f"petitions.{what}.{code}", lang)): str(code)
            for code in codes
            for lang in Lang
        }
        return found | {fold(code): str(code) for code in codes}

    return Names(named("state", list(State)), named("channel", list(Channel)))


class Chosen(BaseModel):
    """What is asked for; it stays in the address. A filter that cannot be read narrows nothing."""

    q: str = Field("", max_length=400)
    court: str = Field("", max_length=12)
    state: str = Field("", max_length=24)
    channel: str = Field("", max_length=12)
    only_open: bool = False
    overdue: bool = False
    place: str = Field("", max_length=300)

    def filter_(self, db: Session, today: date) -> Filter:
        """Return the filter; raise `NotFound` for a court that is none."""
        return Filter(
            court_id=courts.by_code(db, self.court).id if self.court else None,
            state=State(self.state) if self.state in set(State) else None,
            channel=self.channel if self.channel in set(Channel) else None,
            only_open=self.only_open,
            overdue_on=today if self.overdue else None,
        )


@router.get("/search")
def search(
    request: Request, db: ReadDb, actor: Signed, now: Now, chosen: Annotated[Chosen, Query()]
) -> Response:
    """What matches, newest first. A whole receipt number leads to its petition."""
    vault = context_of(request).vault
    place = places.opened(vault, chosen.place)
    number = parse_number(chosen.q, province=actor.court_code[:1])
    whole = petitions.visible_number(db, number, actor=actor) if number and place is None else None
    if whole is not None:
        by_number = {"number": number}
        access.shown(db, by=actor, what="number", keys=[whole], now=now, how=Look.SEARCHED, filter_=by_number)
        return render.see_other(f"/petitions/{whole}")
    filter_ = chosen.filter_(db, court_day(now))
    answer, problem = _answer(request, db, actor, chosen.q, filter_=filter_, after=place)
    _noted(db, actor, answer, now=now, filter_=chosen.model_dump(exclude={"q", "place"}))
    return render.page(
        request,
        "search/search.html",
        status=422 if problem else 200,
        answer=answer,
        problem=problem,
        chosen=chosen,
        states=list(State),
        channels=list(Channel),
        courts=accounts.visible_courts(db, actor),
        named=_named(db, answer),
        by_contact=bool(_CONTACT.fullmatch(chosen.q.strip())),
        shown=SHOWN,
        going_on=place is not None,
        onward=places.sealed(vault, answer.found.after)
        if answer and answer.found and answer.found.after
        else None,
    )


@router.get("/search/instant")
def instant(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, q: Typed = "", only_open: bool = False
) -> Response:
    """The first results, as a part of a page."""
    answer, problem = _answer(request, db, actor, q, filter_=Filter(only_open=only_open), limit=FEW)
    _noted(db, actor, answer, now=now, filter_={"only_open": only_open})
    return render.page(
        request,
        "search/instant.html",
        answer=answer,
        problem=problem,
        named=_named(db, answer),
        q=q,
        only_open=only_open,
    )


def _answer(
    request: Request,
    db: Session,
    actor: Actor,
    typed: str,
    *,
    filter_: Filter,
    after: After | None = None,
    limit: int = 20,
) -> tuple[Answer | None, str]:
    """Return what was found, or the sentence about what was typed; neither for an empty box without filters."""
    try:
        query = grammar.parse(typed, names=names(), province=actor.court_code[:1])
    except Invalid as error:
        return None, render.sentence(request, error.key, error.values)
    if query.is_empty and filter_ == Filter():
        return None, ""
    index = index_of(request)
    return service.search(
        db, index=index, query=query, actor=actor, filter_=filter_, after=after, limit=limit
    ), ""


def _noted(
    db: Session, actor: Actor, answer: Answer | None, *, now: datetime, filter_: dict[str, Any]
) -> None:
    """Record the look. What was typed is not written down: it may be a name."""
    if answer is not None and answer.found is not None:
        keys = [hit.petition.id for hit in answer.found.hits]
        access.shown(db, by=actor, what="search", keys=keys, now=now, how=Look.SEARCHED, filter_=filter_)


def _named(db: Session, answer: Answer | None) -> dict[UUID, Any]:
    """Return the courts of what was found, by id."""
    if answer is None or answer.found is None or not answer.found.hits:
        return {}
    wanted = {hit.petition.court_id for hit in answer.found.hits}
    return {court.id: court for court in courts.some(db, wanted)}
