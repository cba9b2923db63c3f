"""Rules, kinds, extensions and sheets as pages show them."""

from collections.abc import Callable
from uuid import UUID

import pytest
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.deadlines import queries
from central.petitions.states import Act, State
from tests.factories import petitions
from tests.factories.accounts import House

SignIn = Callable[[TestClient, str], str]


@pytest.fixture
def extended(context: Context, house: House) -> tuple[UUID, UUID]:
    """A petition under art. 31(6) whose 60 days were extended, and the clock."""
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, kind="class6")
        for act in (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP):
            petitions.do(s, house, petition, act)
        petitions.do(s, house, petition, Act.ASK_EXTENSION, days=20, remark="调取档案需要时间")
        petitions.do(s, house, petition, Act.DECIDE_EXTENSION, remark="案情复杂，同意延期")
        clock = next(each for each in queries.running(s, petition.id) if each.rule == "answer_class6")
        return petition.id, clock.id


def test_the_register_form_offers_the_kinds_and_keeps_the_choice(
    client: TestClient, house: House, sign_in: SignIn, context: Context
) -> None:
    csrf = sign_in(client, "registrar.ln0102")
    assert 'name="kind"' in client.get("/register").text
    form = {**petitions.FORM, "kind": "accusation", "csrf": csrf}
    assert client.post("/register", data=form).status_code == 201
    assert client.post("/register", data=form | {"kind": "nonsense"}).status_code == 422


def test_the_page_of_a_petition_says_that_it_is_extended(
    client: TestClient, extended: tuple[UUID, UUID], sign_in: SignIn
) -> None:
    sign_in(client, "handler.ln0102")
    page = client.get(f"/petitions/{extended[0]}").text
    assert "已延期 20 日" in page
    assert "《信访工作条例》第三十一条第六项事项" in page


def test_the_sheet_names_extension_approver_and_reasons(
    client: TestClient, extended: tuple[UUID, UUID], sign_in: SignIn
) -> None:
    sign_in(client, "handler.ln0102")
    page = client.get(f"/petitions/{extended[0]}/clocks/{extended[1]}").text
    assert all(part in page for part in ("延期 20 日", "批准人", "案情复杂，同意延期", "2022-05-01"))


def test_the_sheet_of_a_clock_that_stands_still_names_only_an_earliest_day(
    client: TestClient, house: House, sign_in: SignIn, context: Context
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.at(s, house, State.AWAITING_SUPPLEMENT)
        clocks = {each.rule: each.id for each in queries.running(s, petition.id)}
    sign_in(client, "registrar.ln0102")
    still = client.get(f"/petitions/{petition.id}/clocks/{clocks['answer']}").text
    assert "截止日期最早为" in still
    assert "每过一天，截止日期顺延一天" in still
    assert "截止日期最早为" not in client.get(f"/petitions/{petition.id}/clocks/{clocks['supplement']}").text


def test_the_sheet_comes_as_pdf(client: TestClient, extended: tuple[UUID, UUID], sign_in: SignIn) -> None:
    sign_in(client, "handler.ln0102")
    answer = client.get(f"/petitions/{extended[0]}/clocks/{extended[1]}/sheet.pdf")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    assert client.get(f"/petitions/{extended[0]}/clocks/{extended[0]}/sheet.pdf").status_code == 404


def test_the_rules_page_lists_sets_and_articles(client: TestClient, house: House, sign_in: SignIn) -> None:
    sign_in(client, "handler.ln0102")
    page = client.get("/deadlines/rules").text
    assert all(
        part in page for part in ("2022-05-01", "信访工作条例第三十四条", "最多延长 30 日", "检举控告")
    )


def test_an_extension_is_asked_for_and_decided_on_the_page(
    client: TestClient, context: Context, house: House, sign_in: SignIn
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, kind="class6")
        for act in (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP):
            petitions.do(s, house, petition, act)
        key = petition.id
    csrf = sign_in(client, "handler.ln0102")
    asked = {"csrf": csrf, "days": "31", "remark": "需要时间"}
    refused = client.post(f"/petitions/{key}/acts/ask_extension", data=asked)
    assert (refused.status_code, "最多延长 30 日" in refused.text, "需要时间" in refused.text) == (
        409,
        True,
        True,
    )
    assert client.post(f"/petitions/{key}/acts/ask_extension", data=asked | {"days": "15"}).status_code == 303
    client.cookies.clear()
    csrf = sign_in(client, "leader.ln0102")
    page = client.get(f"/petitions/{key}").text
    assert 'id="act-decide_extension"' in page
    given = {"csrf": csrf, "decision": "grant", "days": "", "remark": "同意"}
    assert client.post(f"/petitions/{key}/acts/decide_extension", data=given).status_code == 303
    with context.read() as s:
        clock = next(each for each in queries.running(s, key) if each.rule == "answer_class6")
    assert clock.extension_days == 15
