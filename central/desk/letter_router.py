"""Letters of a petition for staff: the list, the reply as it will print, a notice written, the file fetched."""

from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.access.models import Look
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.actor import Actor
from central.casework import documents, looks
from central.errors import Forbidden, Invalid, NotFound
from central.letters import queries, service, work
from central.letters.kinds import LetterKind
from central.petitions import queries as petitions
from central.replies import queries as replies
from central.web import downloads, render

router = APIRouter(include_in_schema=False, prefix="/letters")


@router.get("")
def listed(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The letters of a petition."""
    return _page(request, db, petition_id, actor, now)


@router.post("")
def write(petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Have a notice, or the receipt, written."""
    petition = petitions.get(db, petition_id, actor=actor, for_update=True)
    if not documents.may(db, petition, by=actor):
        raise Forbidden("letters.workers_only")
    try:
        kind = LetterKind(str(posted.get("kind", "")))
    except ValueError:
        raise Invalid("letters.not_happened", field="kind") from None
    if kind is LetterKind.RECEIPT:
        service.receipt(db, petition_id=petition.id, by=actor, now=now)
    else:
        service.notice(db, petition=petition, kind=kind, by=actor, now=now)
    return render.see_other(f"/petitions/{petition_id}/letters")


@router.get("/preview.pdf")
def preview(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The present reply as it will print, marked as a draft."""
    petition = petitions.get(db, petition_id, actor=actor)
    reply = replies.latest(db, petition_id)
    there = petition.erased_at is None
    content = service.reply_content(db, petition, reply, now=now) if reply and there else None
    number = petition.number
    looks.opened(db, petition, by=actor, now=now, what="letter", how=Look.PRINTED)
    if content is None:
        raise NotFound("letters.nothing_to_print")
    name = render.sentence(request, "letters.kind.reply", {})
    return downloads.attachment(work.draft(content), f"{name}-{number}.pdf", "application/pdf")


@router.get("/{letter_id}.pdf")
def fetch(
    request: Request, petition_id: UUID, letter_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """The letter as it was issued."""
    _seen(db, petition_id, letter_id, actor, now)
    made = work.made(context_of(request), letter_id)
    return downloads.attachment(made.content, made.name, "application/pdf")


@router.get("/{letter_id}.sig")
def signature(
    request: Request, petition_id: UUID, letter_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """The detached signature of the file."""
    _seen(db, petition_id, letter_id, actor, now)
    made = work.made(context_of(request), letter_id)
    return downloads.attachment(work.detached(made), f"{made.name}.sig", downloads.UNKNOWN)


def _seen(s: Session, petition_id: UUID, letter_id: UUID, actor: Actor, now: Now) -> None:
    petition = petitions.get(s, petition_id, actor=actor)
    queries.get(s, petition_id, letter_id)
    detail = {"letter": letter_id.hex}
    looks.opened(s, petition, by=actor, now=now, what="letter", how=Look.DOWNLOADED, detail=detail)


def _page(request: Request, s: Session, petition_id: UUID, actor: Actor, now: Now) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    rows = queries.of_petition(s, petition_id)
    told = queries.said(s, petition_id, "tell_progress") is not None
    reply = replies.latest(s, petition_id)
    kinds = service.possible(petition, told=told)
    if petition.erased_at is None and LetterKind.RECEIPT not in {each.kind for each in rows}:
        kinds = [LetterKind.RECEIPT, *kinds]
    context: dict[str, Any] = {
        "petition": petition,
        "letters": rows,
        "kinds": kinds,
        "may_write": documents.may(s, petition, by=actor),
        "has_draft": reply is not None and petition.erased_at is None,
        "problem": partial(_problem, request),
    }
    looks.opened(s, petition, by=actor, now=now, what="letters")
    return render.page(request, "desk/letters.html", **context)


def _problem(request: Request, kept: str) -> str:
    return render.sentence(request, *service.problem_of(kept))
