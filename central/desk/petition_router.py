"""One petition: its page, its acts, its deadline sheets. Its draft has a router of its own."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import queries as access
from central.access.models import Look
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.asks import queries as asks
from central.asks.models import PetitionerAsk
from central.casework import acts, documents, looks, sheets
from central.casework import queries as casework
from central.deadlines import in_force, sheet
from central.deadlines import router as sheet_page
from central.deadlines.shipped import rights
from central.desk import (
    document_router,
    doubts,
    draft_router,
    drafting_router,
    drafts,
    enclosing_router,
    letter_router,
    panel,
    refusals,
)
from central.errors import Conflict, Invalid, NotFound
from central.events.kinds import Kind
from central.followup import queries as followup
from central.neglect import service as neglect
from central.petitions import queries as petitions
from central.petitions.numbering import shown_code
from central.petitions.states import Act
from central.sorting import scheme
from central.supervision import queries as supervision
from central.supervision import service as orders
from central.web import render
from shared.clock import court_day

#: Looks that stand on the page itself; the rest is on a page of its own.
SEEN = 5

router = APIRouter(prefix="/petitions/{petition_id}", include_in_schema=False)
router.include_router(draft_router.router)
router.include_router(drafting_router.router)
router.include_router(enclosing_router.router)
router.include_router(document_router.router)
router.include_router(letter_router.router)


@router.get("")
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The petition, with what this person may do to it now."""
    return _page(request, db, petition_id, actor, now=now)


@router.get("/print")
def printed(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The petition as it goes to paper. Asking for it is the look that is recorded; the page opens the printing dialog."""
    return _page(request, db, petition_id, actor, now=now, how=Look.PRINTED)


@router.post("/acts/{act}")
def act(
    request: Request, petition_id: UUID, act: Act, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Carry out an act; what is refused comes back with what was typed."""
    if act not in acts.WAYS or act in panel.OWN_PAGE:
        raise NotFound
    values, version = refusals.without_version(posted)
    try:
        done = acts.perform(
            db, petition_id=petition_id, act=act, values=values, by=actor, now=now, version=version
        )
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        return _refused(request, db, petition_id, actor, now=now, act=act, values=values, error=error)
    if act is Act.REISSUE_CODE:
        petition = petitions.found(db, petition_id)
        context: dict[str, Any] = {
            "petition": petition,
            "code": shown_code(str(done)),
            "again": False,
            "reissued": True,
            "kept": (),
            "refused": (),
            "cases": (),
            "paper_flag": None,
        }
        return render.page(request, "desk/registered.html", **context)
    theirs = _still_theirs(db, petition_id, actor, now)
    return render.see_other(f"/petitions/{petition_id}" if theirs else "/today")


def _still_theirs(s: Session, petition_id: UUID, actor: Actor, now: datetime) -> bool:
    """Say whether the petition opens for them without a question: an approver who sent it back is done with it."""
    s.flush()  # a transfer may have taken the petition out of sight
    try:
        petition = petitions.get(s, petition_id, actor=actor)
    except NotFound:
        return False
    return looks.opens(s, petition, by=actor, now=now)


def _refused(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    *,
    now: datetime,
    act: Act,
    values: dict[str, Any],
    error: ValidationError | Invalid | Conflict,
) -> Response:
    if isinstance(error, Conflict):
        notice = render.sentence(request, error.key, error.values)
        tried = panel.Tried(act, values, {})
        return _page(request, s, petition_id, actor, now=now, tried=tried, notice=notice, status=409)
    tried = panel.Tried(act, values, refusals.problems(error, partial(render.sentence, request)))
    return _page(request, s, petition_id, actor, now=now, tried=tried, status=422)


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    *,
    now: datetime,
    tried: panel.Tried | None = None,
    notice: str = "",
    status: int = 200,
    how: Look = Look.OPENED,
) -> Response:
    found = casework.whole(s, petition_id, actor=actor)
    context: dict[str, Any] = {
        "found": found,
        "entries": panel.entries(s, found, actor, today=court_day(now), tried=tried),
        "rights": rights(),
        "categories": scheme.current().categories,
        "paper": doubts.of_petitioner(found.petitioner, today=court_day(now)),
        "tried": tried,
        "notice": notice,
        "seen": access.of_petition(s, petition_id, limit=SEEN),
        "most_seen": SEEN,
        "answered": followup.answered,
        "counted": followup.counted,
        "may_add": documents.may(s, found.petition, by=actor),
        "asked": _asked(s, found),
        "stand_in": _stand_in(found, actor),
        "supervised": _supervised(s, found),
        "may_order": orders.may_order(s, found.petition, actor),
        "warning": _warning(request, s, found, actor, now=now),
        "same": drafts.template_only(s, found, now) if _waits_for(actor, found) else {},
    }
    looks.opened(s, found.petition, by=actor, now=now, how=how)
    return render.page(request, "desk/petition.html", status=status, printing=how is Look.PRINTED, **context)


