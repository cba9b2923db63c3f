"""The ledger of obligations and the worklists in a real browser: figures, drill-down, a report, levels; phone and desktop."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import Session

from central import db
from central.actor import Role
from central.petitions.states import Act, State
from tests.browser.conftest import Site
from tests.factories import petitions
from tests.factories.accounts import PASSWORD, House, house, staff
from tests.factories.courts import MORNING, tree
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@pytest.fixture(autouse=True)
def _province(site: Site) -> None:
    with db.unit_of_work(site.context.engine) as s:
        courts = tree(s)
        staff(s, courts["辽"], Role.SUPERVISOR)
        here, there = house(s, courts["辽0102"]), house(s, courts["辽0103"])
        for state in (
            State.HANDLING,
            State.DECLINED,
            State.AWAITING_SUPPLEMENT,
            State.WITHDRAWN,
            State.REPLIED,
        ):
            petitions.at(s, here, state)
        petitions.at(s, here, State.TRANSFERRED, to=there)
        for days in (4, 6, 9, 40, 100, 130):
            _received(s, here, days)


def _received(s: Session, here: House, days: int) -> None:
    at = (MORNING - timedelta(days=days)).isoformat()
    petition = petitions.registered(s, here, received_at=at)
    if days % 20 == 0:
        petitions.do(s, here, petition, Act.ACCEPT)


def look(page: Page, name: str) -> None:
    """The page fits its screen and axe finds nothing."""
    sound(page, f"obligations-{name}")


def test_a_supervisor_goes_from_the_province_to_a_petition(site: Site, open_page: Open) -> None:
    page = open_page(PHONE)
    page.goto(f"{site.url}/login?to=/obligations")
    page.get_by_label("用户名").fill("supervisor.ln")
    page.get_by_label("密码").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="答复责任台账")).to_be_visible()
    expect(page.get_by_text("按期率 = 按期 ÷")).to_be_visible()
    look(page, "province")
    page.goto(f"{site.url}/obligations?lang=en&duty=answer&court=辽0102")
    look(page, "court-en")
    page.goto(f"{site.url}/obligations/petitions?lang=zh-CN&what=owed")
    look(page, "petitions")
    page.goto(f"{site.url}/obligations/report?month=2026-11")
    look(page, "report")
    page.goto(f"{site.url}/work?tab=below")
    expect(page.get_by_role("link", name="下级法院")).to_have_attribute("aria-current", "page")
    look(page, "work")
    page.goto(f"{site.url}/work?tab=below&level=overdue&lang=en")
    look(page, "work-en")
