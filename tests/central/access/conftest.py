"""The desk, its petitions, and people who look from elsewhere."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import select

from central import db
from central.access.models import AccessEntry
from central.actor import Role
from central.context import Context
from central.courts.models import Court
from tests.central.desk.conftest import bring, desk, statements
from tests.factories.accounts import House, staff

__all__ = ["bring", "desk", "statements"]


@pytest.fixture
def entries(context: Context) -> Callable[[], list[AccessEntry]]:
    """`entries()` gives the rows of the log of looks, in the order in which they were written."""

    def found() -> list[AccessEntry]:
        with context.read() as s:
            return list(s.exec(select(AccessEntry).order_by(AccessEntry.event_id, AccessEntry.place)))  # type: ignore[arg-type]

    return found


@pytest.fixture
def people(context: Context, house: House) -> Callable[..., Any]:
    """`people(Role.AUDITOR)` gives the court of the house somebody with that role."""

    def made(role: Role) -> str:
        with db.unit_of_work(context.engine) as s:
            return staff(s, s.get_one(Court, house.court.id), role).username

    return made
