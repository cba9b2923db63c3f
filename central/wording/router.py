"""`/wording`: templates and phrases in force at one's court, and for those who keep them the form to write them."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.web import render
from central.wording import forms, queries, service
from central.wording.models import Sort
from central.wording.shipped import placeholders

router = APIRouter(prefix="/wording", include_in_schema=False)


@router.get("")
def listed(request: Request, db: ReadDb, actor: Signed) -> Response:
    """Everything in force at the person's court, with where it comes from and how often phrases were used."""
    found = queries.in_force(db, actor.court_path, with_hidden=True)
    of_courts = {
        court.id: court for court in courts.some(db, {each.court_id for each in found if each.court_id})
    }
    return render.page(
        request,
        "wording/list.html",
        found=found,
        sorts=list(Sort),
        courts=of_courts,
        uses=queries.uses(db, actor.court_path),
        may_keep=may(actor, Right.KEEP_WORDING),
    )


@router.get("/new")
def ask(
    request: Request,
    db: ReadDb,
    actor: Signed,
    *,
    sort: Annotated[str, Query(max_length=12)] = Sort.ITEM,
    key: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The form, empty or with the words of the one whose place is to be taken."""
    _keepers(actor)
    values: dict[str, Any] = {"sort": sort if sort in set(Sort) else Sort.ITEM}
    if key:
        known = next((each for each in _all(db, actor) if each.key == key), None)
        if known is None:
            raise NotFound("wording.not_found")
        values = {
            name: getattr(known, name) for name in ("key", "sort", "outcome", "title", "words", "basis")
        }
    return _form(request, values, {})


@router.post("")
def write(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Put a template or phrase in force."""
    _keepers(actor)
    try:
        service.write(db, form=forms.Write.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        db.rollback()
        if isinstance(error, Conflict):
            return _form(request, posted, {"": render.sentence(request, error.key, error.values)}, status=409)
        return _form(request, posted, forms.problems(error), status=422)
    return render.see_other("/wording")


@router.post("/hide")
def hide(db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Do without an inherited one."""
    _keepers(actor)
    service.hide(db, key=forms.Key.model_validate(posted).key, by=actor, now=now)
    return render.see_other("/wording")


@router.post("/take-back")
def take_back(db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Take the court's own out of force."""
    _keepers(actor)
    service.take_back(db, key=forms.Key.model_validate(posted).key, by=actor, now=now)
    return render.see_other("/wording")


def _all(s: Session, actor: Actor) -> list[Any]:
    return list(queries.in_force(s, actor.court_path, with_hidden=True))


def _keepers(actor: Actor) -> None:
    if not may(actor, Right.KEEP_WORDING):
        raise Forbidden("wording.not_yours")


def _form(request: Request, values: dict[str, Any], problems_: dict[str, str], status: int = 200) -> Response:
    return render.page(
        request,
        "wording/form.html",
        status=status,
        values=values,
        problems=problems_,
        sorts=list(Sort),
        outcomes=forms.OUTCOMES,
        placeholders=placeholders(),
    )
