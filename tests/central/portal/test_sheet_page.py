"""The page that shows how a date was found."""

import re
from collections.abc import Callable

from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.deadlines import queries as deadlines
from central.petitions.states import Act, State
from tests.central.portal.conftest import Receipt
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house

Make = Callable[..., Receipt]
LookUp = Callable[[Receipt], str]


def sheets(client: TestClient) -> list[str]:
    """Return the texts of every sheet the petition page leads to."""
    page = client.get("/track/petition").text
    found = re.findall(r'href="(/track/petition/clocks/[^"]+)"', page)
    return [" ".join(client.get(address).text.split()) for address in found]


def test_every_period_on_the_page_has_its_sheet(receipt: Make, look_up: LookUp, client: TestClient) -> None:
    look_up(receipt(State.REPLIED, Act.RECORD_DELIVERY))
    pages = sheets(client)
    assert len(pages) == 2
    assert all("逐日计算" in page for page in pages)


def test_it_names_length_source_of_law_start_and_end(
    receipt: Make, look_up: LookUp, client: TestClient
) -> None:
    look_up(receipt())
    page = next(page for page in sheets(client) if '<h2 id="sheet-title">书面告知' in page)
    assert all(part in page for part in ("15 日", "信访工作条例第二十二条", "周一 11月23日", "周二 12月8日"))


def test_a_period_that_stands_still_says_that_its_date_is_open(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context
) -> None:
    held = receipt(State.AWAITING_SUPPLEMENT)
    look_up(held)
    with context.read() as s:
        answer = next(each for each in deadlines.running(s, held.petition.id) if each.rule == "answer")
    page = client.get(f"/track/petition/clocks/{answer.id}").text
    assert all(words in page for words in ("期限还在暂停", "截止日期最早为", "每过一天，截止日期顺延一天"))


def test_a_period_between_courts_has_no_sheet_here(
    receipt: Make, look_up: LookUp, client: TestClient, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        there = make_house(s, "辽0103")
    held = receipt(State.TRANSFERRED, to=there)
    look_up(held)
    with context.read() as s:
        clocks = deadlines.running(s, held.petition.id)
    objection = next(clock for clock in clocks if clock.rule == "objection")
    assert client.get(f"/track/petition/clocks/{objection.id}").status_code == 404
