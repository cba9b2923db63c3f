"""The desk of petitions, with what the calendar needs: the admin of the high court."""

import pytest

from central import db
from central.actor import Role
from central.context import Context
from tests.central.desk.conftest import bring, desk
from tests.factories.accounts import House, staff
from tests.factories.courts import court

__all__ = ["bring", "desk"]


@pytest.fixture
def high(context: Context, house: House) -> None:
    """The high court with an admin, `court_admin.ln`; and one of the house's own court, `court_admin.ln0102`."""
    with db.unit_of_work(context.engine) as s:
        staff(s, court(s, "辽"), Role.COURT_ADMIN)
        staff(s, house.court, Role.COURT_ADMIN)