def _stand_in(found: casework.Whole, actor: Actor) -> str:
    """Return the reader's name where they stand in for the one who is to approve now: others are spared the look."""
    named = found.petition.approver_id or found.petition.leader_id
    return actor.name if found.approver and actor.place_of(named) else ""


def _asked(s: Session, found: casework.Whole) -> Sequence[PetitionerAsk]:
    """Return what the petitioner sent later; what never came is not asked for."""
    sent = {Kind.ASK_SUPPLEMENT_ADDED, Kind.ASK_OBJECTION_MADE, Kind.PETITION_SUPPLEMENTED}
    gone = found.petition.erased_at is not None
    return (
        []
        if gone or not any(line.kind in sent for line in found.timeline)
        else asks.of_petition(s, found.petition.id)
    )


def _supervised(s: Session, found: casework.Whole) -> supervision.OfPetition:
    if all(line.kind is not Kind.ORDER_GIVEN for line in found.timeline):
        return supervision.OfPetition()
    return supervision.of_petition(s, found.petition.id)


def _waits_for(actor: Actor, found: casework.Whole) -> bool:
    """Say whether a reply waits for a leader who reads it: to them it is said which answers are templates only."""
    return found.reply is not None and found.reply.status == "submitted" and actor.has_anywhere(Role.LEADER)


def _warning(
    request: Request, s: Session, found: casework.Whole, actor: Actor, *, now: datetime
) -> neglect.Warning_ | None:
    if not may(actor, Right.SEE_NEGLECT):
        return None
    wanted, day = context_of(request).settings.neglect, court_day(now)
    return neglect.of_petition(s, found.petition, found.clocks, found.pauses, day=day, wanted=wanted)


@router.get("/clocks/{clock_id}")
def deadline_sheet(
    request: Request,
    petition_id: UUID,
    clock_id: UUID,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    to_paper: Annotated[bool, Query(alias="print")] = False,
) -> Response:
    """How a due date was derived, so that anyone can check it by hand; with `print` it goes to paper."""
    found = casework.whole(db, petition_id, actor=actor)
    clock = next((each for each in found.clocks if each.id == clock_id), None)
    if clock is None:
        raise NotFound
    derived = in_force.sheet(db, clock, found.pauses, court_day(now))
    days = list(sheet.days(derived))
    stretches = list(sheet.stretches(days))
    context: dict[str, Any] = {
        "found": found,
        "told": sheets.sheet_of(found, clock, derived),
        "clock": clock,
        "derived": derived,
        "days": days,
        "stretches": stretches,
        "printing": to_paper,
    }
    how = Look.PRINTED if to_paper else Look.OPENED
    looks.opened(db, found.petition, by=actor, now=now, how=how, what="sheet")
    return render.page(request, "desk/deadline.html", **context)


@router.get("/clocks/{clock_id}/sheet.pdf")
def deadline_pdf(
    request: Request, petition_id: UUID, clock_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """The sheet as PDF, to be filed or handed over; recorded as a look that went to paper."""
    found = casework.whole(db, petition_id, actor=actor)
    clock = next((each for each in found.clocks if each.id == clock_id), None)
    if clock is None:
        raise NotFound
    told = sheets.sheet_of(found, clock, in_force.sheet(db, clock, found.pauses, court_day(now)))
    looks.opened(db, found.petition, by=actor, now=now, how=Look.PRINTED, what="sheet")
    return sheet_page.pdf(request, told)
