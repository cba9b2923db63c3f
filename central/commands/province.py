"""`minyi seed`, `minyi admin`, `minyi token`: courts, people and their keys."""

import secrets
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.accounts import service as accounts_service
from central.accounts.models import ApiToken, Staff
from central.actor import Actor, Role, Via, system
from central.commands.common import BAD_USE, Data, Json, open_context, refusals, say, show
from central.courts import queries as courts
from central.courts import service as courts_service
from central.courts.province import Province, StaffSpec, load_demo, load_province, packaged
from central.errors import NotFound

token_app = typer.Typer(help="API tokens.", no_args_is_help=True)
admin_app = typer.Typer(help="Accounts of staff.", no_args_is_help=True)

Demo = Annotated[bool, typer.Option("--demo", help="Add the made-up staff of the demonstration as well.")]
File = Annotated[Path | None, typer.Option("--file", help="Courts as TOML; default: the shipped province.")]
Password = Annotated[
    str,
    typer.Option("--password", help="Password of the demonstration staff; empty: a random one is printed."),
]


def seed(
    data: Data = None, file: File = None, *, demo: Demo = False, password: Password = "", json: Json = False
) -> None:
    """Create the courts and departments of a province; with --demo also its staff."""
    context = open_context(data)
    try:
        province = load_province(file.read_text("utf-8") if file else packaged("liaoning.toml"))
    except (OSError, ValueError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(BAD_USE) from None
    by, now = system(Via.COMMAND), context.clock.now()
    chosen = password or secrets.token_urlsafe(9)
    with db.unit_of_work(context.engine) as s:
        made = courts_service.seed(s, province=province, by=by, now=now)
        people = demo_staff(s, province, chosen, by=by, now=now) if demo else []
    shown = {"password": chosen} if people and not password else {}
    show({"courts": made, "staff": len(people), **shown}, as_json=json)


def demo_staff(s: Session, province: Province, password: str, *, by: Actor, now: datetime) -> list[Staff]:
    """Create those people of the demonstration who are not there yet."""
    specs = load_demo(packaged("demo.toml"), province=province)
    missing = [spec for spec in specs if accounts.by_username(s, spec.username) is None]
    return [_create(s, spec, password, by, now) for spec in missing]


def _create(s: Session, spec: StaffSpec, password: str, by: Actor, now: datetime) -> Staff:
    court = courts.by_code(s, spec.court)
    department = next((d for d in courts.departments(s, court.id) if d.code == spec.department), None)
    return accounts_service.create_staff(
        s,
        username=spec.username,
        name=spec.name,
        name_en=spec.name_en,
        court_id=court.id,
        department_id=department.id if department else None,
        roles=[Role(role) for role in spec.roles],
        password=password,
        by=by,
        now=now,
    )


@admin_app.command("create")
def admin_create(
    username: str,
    court: Annotated[str, typer.Option(help="Code of the court, as 辽0102.")],
    name: Annotated[str, typer.Option(help="Name of the person.")],
    role: Annotated[list[Role], typer.Option(help="May be given several times.")],
    data: Data = None,
) -> None:
    """Create an account; the first password is made and printed once."""
    context = open_context(data)
    password = secrets.token_urlsafe(12)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        accounts_service.create_staff(
            s,
            username=username,
            name=name,
            court_id=courts.by_code(s, court).id,
            roles=role,
            password=password,
            by=system(Via.COMMAND),
            now=context.clock.now(),
        )
    say("commands.password_once", context.settings.language, username=username, password=password)


@admin_app.command("password")
def admin_password(username: str, data: Data = None) -> None:
    """Give an account a new password, printed once."""
    context = open_context(data)
    password = secrets.token_urlsafe(12)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        staff = _staff(s, username)
        now = context.clock.now()
        accounts_service.set_password(s, staff=staff, password=password, by=system(Via.COMMAND), now=now)
    say("commands.password_once", context.settings.language, username=username, password=password)


@token_app.command("issue")
def token_issue(username: str, label: str = "api", data: Data = None, *, json: Json = False) -> None:
    """Make an API token that acts as a member of staff; it is printed once."""
    context = open_context(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        staff = _staff(s, username)
        now = context.clock.now()
        token = accounts_service.issue_token(s, staff=staff, label=label, by=system(Via.COMMAND), now=now)
    show({"username": username, "token": token}, as_json=json)


@token_app.command("revoke")
def token_revoke(username: str, label: str = "api", data: Data = None, *, json: Json = False) -> None:
    """End all running tokens of a member of staff with this label."""
    context = open_context(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        tokens = accounts.tokens(s, _staff(s, username).id, label)
        for token in tokens:
            _revoke(s, token, context.clock.now())
    show({"revoked": len(tokens)}, as_json=json)


def _revoke(s: Session, token: ApiToken, now: datetime) -> None:
    accounts_service.revoke_token(s, token=token, by=system(Via.COMMAND), now=now)


def _staff(s: Session, username: str) -> Staff:
    staff = accounts.by_username(s, username)
    if staff is None:
        raise NotFound("accounts.unknown", username=username)
    return staff
