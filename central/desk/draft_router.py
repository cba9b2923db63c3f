"""The reply being written: demands in view, one answer each. Whatever is refused comes back as it was typed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
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
from central.desk import refusals
from central.errors import Conflict, Invalid
from central.petitions.states import Act
from central.replies.models import Outcome, ReplyItem
from central.web import render

router = APIRouter(include_in_schema=False)
_PARTS = ("outcome", "facts", "basis")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one demand as the page shows it; `number` is the demand's."""

    demand_id: UUID
    number: int
    demand: str
    outcome: str
    facts: str
    basis: str

    @property
    def missing(self) -> tuple[str, ...]:
        """Parts that are still open (Regulation art. 32: outcome, facts and grounds, basis)."""
        return tuple(part for part in _PARTS if not str(getattr(self, part)).strip())


@router.get("/draft")
def draft(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The draft as it stands."""
    return _page(request, db, petition_id, actor, now)


@router.post("/draft")
def save_draft(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep the draft as it stands; with the button `submit` send it to the leader as well."""
    values, version = refusals.without_version(posted)
    submit = values.pop("submit", None) is not None
    try:
        form = {"text": values.get("text", ""), "items": _items(values)}
        acts.perform(
            db, petition_id=petition_id, act=Act.SAVE_DRAFT, values=form, by=actor, now=now, version=version
        )
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        return _page(request, db, petition_id, actor, now, typed=values, problem=_sentence(request, error))
    if not submit:
        return render.see_other(f"/petitions/{petition_id}/draft?saved=1")
    try:
        acts.perform(db, petition_id=petition_id, act=Act.SUBMIT, values={}, by=actor, now=now)
    except Conflict as error:  # what was saved stays saved
        return _page(request, db, petition_id, actor, now, problem=_sentence(request, error))
    return render.see_other(f"/petitions/{petition_id}")


def _sentence(request: Request, error: ValidationError | Invalid | Conflict) -> str:
    if isinstance(error, ValidationError):
        return render.sentence(
            request, next(iter(refusals.problems(error, partial(render.sentence, request)).values())), {}
        )
    return render.sentence(request, error.key, error.values)


def _items(values: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the answers of the form, whose fields are named `outcome-<demand>`, `facts-<demand>`, `basis-<demand>`."""
    found: dict[str, dict[str, str]] = {}
    for name, value in values.items():
        part, _, demand = name.partition("-")
        if name == "text":
            continue
        if part not in _PARTS or not demand:
            raise Invalid("fields.problem.other", field=name)
        found.setdefault(demand, {"demand_id": demand})[part] = str(value)
    return list(found.values())


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    typed: Mapping[str, Any] | None = None,
    problem: str = "",
) -> Response:
    found = casework.whole(s, petition_id, actor=actor)
    if found.petition.erased_at is not None:
        raise Conflict("petitions.erased")
    open_ = {offer.act for offer in acts.offers(found.petition, found.demands, actor)}
    saved = found.reply.text if found.reply else ""
    looks.opened(s, found.petition, by=actor, now=now, what="draft")
    return render.page(
        request,
        "desk/draft.html",
        status=422 if problem else 200,
        found=found,
        editable=Act.SAVE_DRAFT in open_,
        answers=_answers(found, typed),
        text=saved if typed is None else str(typed.get("text", "")),
        outcomes=list(Outcome),
        problem=problem,
        saved="saved" in request.query_params,
    )


def _answers(found: casework.Whole, typed: Mapping[str, Any] | None) -> Iterable[Answer]:
    return [
        Answer(each.id, each.number, each.text, **_parts(each.id, found.items.get(each.id), typed))
        for each in found.demands
    ]


def _parts(demand_id: UUID, item: ReplyItem | None, typed: Mapping[str, Any] | None) -> dict[str, str]:
    if typed is not None:
        return {part: str(typed.get(f"{part}-{demand_id}", "")) for part in _PARTS}
    return {part: (getattr(item, part) or "") if item else "" for part in _PARTS}
