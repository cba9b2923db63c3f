"""A hall with its box and the people who answer there; pages even while other routers are being written."""

from dataclasses import dataclass

import pytest
from fastapi import FastAPI
from sqlmodel import Session
from starlette.types import ASGIApp

from central import db
from central.accounts.router import router as accounts
from central.actor import Actor, Role
from central.context import Context
from central.courts.models import Court
from central.halls.router import router as halls_router
from central.web import error_pages
from central.web.security import Guard
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal


@dataclass(frozen=True)
class Hall:
    """A court with a box and one person of each role that meets the hall."""

    court: Court
    journal: Journal
    staff: Actor
    handler: Actor
    supervisor: Actor
    registrar: Actor


def make(s: Session, code: str) -> Hall:
    at = court(s, code)
    roles = (Role.HALL_STAFF, Role.HANDLER, Role.SUPERVISOR, Role.REGISTRAR)
    return Hall(at, halls.box(s, at), *(people.actor(s, at, role) for role in roles))


@pytest.fixture
def hall(s: Session) -> Hall:
    """A hall in the session of the test."""
    return make(s, "辽0102")


@pytest.fixture
def other(s: Session) -> Hall:
    """A hall of another court."""
    return make(s, "辽0103")


@pytest.fixture
def kept(context: Context) -> Hall:
    """A hall that is committed, for pages and streams: `hall_staff.ln0102` and the others can sign in."""
    with db.unit_of_work(context.engine) as s:
        return make(s, "辽0102")


@pytest.fixture
def app(context: Context) -> ASGIApp:
    """Sign-in and hall alone, behind the guard."""
    made = FastAPI()
    made.state.context = context
    made.include_router(accounts)
    made.include_router(halls_router)
    error_pages.install(made)
    return Guard(made)
