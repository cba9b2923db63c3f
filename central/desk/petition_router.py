"""One petition: its page, its acts, its draft, its deadline sheets."""

from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import acts
from central.casework import queries as casework
from central.deadlines import service as deadlines
from central.deadlines.calendar import shipped_calendar
from central.desk import fields, queries
from central.errors import Invalid, NotFound
from central.petitions import queries as petitions
from central.petitions.numbering import shown_code
from central.petitions.states import Act
from central.replies.models import Outcome
from central.web import render
from shared.clock import court_day

router = APIRouter(prefix="/petitions/{petition_id}", include_in_schema=False)

#: Acts with a page of their own instead of a form in the panel.
OWN_PAGE = frozenset({Act.SAVE_DRAFT})


@router.get("")
def show(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The petition, with what this person may do to it now."""
    return _page(request, db, petition_id, actor, now=now)


@router.post("/acts/{act}")
def act(
    request: Request, petition_id: UUID, act: Act, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Carry out an act; wrong input comes back with what was typed."""
    values, version = _without_version(posted)
    try:
        done = acts.perform(
            db, petition_id=petition_id, act=_on_page(act), values=values, by=actor, now=now, version=version
        )
    except ValidationError as error:
        return _page(
            request,
            db,
            petition_id,
            actor,
            now=now,
            tried=act,
            values=values,
            problems=fields.problems(error),
        )
    except Invalid as error:
        problems = {error.field: error.key}
        return _page(request, db, petition_id, actor, now=now, tried=act, values=values, problems=problems)
    if act is Act.REISSUE_CODE:
        petition = petitions.found(db, petition_id)
        return render.page(request, "desk/registered.html", petition=petition, code=shown_code(str(done)))
    return render.see_other(
        f"/petitions/{petition_id}" if _still_visible(db, petition_id, actor) else "/today"
    )


def _on_page(act: Act) -> Act:
    if act not in acts.WAYS or act in OWN_PAGE:
        raise NotFound
    return act


def _still_visible(s: Session, petition_id: UUID, actor: Actor) -> bool:
    s.flush()  # a transfer may have taken the petition out of sight
    try:
        petitions.get(s, petition_id, actor=actor)
    except NotFound:
        return False
    return True


def _without_version(posted: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    values = dict(posted)
    version = str(values.pop("version", ""))
    return values, int(version) if version.isdigit() else None


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    *,
    now: Any,
    tried: Act | None = None,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    found = casework.whole(s, petition_id, actor=actor)
    offers = acts.offers(s, found.petition, actor)
    forms = {
        offer.act: fields.describe(acts.WAYS[offer.act].form, queries.choices(s, found.petition, offer.act))
        for offer in offers
        if offer.act not in OWN_PAGE
    }
    return render.page(
        request,
        "desk/petition.html",
        status=422 if problems else 200,
        found=found,
        offers=offers,
        forms=forms,
        tried=tried,
        values=values or {},
        problems=problems or {},
        today=court_day(now),
    )


@router.get("/draft")
def draft(request: Request, petition_id: UUID, db: ReadDb, actor: Signed) -> Response:
    """The reply being written: demands in view, one answer each."""
    found = casework.whole(db, petition_id, actor=actor)
    editable = any(offer.act is Act.SAVE_DRAFT for offer in acts.offers(db, found.petition, actor))
    return render.page(
        request, "desk/draft.html", found=found, editable=editable, outcomes=list(Outcome), problem=None
    )


@router.post("/draft")
def save_draft(petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Keep the draft as it stands; with the button `submit` send it to the leader as well."""
    values, version = _without_version(posted)
    submit = values.pop("submit", None)
    form = {"text": values.pop("text", ""), "items": _items(values)}
    acts.perform(
        db, petition_id=petition_id, act=Act.SAVE_DRAFT, values=form, by=actor, now=now, version=version
    )
    if submit is None:
        return render.see_other(f"/petitions/{petition_id}/draft")
    acts.perform(db, petition_id=petition_id, act=Act.SUBMIT, values={}, by=actor, now=now)
    return render.see_other(f"/petitions/{petition_id}")


def _items(values: dict[str, Any]) -> list[dict[str, str]]:
    """Return the answers of the draft form, whose fields are named `outcome-<demand>`, `facts-<demand>`, `basis-<demand>`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        part, _, demand = name.partition("-")
        if part not in {"outcome", "facts", "basis"} or not demand:
            raise Invalid("fields.problem.other", field=name)
        found.setdefault(demand, {"demand_id": demand})[part] = str(value)
    return list(found.values())


@router.get("/clocks/{clock_id}")
def deadline_sheet(
    request: Request, petition_id: UUID, clock_id: UUID, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """How a due date was derived, so that anyone can check it by hand."""
    found = casework.whole(db, petition_id, actor=actor)
    clock = next((each for each in found.clocks if each.id == clock_id), None)
    if clock is None:
        raise NotFound
    derived = deadlines.derive(clock, found.pauses, shipped_calendar(), today=court_day(now))
    return render.page(request, "desk/deadline.html", found=found, clock=clock, derived=derived)
