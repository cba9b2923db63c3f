"""The reply being written: demands in view, one answer each. Whatever is refused comes back as it was typed."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import acts, looks
from central.casework import queries as casework
from central.desk import drafts, refusals
from central.drafting import forms as kept_forms
from central.drafting import queries as drafting
from central.drafting import service as keeping
from central.errors import Conflict, Invalid
from central.letters import wording
from central.petitions.moves import Stale
from central.petitions.states import Act
from central.replies import versions
from central.replies.models import Outcome
from central.replies.versions import Content
from central.replies.wholeness import PARTS
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)


@router.get("/draft")
def draft(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The draft as it stands, or as the person was writing it."""
    return page(request, db, petition_id, actor, now)


@router.post("/draft")
def save_draft(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep the draft as a version; with the button `submit` send it to the leader as well, with `resolve` end a remark.

    With `enclose` it goes on to the enclosures. With `insert` nothing is saved: the page comes back with a template in its place.
    """
    values, version = refusals.without_version(posted)
    submit, resolve = values.pop("submit", None) is not None, values.pop("resolve", None)
    insert, revision = values.pop("insert", None), values.pop("revision", "")
    enclose = values.pop("enclose", None) is not None
    chosen = {name: values.pop(name) for name in [*values] if name.startswith("choose-")}
    if insert is not None:
        key = str(chosen.get(f"choose-{insert}", ""))
        return page(request, db, petition_id, actor, now, typed=values, insert=(key, str(insert)))
    try:
        form = form_of(values)
        acts.perform(
            db, petition_id=petition_id, act=Act.SAVE_DRAFT, values=form, by=actor, now=now, version=version
        )
        if resolve is not None:
            keeping.resolve(db, petition_id=petition_id, remark_id=_id(resolve), by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        if isinstance(error, Conflict):
            _keep_typed(db, petition_id, values, revision, actor, now)
        problem = sentence(request, error)
        return page(request, db, petition_id, actor, now, typed=values, problem=problem, error=error)
    keeping.forget(db, petition_id=petition_id, staff_id=actor.staff_id)
    if enclose:
        return render.see_other(f"/petitions/{petition_id}/draft/enclosures")
    if not submit:
        return render.see_other(f"/petitions/{petition_id}/draft?saved=1")
    try:
        acts.perform(db, petition_id=petition_id, act=Act.SUBMIT, values={}, by=actor, now=now)
    except Conflict as error:  # what was saved stays saved
        return page(request, db, petition_id, actor, now, problem=sentence(request, error))
    return render.see_other(f"/petitions/{petition_id}")


def _id(text: object) -> UUID:
    try:
        return UUID(str(text))
    except ValueError:
        raise Invalid("fields.problem.other", field="resolve") from None


def _keep_typed(
    s: Session, petition_id: UUID, values: Mapping[str, Any], revision: object, actor: Actor, now: datetime
) -> None:
    """Keep refused words as the person's working copy, so that a closed tab does not lose them; a second refusal changes nothing."""
    try:
        form = kept_forms.Keep.model_validate(form_of(values) | {"revision": str(revision) or "0"})
        keeping.keep(s, petition_id=petition_id, form=form, by=actor, now=now)
        s.flush()
    except (ValidationError, Invalid, Conflict):
        s.rollback()


def sentence(request: Request, error: ValidationError | Invalid | Conflict) -> str:
    """Return what is said of a refusal."""
    if isinstance(error, ValidationError):
        return next(iter(refusals.problems(error, partial(render.sentence, request)).values()))
    return render.sentence(request, error.key, error.values)


def form_of(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the draft of a form, whose fields are named `outcome-<demand>`, `facts-<demand>`, `basis-<demand>`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        part, _, demand = name.partition("-")
        if name in {"text", "based_on"}:
            continue
        if part not in PARTS or not demand:
            raise Invalid("fields.problem.other", field=name)
        found.setdefault(demand, {"demand_id": demand})[part] = str(value)
    return {
        "text": values.get("text", ""),
        "items": list(found.values()),
        "based_on": values.get("based_on", ""),
    }


def outcome_words(request: Request) -> dict[str, str]:
    """Return the words for each outcome in the language of the page."""
    return {str(each): render.sentence(request, f"replies.outcome.{each}", {}) for each in Outcome}


def page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    typed: Mapping[str, Any] | None = None,
    problem: str = "",
    error: Exception | None = None,
    insert: tuple[str, str] | None = None,
    remark: Mapping[str, Any] | None = None,
) -> Response:
    """Return the page: `typed` are words that were not saved, `remark` one that was refused."""
    found = casework.whole(s, petition_id, actor=actor)
    if found.petition.erased_at is not None:
        raise Conflict("petitions.erased")
    open_ = {offer.act for offer in acts.offers(found.petition, found.demands, actor)}
    editable = Act.SAVE_DRAFT in open_
    shown, based_on = _shown(s, found, actor, typed, editable)
    if shown is not None and insert:
        shown = drafts.inserted(s, found, shown, key=insert[0], target=insert[1], now=now)
    content = drafts.saved_content(found) if shown is None else shown
    around = _around(request, s, found, actor, now, shown, based_on, editable=editable)
    if isinstance(error, Stale) and around.beside is not None:
        problem = render.sentence(request, "replies.changed_meanwhile", {})
    same = drafts.template_only(s, found, now) if found.reply and not editable else {}
    looks.opened(s, found.petition, by=actor, now=now, what="draft")
    return render.page(
        request,
        "desk/draft.html",
        status=422 if problem else 200,
        found=found,
        around=around,
        editable=editable,
        remarking=Act.SEND_BACK in open_,
        remark=remark or {},
        answers=drafts.answers_of(content),
        text=content.text,
        based_on=around.newest if based_on is None else based_on,
        from_working=typed is None and shown is not None,
        inserted=insert is not None,
        same=same,
        outcomes=list(Outcome),
        printed=wording,
        received_on=court_day(found.petition.received_at),
        problem=problem,
        saved="saved" in request.query_params,
    )


def _around(
    request: Request,
    s: Session,
    found: casework.Whole,
    actor: Actor,
    now: datetime,
    shown: Content | None,
    based_on: int | None,
    *,
    editable: bool,
) -> drafts.Desk:
    return drafts.desk(
        s,
        found,
        staff_id=actor.staff_id,
        now=now,
        shown=shown,
        based_on=based_on,
        outcomes=outcome_words(request),
        editable=editable,
    )


def _shown(
    s: Session,
    found: casework.Whole,
    actor: Actor,
    typed: Mapping[str, Any] | None,
    editable: bool,  # noqa: FBT001
) -> tuple[Content | None, int | None]:
    """Return the words of the page where they are not those last saved, and the version they began from."""
    if typed is not None:
        given = str(typed.get("based_on", ""))
        known = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else None
        return drafts.typed_content(found.demands, typed), known
    row = drafting.working(s, found.petition.id, actor.staff_id) if editable else None
    if row is None:
        return None, None
    content = drafts.current(versions.unpacked(row.content), found.demands)
    if content == drafts.saved_content(found):
        return None, None
    return content, row.based_on
