"""The small province of supervision, with hall staff."""

import pytest

from central import db
from central.actor import Actor, Role
from central.context import Context
from tests.central.desk.conftest import desk
from tests.central.supervision.conftest import Province, bring, province
from tests.factories.accounts import actor

__all__ = ["bring", "desk", "province"]


@pytest.fixture
def hall_staff(context: Context, province: Province) -> Actor:
    """Somebody at the hall of 辽0102."""
    with db.unit_of_work(context.engine) as s:
        return actor(s, province.houses["辽0102"].court, Role.HALL_STAFF)
