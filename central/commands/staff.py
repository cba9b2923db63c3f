"""`minyi staff`: people, their roles and grants, for whoever runs the machine. The same services as the page `/staff`."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlmodel import Session

from central import db
from central.accounts import grants, queries
from central.accounts.models import Staff
from central.actor import Actor, Role, Via, system
from central.commands.common import Data, Json, open_context, refusals, show
from central.courts import queries as courts
from central.courts.models import Court
from central.errors import NotFound

staff_app = typer.Typer(help="People, their roles and further grants.", no_args_is_help=True)

Reason = Annotated[str, typer.Option("--reason", help="Goes on record.")]
PAGE = 200


@contextmanager
def _work(data: Data) -> Iterator[tuple[Session, Actor, datetime]]:
    """Give a unit of work with who acts and when; a refusal ends the command with its sentence."""
    context = open_context(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        yield s, system(Via.COMMAND), context.clock.now()


@staff_app.command("list")
def list_(
    court: Annotated[str, typer.Option(help="Code of a court: its people and those of the courts below.")],
    find: Annotated[str, typer.Option(help="Part of a name or a user name.")] = "",
    after: Annotated[str, typer.Option(help="Go on behind this user name.")] = "",
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """List people by user name, at most 200."""
    with _work(data) as (s, _, _now):
        rows = queries.found(s, [courts.by_code(s, court).path], text=find, after=after, limit=PAGE)
        found = {one.username: _line(one, at) for one, at in rows}
    show(found, as_json=json)


def _line(one: Staff, at: Court) -> str:
    return " ".join([at.code, one.name, one.roles, *([] if one.active else ["closed"])])


@staff_app.command("show")
def show_(username: str, data: Data = None, *, json: Json = False) -> None:
    """Print somebody's account and what was granted, each grant with its id."""
    with _work(data) as (s, by, _):
        staff = grants.managed(s, username=username, by=by)
        facts: dict[str, Any] = {"name": staff.name, "roles": staff.roles, "active": staff.active}
        facts |= {str(each.row.id): _granted(each) for each in queries.given(s, staff.id)}
    show(facts, as_json=json)


def _granted(each: queries.Given) -> str:
    reach = each.department.code if each.department else "below" if each.row.below else "alone"
    return f"{each.row.role} {each.court.code} {reach} {each.row.granted_at.isoformat()} {each.by}".rstrip()


@staff_app.command("roles")
def roles(
    username: str,
    role: Annotated[list[Role], typer.Option(help="All roles at home; may be given several times.")],
    reason: Reason,
    data: Data = None,
    *,
    json: Json = False,
) -> None:
    """Set the roles at home; open sessions of the person end."""
    with _work(data) as (s, by, now):
        staff = grants.managed(s, username=username, by=by)
        grants.set_roles(s, staff=staff, roles=role, reason=reason, by=by, now=now)
        found = {"username": username, "roles": staff.roles}
    show(found, as_json=json)


@staff_app.command("grant")
def grant(
    username: str,
    role: Annotated[Role, typer.Option(help="The role.")],
    court: Annotated[str, typer.Option(help="Code of the court.")],
    reason: Reason,
    department: Annotated[str, typer.Option(help="Code of a department: over that one alone.")] = "",
    data: Data = None,
    *,
    below: Annotated[bool, typer.Option("--below", help="Over the courts below it as well.")] = False,
    json: Json = False,
) -> None:
    """Give a role over a court, with those below it, or over one department; open sessions of the person end."""
    with _work(data) as (s, by, now):
        at = grants.place(s, code=court, by=by)
        row = grants.grant(
            s,
            staff=grants.managed(s, username=username, by=by),
            role=role,
            court=at,
            below=below,
            department_id=_department(s, at, department),
            reason=reason,
            by=by,
            now=now,
        )
        found = {"username": username, "grant": str(row.id)}
    show(found, as_json=json)


def _department(s: Session, at: Court, code: str) -> UUID | None:
    if not code:
        return None
    found = next((each.id for each in courts.departments(s, at.id) if each.code == code), None)
    if found is None:
        raise NotFound("accounts.no_such_department", department=code, court=at.code)
    return found


@staff_app.command("revoke")
def revoke(username: str, grant_id: UUID, reason: Reason, data: Data = None, *, json: Json = False) -> None:
    """End a grant at once; `minyi staff show` prints its id."""
    with _work(data) as (s, by, now):
        staff = grants.managed(s, username=username, by=by)
        grants.revoke(s, staff=staff, grant_id=grant_id, reason=reason, by=by, now=now)
    show({"username": username, "revoked": str(grant_id)}, as_json=json)


@staff_app.command("close")
def close(username: str, reason: Reason, data: Data = None, *, json: Json = False) -> None:
    """Close an account: sessions end, tokens are refused."""
    _set_active(username, reason, data, active=False, as_json=json)


@staff_app.command("open")
def open_(username: str, reason: Reason, data: Data = None, *, json: Json = False) -> None:
    """Open a closed account again."""
    _set_active(username, reason, data, active=True, as_json=json)


def _set_active(username: str, reason: str, data: Data, *, active: bool, as_json: bool) -> None:
    with _work(data) as (s, by, now):
        staff = grants.managed(s, username=username, by=by)
        grants.set_active(s, staff=staff, active=active, reason=reason, by=by, now=now)
    show({"username": username, "active": active}, as_json=as_json)
