"""`/staff`: a court administrator's people: accounts, roles at home, further grants. Nobody changes their own."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts import forms, grants, queries, resets
from central.accounts.edge import Config, Now, Posted, Proved, ReadDb, Signed, WriteDb
from central.accounts.models import Staff
from central.accounts.permissions import GIVEN, administered
from central.actor import Actor
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import Forbidden, Invalid
from central.web import render

router = APIRouter(prefix="/staff", include_in_schema=False)
PAGE = 50
_NOTHING: dict[str, Any] = {}


@router.get("")
def people(
    request: Request,
    db: ReadDb,
    actor: Signed,
    *,
    q: Annotated[str, Query(max_length=100)] = "",
    court: Annotated[str, Query(max_length=12)] = "",
    after: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    """The people of the courts the administrator manages, by user name."""
    reach = _reach(db, actor)
    chosen = next((each.id for each in reach if each.code == court), None)
    rows = queries.found(
        db, administered(actor), text=q.strip(), court_id=chosen, after=after, limit=PAGE + 1
    )
    shown: dict[str, Any] = {
        "people": rows[:PAGE],
        "more": len(rows) > PAGE,
        "reach": reach,
        "q": q,
        "court": court,
    }
    return render.page(request, "accounts/staff.html", **shown)


@router.get("/new")
def new(request: Request, db: ReadDb, actor: Signed, _: Proved, court: str = "") -> Response:
    """The form for a new account: the court first, if there are several, then the person."""
    return _new_page(request, db, actor, {"court": court})


@router.post("")
def create(
    request: Request, db: WriteDb, actor: Signed, _: Proved, posted: Posted, config: Config, now: Now
) -> Response:
    """Make the account and show the one-time code for the first sign-in, this once."""
    _reach(db, actor)
    try:
        form = forms.NewAccount.model_validate(posted)
        court = grants.place(db, code=form.court, by=actor)
        life = timedelta(minutes=config.sign_in.reset_minutes)
        staff, code = grants.add(db, court=court, form=form, by=actor, now=now, life=life)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _new_page(request, db, actor, posted, _problems(request, error))
    shown = {"person": staff, "code": code, "minutes": config.sign_in.reset_minutes}
    return render.page(request, "accounts/staff_made.html", status=201, **shown)


@router.get("/{staff_id}")
def one(request: Request, staff_id: UUID, db: ReadDb, actor: Signed) -> Response:
    """One person: account, roles at home, further grants with who gave them and when."""
    return _page(request, db, actor, resets.person_for(db, admin=actor, staff_id=staff_id))


@router.post("/{staff_id}/roles")
def set_roles(
    request: Request, staff_id: UUID, db: WriteDb, actor: Signed, _: Proved, posted: Posted, now: Now
) -> Response:
    """Set the roles at home."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    try:
        form = forms.HomeRoles.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, staff, "roles", posted, forms.problems(error))
    grants.set_roles(db, staff=staff, roles=form.roles, reason=form.reason, by=actor, now=now)
    return render.see_other(f"/staff/{staff_id}")


@router.post("/{staff_id}/close")
def close(
    request: Request, staff_id: UUID, db: WriteDb, actor: Signed, _: Proved, posted: Posted, now: Now
) -> Response:
    """Close the account: its sessions end, its tokens are refused."""
    return _set_active(request, db, actor, staff_id, posted, now, active=False)


@router.post("/{staff_id}/open")
def open_again(
    request: Request, staff_id: UUID, db: WriteDb, actor: Signed, _: Proved, posted: Posted, now: Now
) -> Response:
    """Open a closed account again."""
    return _set_active(request, db, actor, staff_id, posted, now, active=True)


def _set_active(
    request: Request,
    db: Session,
    actor: Actor,
    staff_id: UUID,
    posted: dict[str, Any],
    now: Now,
    *,
    active: bool,
) -> Response:
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    try:
        form = forms.Because.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, staff, "active", posted, forms.problems(error))
    grants.set_active(db, staff=staff, active=active, reason=form.reason, by=actor, now=now)
    return render.see_other(f"/staff/{staff_id}")


