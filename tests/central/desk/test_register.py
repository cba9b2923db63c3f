"""The short form: what it gives, what it refuses, what it keeps."""

import re
from collections.abc import Callable

import pytest
from sqlmodel import func, select

from central.context import Context
from central.petitions.models import Petition
from tests.central.desk.conftest import Desk
from tests.factories.accounts import House
from tests.factories.petitions import FORM

At = Callable[..., Desk]


def how_many(context: Context) -> int:
    with context.read() as s:
        return s.exec(select(func.count()).select_from(Petition)).one()


def form_number(text: str) -> str:
    found = re.search(r'name="petition_id" value="([0-9a-f-]{36})"', text)
    assert found
    return found[1]


def test_registering_shows_number_and_code_this_once(desk: At, context: Context, house: House) -> None:
    at = desk("registrar")
    form = {**FORM, "petition_id": form_number(at.get("/register"))}
    answer = at.post("/register", **form)
    assert answer.status_code == 201
    assert "辽0102-2026-000001" in answer.text
    assert re.search(r"\d{4} \d{4} \d{4} \d{4}", answer.text)
    again = at.post("/register", **form)
    assert "没有重复登记" in again.text
    assert not re.search(r"\d{4} \d{4} \d{4} \d{4}", again.text)
    assert how_many(context) == 1


def test_what_is_missing_is_said_and_nothing_typed_is_lost(desk: At, context: Context, house: House) -> None:
    answer = desk("registrar").post("/register", **{**FORM, "subject": "", "phone": "电话"})
    assert answer.status_code == 422
    assert "有 2 处需要补充或修改" in answer.text
    assert 'href="#f-subject"' in answer.text
    assert "请核对写法" in answer.text
    for typed in ("王小明", "沈阳市和平区某路1号", "尽快执行\n书面说明理由", 'value="电话"'):
        assert typed in answer.text, typed
    assert how_many(context) == 0


def test_a_field_that_no_page_has_breaks_nothing(desk: At, context: Context, house: House) -> None:
    answer = desk("registrar").post("/register", **{**FORM, "subject": "", "people": "某人"})
    assert answer.status_code == 422
    assert how_many(context) == 0


@pytest.mark.parametrize(
    ("day", "sentence"), [("2027-01-01", "不能晚于现在"), ("1900-01-01", "早于 1949 年")]
)
def test_an_impossible_day_is_refused_in_words(desk: At, house: House, day: str, sentence: str) -> None:
    answer = desk("registrar").post("/register", **{**FORM, "received_on": day})
    assert answer.status_code == 422
    assert sentence in answer.text


def test_only_registrars_see_the_form(desk: At, house: House) -> None:
    answer = desk("handler").client.get("/register")
    assert answer.status_code == 403
    assert "登记由登记分流人员来做" in answer.text


def test_the_form_speaks_english(desk: At, house: House) -> None:
    text = desk("registrar").get("/register?lang=en")
    assert "Petitioner&#39;s name" in text
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"<header.*?</header>", "", text).replace("中文", ""))


def test_wishes_are_asked_for_and_shown_again(desk: At, context: Context, house: House) -> None:
    at = desk("registrar")
    refused = at.post("/register", **{**FORM, "tell_by": ["", "mail"], "reply_by": "post"})
    assert refused.status_code == 422
    assert "请填写电子邮箱" in refused.text
    assert re.search(r'value="mail" checked', refused.text)
    assert re.search(r'<option value="post" selected>', refused.text)
    taken = at.post("/register", **{**FORM, "tell_by": ["", "mail"], "mail": "wang@example.org"})
    assert taken.status_code == 201
    with context.read() as s:
        page = at.get(f"/petitions/{s.exec(select(Petition.id)).one()}")
    assert "wang@example.org" in page
    assert page.count("电子邮件") > 1


def test_a_letter_is_registered_with_its_paper(desk: At, context: Context, house: House) -> None:
    at = desk("registrar")
    paper = {"paper_pages": "2", "paper_place_kind": "box", "paper_place": ""}
    refused = at.post("/register", **{**FORM, **paper})
    assert refused.status_code == 422
    assert "请写明架位、箱号或者单位" in refused.text
    assert 'href="#f-paper_place"' in refused.text
    assert how_many(context) == 0
    taken = at.post("/register", **{**FORM, **paper, "paper_place": "B-7"})
    assert taken.status_code == 201
    with context.read() as s:
        petition_id = s.exec(select(Petition.id)).one()
    page = at.get(f"/petitions/{petition_id}/paper")
    assert "0102-2026-000001-P1" in page
    assert "B-7" in page
    cover = re.search(r'href="(/petitions/[^"]+/cover\.pdf)"', page)
    assert cover
    assert at.client.get(cover[1]).content.startswith(b"%PDF")
    assert "纸质材料" in at.get("/custody?tab=box")
    assert (
        at.client.get("/custody?code=0102-2026-000001-p1")
        .headers["location"]
        .endswith(f"{petition_id}/paper")
    )
