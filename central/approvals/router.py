"""`/approvals`: the chains in force at one's court, and for those who set them the form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.approvals import forms, queries, service
from central.approvals.models import ApprovalChain
from central.approvals.rules import KINDS, MOST_STEPS, By, Spec, unpacked
from central.courts import queries as courts
from central.deadlines.shipped import book_of
from central.errors import Forbidden, Invalid
from central.web import render
from shared.i18n import Lang

router = APIRouter(prefix="/approvals", include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Shown:
    """A step in words: how it names, which role, and the name of the department or person; empty if it is gone."""

    by: By
    value: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A chain with its steps in words."""

    row: ApprovalChain
    steps: Sequence[Shown]


@router.get("")
def listed(request: Request, db: ReadDb, actor: Signed) -> Response:
    """What is in force at the person's court, and what was."""
    found, former = _chains(db, actor.court_id)
    people = {each for row in (*found, *former) for each in (row.set_by, row.ended_by) if each}
    specs = {row.id: unpacked(row.steps) for row in (*found, *former)}
    named = {UUID(each.value) for steps in specs.values() for each in steps if each.by is By.PERSON}
    names = accounts.names(db, people | named)
    departments = _departments(request, db, actor.court_id)

    def shown(row: ApprovalChain) -> Row:
        return Row(row, [_shown(each, names, departments) for each in specs[row.id]])

    return render.page(
        request,
        "approvals/list.html",
        found=[shown(row) for row in found],
        former=[shown(row) for row in former],
        names=names,
        may_keep=may(actor, Right.KEEP_CHAINS),
    )


@router.get("/new")
def ask(
    request: Request,
    db: ReadDb,
    actor: Signed,
    *,
    kind: Annotated[str, Query(max_length=20)] = "",
    rules: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """The form, with the steps of the chain for the same petitions if there is one."""
    _keepers(actor)
    found, _ = _chains(db, actor.court_id)
    same = next((row for row in found if (row.kind, row.rules) == (kind, rules)), None)
    steps = [each.text for each in unpacked(same.steps)] if same else []
    return _form(request, db, actor, {"kind": kind, "rules": rules, "steps": steps}, {})


@router.post("")
def write(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Put a chain in force."""
    _keepers(actor)
    try:
        service.write(db, form=forms.Write.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        steps = posted.get("steps", [])
        typed = posted | {"steps": [each for each in ([steps] if isinstance(steps, str) else steps) if each]}
        return _form(request, db, actor, typed, forms.problems(error), status=422)
    return render.see_other("/approvals")


@router.post("/end")
def end(db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Take a chain out of force."""
    _keepers(actor)
    service.end(db, which=forms.Which.model_validate(posted), by=actor, now=now)
    return render.see_other("/approvals")


def _chains(s: Session, court_id: UUID | None) -> tuple[Sequence[ApprovalChain], Sequence[ApprovalChain]]:
    if court_id is None:
        return (), ()
    return queries.in_force(s, court_id), queries.former(s, court_id)


def _departments(request: Request, s: Session, court_id: UUID | None) -> dict[str, str]:
    english = render.lang_of(request) is Lang.EN
    found = courts.departments(s, court_id) if court_id else ()
    return {each.id.hex: each.name_en if english else each.name for each in found}


def _shown(spec: Spec, names: dict[UUID, str], departments: dict[str, str]) -> Shown:
    match spec.by:
        case By.PERSON:
            return Shown(spec.by, spec.value, names.get(UUID(spec.value), ""))
        case By.DEPARTMENT:
            return Shown(spec.by, spec.value, departments.get(spec.value, ""))
        case _:
            return Shown(spec.by, spec.value)


def _keepers(actor: Actor) -> None:
    if not may(actor, Right.KEEP_CHAINS):
        raise Forbidden("approvals.not_yours")


def _form(
    request: Request,
    s: Session,
    actor: Actor,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 200,
) -> Response:
    court_id = actor.court_id
    return render.page(
        request,
        "approvals/form.html",
        status=status,
        values=values,
        problems=problems,
        kinds=KINDS,
        versions=[each for each in book_of(s).versions() if "/" not in each],
        roles=service.ROLES,
        departments=courts.departments(s, court_id) if court_id else (),
        people=queries.approvers(s, court_id) if court_id else (),
        most=MOST_STEPS,
    )