@router.get("/{staff_id}/grants")
def new_grant(
    request: Request, staff_id: UUID, db: ReadDb, actor: Signed, _: Proved, court: str = ""
) -> Response:
    """The form for a further role: the court first, then role and reach."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    return _grant_page(request, db, actor, staff, {"court": court})


@router.post("/{staff_id}/grants")
def grant(
    request: Request, staff_id: UUID, db: WriteDb, actor: Signed, _: Proved, posted: Posted, now: Now
) -> Response:
    """Give a role over a court or a department."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    try:
        form = forms.NewGrant.model_validate(posted)
        grants.give(db, staff=staff, form=form, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _grant_page(request, db, actor, staff, posted, _problems(request, error))
    return render.see_other(f"/staff/{staff_id}#grants")


@router.post("/{staff_id}/grants/{grant_id}/revoke")
def revoke(
    request: Request,
    staff_id: UUID,
    grant_id: UUID,
    db: WriteDb,
    actor: Signed,
    _: Proved,
    posted: Posted,
    now: Now,
) -> Response:
    """End a further role at once."""
    staff = resets.person_for(db, admin=actor, staff_id=staff_id)
    try:
        form = forms.Because.model_validate(posted)
    except ValidationError as error:
        return _page(request, db, actor, staff, str(grant_id), posted, forms.problems(error))
    grants.revoke(db, staff=staff, grant_id=grant_id, reason=form.reason, by=actor, now=now)
    return render.see_other(f"/staff/{staff_id}#grants")


def _reach(s: Session, actor: Actor) -> Sequence[Court]:
    """Return the courts whose staff the actor manages, in the order of the tree; raise `Forbidden` if there are none."""
    roots = administered(actor)
    if not roots:
        raise Forbidden("accounts.staff.admins_only")
    found = {court.id: court for root in roots for court in courts.below(s, root)}
    return sorted(found.values(), key=lambda court: court.path)


def _problems(request: Request, error: ValidationError | Invalid) -> dict[str, str]:
    if isinstance(error, ValidationError):
        return forms.problems(error)
    return {error.field: render.sentence(request, error.key, error.values)}


def _chosen(s: Session, reach: Sequence[Court], values: dict[str, Any]) -> dict[str, Any]:
    """Return what a form needs once its court is chosen: the court, its departments, the roles."""
    only = reach[0] if len(reach) == 1 else None
    court = next((each for each in reach if each.code == values.get("court")), only)
    departments = courts.departments(s, court.id) if court else []
    return {"reach": reach, "court": court, "departments": departments, "roles": GIVEN, "values": values}


def _new_page(
    request: Request, s: Session, actor: Actor, values: dict[str, Any], problems: dict[str, str] = _NOTHING
) -> Response:
    shown = _chosen(s, _reach(s, actor), values)
    return render.page(
        request, "accounts/staff_new.html", status=422 if problems else 200, problems=problems, **shown
    )


def _grant_page(
    request: Request,
    s: Session,
    actor: Actor,
    staff: Staff,
    values: dict[str, Any],
    problems: dict[str, str] = _NOTHING,
) -> Response:
    shown = _chosen(s, _reach(s, actor), values) | {"person": staff, "problems": problems}
    return render.page(request, "accounts/staff_grant.html", status=422 if problems else 200, **shown)


def _page(
    request: Request,
    s: Session,
    actor: Actor,
    staff: Staff,
    form: str = "",
    values: dict[str, Any] = _NOTHING,
    problems: dict[str, str] = _NOTHING,
) -> Response:
    """Show a person; `form` is the one that came back with `problems`."""
    shown: dict[str, Any] = {
        "person": staff,
        "court": courts.get(s, staff.court_id),
        "department": next(
            (d for d in courts.departments(s, staff.court_id) if d.id == staff.department_id), None
        ),
        "given": queries.given(s, staff.id),
        "roles": GIVEN,
        "managed": administered(actor),
        "form": form,
        "values": values,
        "problems": problems,
    }
    return render.page(request, "accounts/staff_one.html", status=422 if problems else 200, **shown)
