"""Beside the draft: kept by itself, who else is there, versions with their differences, remarks. The page works without these."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import documents, looks
from central.casework import queries as casework
from central.desk import draft_router, drafts
from central.drafting import differences, forms
from central.drafting import queries as drafting
from central.drafting import service as keeping
from central.drafting.models import WorkingDraft
from central.drafting.service import KeptElsewhere
from central.errors import Conflict, Invalid
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.states import Act
from central.replies import queries as replies
from central.replies import versions
from central.replies.models import DraftVersion
from central.web import render, words
from shared.clock import court_day

router = APIRouter(prefix="/draft", include_in_schema=False)
#: Numbers of versions in addresses.
Number = Annotated[int, Query(ge=0, le=10**6)]


@router.post("/keep")
def keep(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep what is being written; nothing of it goes into the log. Answers in JSON: our own page asks."""
    values = {name: value for name, value in posted.items() if not name.startswith("choose-")}
    revision = values.pop("revision", "0")
    values.pop("version", None)
    try:
        form = forms.Keep.model_validate(draft_router.form_of(values) | {"revision": revision or "0"})
        row = keeping.keep(db, petition_id=petition_id, form=form, by=actor, now=now)
    except KeptElsewhere:
        db.rollback()
        return _elsewhere(request, db, petition_id, form, actor, now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        key, told = (error.key, error.values) if not isinstance(error, ValidationError) else _UNREADABLE
        return JSONResponse({"kind": "stopped", "why": render.sentence(request, key, told)}, 409)
    people = keeping.here(db, petition_id=petition_id, by=actor, now=now, writes=True)
    newest = _newest(db, petition_id)
    return JSONResponse(
        _state(request, row, now) | _people(request, people) | _newer(request, db, row, newest)
    )


#: What a program sent and no page of ours.
_UNREADABLE: tuple[str, dict[str, object]] = ("errors.bad_input", {})


@router.post("/here")
def here(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Note that the page is open; answer who else has it open."""
    petition = petitions.get(db, petition_id, actor=actor)
    documents.allowed(db, petition, by=actor)
    writes = posted.get("writes") == "1"
    return JSONResponse(
        _people(request, keeping.here(db, petition_id=petition_id, by=actor, now=now, writes=writes))
    )


@router.post("/discard")
def discard(petition_id: UUID, db: WriteDb, actor: Signed, _: Posted) -> Response:
    """Let go of the person's own working copy."""
    moves.load(db, petition_id, act=Act.SAVE_DRAFT, by=actor, version=None)
    keeping.forget(db, petition_id=petition_id, staff_id=actor.staff_id)
    return render.see_other(f"/petitions/{petition_id}/draft")


@router.get("/versions")
def listed(
    request: Request,
    petition_id: UUID,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    old: Number = 0,
    new: Number = 0,
) -> Response:
    """The versions of the present round, and the differences between any two."""
    found = casework.whole(db, petition_id, actor=actor)
    if found.petition.erased_at is not None:
        raise Conflict("petitions.erased")
    all_ = replies.versions(db, found.reply.id) if found.reply else []
    by_number = {each.number: each for each in all_}
    newer = by_number.get(new) or (all_[0] if all_ else None)
    older = by_number.get(old) or (by_number.get(newer.number - 1) if newer else None)
    before = versions.unpacked(older.content) if older else None
    after = versions.unpacked(newer.content) if newer else None
    changes = (
        differences.of_drafts(before, after, draft_router.outcome_words(request)) if before and after else []
    )
    looks.opened(db, found.petition, by=actor, now=now, what="draft")
    return render.page(
        request,
        "desk/draft_versions.html",
        found=found,
        versions=all_,
        older=older,
        newer=newer,
        changes=changes,
        before=before,
        content=after,
        names=accounts.names(db, {each.by for each in all_ if each.by}),
    )


@router.post("/remarks")
def remark(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Say something of a passage."""
    part, _, demand = str(posted.get("place", "")).partition("-")
    values = {name: posted.get(name, "") for name in ("quote", "words")} | {"part": part, "demand_id": demand}
    try:
        keeping.remark(
            db, petition_id=petition_id, form=forms.Remark.model_validate(values), by=actor, now=now
        )
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        problem = draft_router.sentence(request, error)
        return draft_router.page(request, db, petition_id, actor, now, problem=problem, remark=posted)
    return render.see_other(f"/petitions/{petition_id}/draft?remarked=1#remarks")


def _newest(s: Session, petition_id: UUID) -> DraftVersion | None:
    reply = replies.latest(s, petition_id)
    return replies.newest_version(s, reply.id) if reply else None


def _state(request: Request, row: WorkingDraft, now: datetime) -> dict[str, object]:
    at = words.moment_words(row.saved_at, court_day(now), render.lang_of(request))
    return {"revision": row.revision, "said": render.sentence(request, "drafting.state.kept", {"at": at})}


def _people(request: Request, people: list[tuple[str, bool]]) -> dict[str, object]:
    """Return the sentences about the others, writers first."""
    comma, said = render.sentence(request, "drafting.people.comma", {}), []
    for key, writing in (("write", True), ("read", False)):
        names = comma.join(name for name, writes in people if writes is writing)
        if names:
            said.append(render.sentence(request, f"drafting.people.{key}", {"names": names}))
    return {"people": " ".join(said)}


def _newer(request: Request, s: Session, row: WorkingDraft, newest: DraftVersion | None) -> dict[str, object]:
    """Say that another version was saved since the one the page began from."""
    if newest is None or newest.number <= row.based_on:
        return {}
    who = accounts.names(s, {newest.by}).get(newest.by, "") if newest.by else ""
    told = {"who": who, "number": newest.number}
    return {"newer": render.sentence(request, "drafting.found.newer", told)}


def _elsewhere(
    request: Request, s: Session, petition_id: UUID, form: forms.Keep, actor: Actor, now: datetime
) -> Response:
    """Answer with what the person's other window keeps, laid beside what this one holds."""
    found = casework.whole(s, petition_id, actor=actor)
    row = drafting.working(s, petition_id, actor.staff_id)
    demands = {each.id: each for each in found.demands}
    mine = drafts.current(keeping.content_of(form, demands), found.demands)
    other = (
        drafts.current(versions.unpacked(row.content), found.demands) if row else drafts.saved_content(found)
    )
    changes = differences.of_drafts(other, mine, draft_router.outcome_words(request))
    looks.opened(s, found.petition, by=actor, now=now, what="draft")
    shown = render.page(request, "desk/draft_changes.html", changes=changes)
    revision = row.revision if row else 0
    why = render.sentence(request, "drafting.kept_elsewhere", {})
    html = bytes(shown.body).decode()
    return JSONResponse({"kind": "elsewhere", "why": why, "revision": revision, "html": html}, 409)
