"""Delivery of one petition's answer: by post, on the phone, at the window, each with its form; and what came of it."""

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access.models import Look
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, address_of
from central.actor import Actor
from central.casework import looks
from central.delivery import forms, handing, queries, rules, service
from central.delivery.labels import Label, Sender, labels_pdf
from central.errors import Conflict, Forbidden, Invalid
from central.petitions import moves, steps
from central.petitions import queries as petitions
from central.petitions.excuses import RESULTS, Means
from central.petitions.models import Petition
from central.petitions.standing import may
from central.petitions.states import Act, State
from central.replies import queries as replies
from central.supervision import refusals
from central.web import render
from central.web.downloads import attachment
from shared.clock import COURT_ZONE, court_day

router = APIRouter(prefix="/petitions/{petition_id}/delivery", include_in_schema=False)


@router.get("")
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """What is known of the delivery, and the ways to go on."""
    return _page(request, db, petition_id, actor, now)


@router.get("/label.pdf")
def label(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """One address label on a page of its size."""
    petition = petitions.get(db, petition_id, actor=actor)
    person = petitions.petitioner(db, petition_id)
    if person is None or not person.address:
        raise Conflict("delivery.no_address")
    inside = inside_of(request, queries.sheets(db, [petition]).get(petition.id))
    made = Label(person.name or "", person.address, petition.number, inside)
    looks.opened(db, petition, by=actor, now=now, how=Look.PRINTED, what="labels")
    name = f"label-{petition.number}.pdf"
    return attachment(labels_pdf([made], sender_of(request, actor), single=True), name, "application/pdf")


@router.post("/post")
def post(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """The letter went out."""
    form = partial(forms.Post.model_validate, posted)
    return _tried(
        request, db, petition_id, actor, now, "post", posted,
        lambda: service.post(db, petition_id=petition_id, form=form(), by=actor, now=now),
    )  # fmt: skip


@router.post("/postings/{posting_id}/{end}")
def ended(
    request: Request,
    petition_id: UUID,
    posting_id: UUID,
    end: str,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    now: Now,
) -> Response:
    """The slip came, or the letter itself."""

    def arrived() -> object:
        form = forms.Arrived.model_validate(posted)
        return service.arrived(
            db, petition_id=petition_id, posting_id=posting_id, form=form, by=actor, now=now
        )

    def returned() -> object:
        form = forms.Returned.model_validate(posted)
        return service.returned(
            db, petition_id=petition_id, posting_id=posting_id, form=form, by=actor, now=now
        )

    do = arrived if end == "arrived" else returned
    return _tried(request, db, petition_id, actor, now, end, posted, do)


@router.post("/call")
def call(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """The answer was read on the phone."""
    form = partial(forms.Call.model_validate, posted)
    return _tried(
        request, db, petition_id, actor, now, "call", posted,
        lambda: service.call(db, petition_id=petition_id, form=form(), by=actor, now=now),
    )  # fmt: skip


@router.post("/sign")
def ask_signature(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Ask for a signature on the hall's screen; the code for it is shown this once."""
    asked: list[handing.Asked] = []

    def do() -> object:
        form = forms.Hand.model_validate(posted)
        asked.append(handing.ask(db, petition_id=petition_id, form=form, by=actor, now=now))
        return None

    refused = _refused(request, db, petition_id, actor, now, "sign", posted, do)
    if refused is not None:
        return refused
    petition = petitions.get(db, petition_id, actor=actor)
    return render.page(
        request,
        "delivery/asked.html",
        petition=petition,
        code=asked[0].code,
        row=asked[0].row,
        screen=address_of(request).rstrip("/") + "/sign",
    )


@router.post("/hand")
def hand(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """It was handed over without a drawn signature."""
    form = partial(forms.HandUnsigned.model_validate, posted)
    return _tried(
        request, db, petition_id, actor, now, "hand", posted,
        lambda: handing.hand_unsigned(db, petition_id=petition_id, form=form(), by=actor, now=now),
    )  # fmt: skip


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
    refused = _refused(request, s, petition_id, actor, now, way, posted, do)
    return refused or render.see_other(f"/petitions/{petition_id}/delivery")


def _refused(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    way: str,
    posted: dict[str, Any],
    do: Callable[[], object],
) -> Response | None:
    """Do it; return the page with what was typed if that was refused."""
    petition = petitions.get(s, petition_id, actor=actor)
    if not _works(petition, actor):
        raise Forbidden("delivery.clerks_only")
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
    return None


def _works(petition: Petition, actor: Actor) -> bool:
    """Say whether role and person fit those who deliver, wherever the petition stands."""
    return may(steps.find(State.REPLIED, Act.RECORD_DELIVERY), moves.standing(petition, actor))


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
    known = queries.of_petitions(s, [petition])[petition.id]
    waits = petition.delivered_on is None and State(petition.state) in service.DELIVERABLE and not gone
    deliveries = [] if gone else replies.deliveries(s, petition_id)
    attempts = [] if gone else replies.attempts(s, petition_id)
    postings = [] if gone else queries.postings(s, petition_id)
    people = {each.recorded_by for each in deliveries} | {each.recorded_by for each in attempts}
    people |= {each.posted_by for each in postings}
    context: dict[str, Any] = {
        "petition": petition,
        "person": None if gone else petitions.petitioner(s, petition_id),
        "known": known,
        "todo": rules.todo(known, court_day(now)) if waits else None,
        "may_deliver": waits and _works(petition, actor),
        "deliveries": deliveries,
        "attempts": attempts,
        "postings": postings,
        "names": accounts.names(s, {each for each in people if each}),
        "waiting": queries.signing_of(s, petition_id, now) if waits else None,
        "rules": rules,
        "returned_as": sorted(RESULTS[Means.POST]),
        "usual": _usual(petition, now),
        "sheets": queries.sheets(s, [petition]).get(petition.id),
    }
    looks.opened(s, petition, by=actor, now=now, what="delivery")
    return render.page(
        request,
        "delivery/petition.html",
        status=422 if problems else 200,
        tried=tried,
        values=values or {},
        problems=problems or {},
        **context,
    )


def inside_of(request: Request, sheets: queries.Sheets | None) -> str:
    """Return how many pages are in the envelope, in words; empty while that is not known."""
    if sheets is None or sheets.total is None:
        return ""
    return render.sentence(request, "delivery.label.inside", {"pages": sheets.total})


def sender_of(request: Request, actor: Actor) -> Sender:
    """Return who writes, as it stands on an envelope."""
    say = partial(render.sentence, request, values={})
    return Sender(
        name=actor.court_name,
        title=say("delivery.label.title"),
        to=say("delivery.label.to"),
        from_words=say("delivery.label.sender"),
        lang=render.lang_of(request)[:2],
    )


def _usual(petition: Petition, now: datetime) -> dict[str, str]:
    local = now.astimezone(COURT_ZONE)
    return {"day": local.date().isoformat(), "time": f"{local:%H:%M}", "number": petition.number}
