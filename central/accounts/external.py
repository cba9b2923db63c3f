"""Accounts at the provider of single sign-on that sign in as members of staff here."""

from collections.abc import Collection
from datetime import UTC, datetime
from uuid import UUID

from sqlmodel import Session, col, select

from central.accounts import service, sessions
from central.accounts.callers import NOBODY, Caller
from central.accounts.models import ExternalLogin, SignIn, Staff, Stage
from central.accounts.oidc import Identity
from central.actor import Actor
from central.errors import Conflict
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind

#: Of somebody whose provider does not say when they last proved who they are: long ago.
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def sign_in(
    s: Session,
    *,
    identity: Identity,
    rules: service.Rules,
    factor_methods: Collection[str],
    now: datetime,
    caller: Caller = NOBODY,
) -> tuple[str, SignIn, Staff] | None:
    """Return a fresh session id, its row and its person; None if the provider's account stands for nobody here.

    Our second factor follows unless the provider says it asked for one itself, by one of `factor_methods`.
    """
    login = of_subject(s, issuer=identity.issuer, subject=identity.subject)
    staff = staff_of(s, login) if login is not None else None
    if staff is None:
        return None
    done = not identity.methods.isdisjoint(factor_methods)
    secret, row = sessions.begin(
        s,
        staff=staff,
        stage=Stage.FULL if done else service.stage_after_password(s, staff, rules),
        method="sso",
        caller=caller,
        limits=rules.session,
        now=now,
        proved_at=min(identity.at or _LONG_AGO, now),
    )
    return secret, row, staff


def link(s: Session, *, staff_id: UUID, issuer: str, subject: str, by: Actor, now: datetime) -> ExternalLogin:
    """Let the account `subject` of `issuer` sign in as this member of staff; raise `Conflict` if it does so for another."""
    known = of_subject(s, issuer=issuer, subject=subject)
    if known is not None:
        if known.staff_id == staff_id:
            return known
        raise Conflict("accounts.external.taken")
    row = ExternalLogin(staff_id=staff_id, issuer=issuer, subject=subject, linked_at=now)
    s.add(row)
    _record(s, Kind.STAFF_LOGIN_LINKED, row, by=by, now=now)
    return row


def unlink(s: Session, *, staff_id: UUID, login_id: UUID, by: Actor, now: datetime) -> None:
    """Part an account of the provider from its member of staff; nothing happens if it is not theirs."""
    row = s.get(ExternalLogin, login_id)
    if row is None or row.staff_id != staff_id:
        return
    s.delete(row)
    _record(s, Kind.STAFF_LOGIN_UNLINKED, row, by=by, now=now)


def of_subject(s: Session, *, issuer: str, subject: str) -> ExternalLogin | None:
    """Return the link of an account at the provider."""
    return s.exec(
        select(ExternalLogin).where(
            col(ExternalLogin.issuer) == issuer, col(ExternalLogin.subject) == subject
        )
    ).first()


def of_staff(s: Session, staff_id: UUID) -> list[ExternalLogin]:
    """Return the linked accounts of a member of staff, oldest first."""
    query = select(ExternalLogin).where(ExternalLogin.staff_id == staff_id)
    return list(s.exec(query.order_by(col(ExternalLogin.linked_at), col(ExternalLogin.id))).all())


def staff_of(s: Session, login: ExternalLogin) -> Staff | None:
    """Return the member of staff a link stands for, if the account is open."""
    staff = s.get(Staff, login.staff_id)
    return staff if staff is not None and staff.active else None


def _record(s: Session, kind: Kind, row: ExternalLogin, *, by: Actor, now: datetime) -> None:
    stream = stream_name("staff", row.staff_id)
    log.record(s, kind=kind, stream=stream, actor=by, at=now, facts={"login": row.id.hex})
