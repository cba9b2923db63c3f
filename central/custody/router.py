"""`/custody`: what lies where, originals still to return, a cover sheet's code; the paper of one petition; cover sheets as PDF."""

from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import service as access
from central.access.models import Look
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.casework import documents, looks
from central.custody import forms, queries, rules, service
from central.custody.cover import Cover, cover_pdf
from central.custody.models import Paper
from central.custody.rules import WITHIN, PlaceKind, typed_code
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.halls import receipts
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.queries import PAGE
from central.supervision import refusals
from central.web import render, words
from central.web.downloads import attachment
from shared.clock import court_day
from shared.ids import new_id

router = APIRouter(include_in_schema=False)
RETURN = "return"
_ONE = "/petitions/{petition_id}/paper"


@router.get("/custody")
def listed(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    tab: Annotated[str, Query(max_length=8)] = RETURN,
    code: Annotated[str, Query(max_length=60)] = "",
    day: date | None = None,
    place: Annotated[str, Query(max_length=60)] = "",
    after: UUID | None = None,
) -> Response:
    """What lies where at one's court; a code leads to its petition."""
    if not may(actor, Right.SEE_CUSTODY):
        raise Forbidden("custody.readers_only")
    found = queries.by_code(db, typed_code(code), actor=actor) if code else None
    if found is not None:
        return render.see_other(f"/petitions/{found}/paper")
    kinds = [each for each in PlaceKind if each in WITHIN]
    kind = PlaceKind(tab) if tab in set(WITHIN) else None
    if kind is None:
        rows = queries.to_return(db, actor, after=queries.Since(day, after) if day and after else None)
    else:
        rows = queries.lying(db, actor, kind=kind, after=queries.AtPlace(place, after) if after else None)
    access.shown(db, by=actor, what="custody", keys=[petition.id for _, petition in rows], now=now)
    return render.page(
        request,
        "custody/list.html",
        tab=kind or RETURN,
        rows=rows,
        kinds=kinds,
        names=accounts.names(db, {row.holder_id for row, _ in rows if row.holder_id}),
        unknown=code,
        page_size=PAGE,
    )


@router.get(_ONE)
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The paper of a petition: what it is, where it lies, every hand-over."""
    return _page(request, db, petition_id, actor, now)


@router.post(_ONE)
def receive(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """More paper came in."""

    def do() -> object:
        form = forms.Receive.model_validate(posted)
        return service.receive(db, petition_id=petition_id, form=form, by=actor, now=now)

    return _tried(request, db, petition_id, actor, now, "receive", posted, do)


@router.post(_ONE + "/{paper_id}/move")
def move(
    request: Request,
    petition_id: UUID,
    paper_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Paper goes from hand to hand."""

    def do() -> object:
        form = forms.Move.model_validate(posted)
        return service.move(db, petition_id=petition_id, paper_id=paper_id, form=form, by=actor, now=now)

    return _tried(request, db, petition_id, actor, now, f"move-{paper_id}", posted, do)


@router.post(_ONE + "/{paper_id}/return")
def give_back(
    request: Request,
    petition_id: UUID,
    paper_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """Paper goes back to the petitioner."""

    def do() -> object:
        form = forms.GiveBack.model_validate(posted)
        return service.give_back(db, petition_id=petition_id, paper_id=paper_id, form=form, by=actor, now=now)

    return _tried(request, db, petition_id, actor, now, f"return-{paper_id}", posted, do)


@router.get(_ONE + "/{paper_id}/cover.pdf")
def cover(
    request: Request, petition_id: UUID, paper_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """The cover sheet, to be printed and laid on the paper."""
    petition = petitions.get(db, petition_id, actor=actor)
    looks.opened(db, petition, by=actor, now=now, how=Look.PRINTED, what="cover")
    row = next((each for each in queries.of_petition(db, petition_id) if each.id == paper_id), None)
    if row is None or petition.erased_at is not None:
        raise NotFound
    content = cover_pdf(sheet_of(request, petition, row))
    return attachment(content, f"{row.code}.pdf", "application/pdf")


def sheet_of(request: Request, petition: Petition, row: Paper) -> Cover:
    """Return what stands on a cover sheet."""
    say = partial(render.sentence, request, values={})
    lang = render.lang_of(request)
    values = [
        (say("custody.arrived_on"), words.exact_day_words(row.arrived_on, lang)),
        (say("custody.pages"), str(row.pages)),
        (say("custody.has_originals"), say("custody.yes") if row.originals else say("custody.no")),
        (say("custody.envelope"), say("custody.kept") if row.envelope else say("custody.no")),
    ]
    if row.postmark_on:
        values.append((say("custody.postmark_on"), words.exact_day_words(row.postmark_on, lang)))
    return Cover(
        say("custody.cover_title"), petition.number, row.code, values, say("custody.cover_foot"), lang[:2]
    )


def _tried(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    way: str,
    posted: dict[str, Any],
    do: Callable[[], object],
) -> Response:
    documents.allowed(s, petitions.get(s, petition_id, actor=actor), by=actor)
    try:
        do()
    except (ValidationError, Invalid, Conflict) as error:
        s.rollback()
        say = partial(render.sentence, request)
        found = (
            {"": say(error.key, error.values)}
            if isinstance(error, Conflict)
            else refusals.problems(error, say)
        )
        return _page(request, s, petition_id, actor, now, tried=way, values=posted, problems=found)
    return render.see_other(f"/petitions/{petition_id}/paper")


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    tried: str = "",
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    gone = petition.erased_at is not None
    papers = [] if gone else queries.of_petition(s, petition_id)
    moves = [] if gone else queries.moves(s, petition_id)
    people = {each for row in papers for each in (row.holder_id, row.recorded_by)}
    people |= {each for row in moves for each in (row.from_holder_id, row.to_holder_id, row.moved_by)}
    may_work = documents.may(s, petition, by=actor)
    crew = accounts.active_of(s, petition.court_id) if may_work else []
    context: dict[str, Any] = {
        "petition": petition,
        "papers": papers,
        "receipts": receipts.of_petition(s, petition_id),
        "moves": moves,
        "names": accounts.names(s, {each for each in people if each}),
        "people": [(str(one.id), one.name) for one in crew],
        "may_work": may_work,
        "rules": rules,
        "usual": {"day": court_day(now).isoformat(), "id": str(new_id())},
    }
    looks.opened(s, petition, by=actor, now=now, what="paper")
    return render.page(
        request,
        "custody/petition.html",
        status=422 if problems else 200,
        tried=tried,
        values=values or {},
        problems=problems or {},
        **context,
    )
