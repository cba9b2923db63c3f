"""A refusal as a page: a sentence that says what to do, in the language of whoever asked."""

import pytest
from starlette.testclient import TestClient

from tests.factories.accounts import House


@pytest.mark.parametrize(("lang", "sentence"), [("zh-CN", "没有找到"), ("en", "Not found")])
def test_an_address_that_leads_nowhere_says_so(client: TestClient, lang: str, sentence: str) -> None:
    answer = client.get(f"/nowhere?lang={lang}")
    assert answer.status_code == 404
    assert sentence in answer.text


def test_an_id_that_is_none_is_not_found_rather_than_malformed(
    client: TestClient, house: House, sign_in: object
) -> None:
    assert callable(sign_in)
    sign_in(client, "registrar.ln0102")
    assert client.get("/petitions/none").status_code == 404


def test_whoever_is_signed_out_signs_in_and_goes_on_where_they_were(client: TestClient, house: House) -> None:
    assert client.get("/petitions").headers["location"] == "/login?to=/petitions"


def test_a_form_sent_after_the_session_ended_leads_to_the_sign_in(client: TestClient, house: House) -> None:
    answer = client.post("/register", data={"subject": "x"})
    assert answer.status_code == 401
    assert 'href="/login"' in answer.text


def test_sign_in_refuses_in_words_and_keeps_the_name(client: TestClient, house: House) -> None:
    answer = client.post("/login", data={"username": "registrar.ln0102", "password": "wrong"})
    assert answer.status_code == 401
    assert "用户名或密码不对" in answer.text
    assert 'value="registrar.ln0102"' in answer.text
