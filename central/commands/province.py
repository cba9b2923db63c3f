"""`minyi seed`, `minyi admin`, `minyi token`: courts, people and their keys."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.accounts import resets
from central.accounts import service as accounts_service
from central.accounts.models import ApiToken, Staff
from central.accounts.resets import Reason
from central.actor import Actor, Role, Via, system
from central.commands.common import BAD_USE, Data, Json, open_context, open_existing, refusals, say, show
from central.context import Context
from central.courts import queries as courts
from central.courts import service as courts_service
from central.courts.province import Province, StaffSpec, load_demo, load_province, packaged
from central.errors import NotFound
from central.settings import Settings

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
    *,
    json: Json = False,
) -> None:
    """Create an account, the first administrator's too; prints a one-time code with which the person sets a password."""
    context = open_existing(data)
    by, now = system(Via.COMMAND), context.clock.now()
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        staff = accounts_service.create_staff(
            s,
            username=username,
            name=name,
            court_id=courts.by_code(s, court).id,
            roles=role,
            # Nobody knows it: the person sets one of their own.
            password=secrets.token_urlsafe(32),
            by=by,
            now=now,
        )
        code = _code(s, staff, context, Reason.FIRST)
    _tell(username, code, context.settings, as_json=json)


@admin_app.command("reset")
def admin_reset(
    username: str,
    reason: Annotated[Reason, typer.Option(help="Goes on record.")] = Reason.FORGOTTEN,
    data: Data = None,
    *,
    factors: Annotated[bool, typer.Option("--factors", help="Take the second factors away as well.")] = False,
    json: Json = False,
) -> None:
    """Print a one-time code with which a person sets a new password; one made before is void."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        code = _code(s, _staff(s, username), context, reason, factors_too=factors)
    _tell(username, code, context.settings, as_json=json)


def _code(s: Session, staff: Staff, context: Context, reason: Reason, *, factors_too: bool = False) -> str:
    return resets.issue(
        s,
        staff=staff,
        reason=reason,
        by=system(Via.COMMAND),
        now=context.clock.now(),
        life=timedelta(minutes=context.settings.sign_in.reset_minutes),
        factors_too=factors_too,
    )


def _tell(username: str, code: str, settings: Settings, *, as_json: bool) -> None:
    minutes = settings.sign_in.reset_minutes
    if as_json:
        show({"username": username, "code": code, "minutes": minutes}, as_json=True)
    else:
        say("commands.code_once", settings.language, username=username, code=code, minutes=minutes)


@token_app.command("issue")
def token_issue(username: str, label: str = "api", data: Data = None, *, json: Json = False) -> None:
    """Make an API token that acts as a member of staff; it is printed once."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        staff = _staff(s, username)
        now = context.clock.now()
        token = accounts_service.issue_token(s, staff=staff, label=label, by=system(Via.COMMAND), now=now)
    show({"username": username, "token": token}, as_json=json)


@token_app.command("revoke")
def token_revoke(username: str, label: str = "api", data: Data = None, *, json: Json = False) -> None:
    """End all running tokens of a member of staff with this label."""
    context = open_existing(data)
    with refusals(context.settings.language), db.unit_of_work(context.engine) as s:
        tokens = accounts.tokens(s, _staff(s, username).id, label)
        for token in tokens:
            _revoke(s, token, context.clock.now())
        if not tokens:
            raise NotFound("accounts.no_token", username=username, label=label)
    show({"revoked": len(tokens)}, as_json=json)


def _revoke(s: Session, token: ApiToken, now: datetime) -> None:
    accounts_service.revoke_token(s, token=token, by=system(Via.COMMAND), now=now)


def _staff(s: Session, username: str) -> Staff:
    staff = accounts.by_username(s, username)
    if staff is None:
        raise NotFound("accounts.unknown", username=username)
    return staff
