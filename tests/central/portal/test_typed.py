"""What is sent from a form comes whole; what is typed outlives a change of the language or the size of the words in the middle of a form, without script."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from central.petitions.states import State
from tests.central.portal.conftest import Receipt

WORDS = "补充一份收条，证明已经付款。"
LATE = {"review": State.CLOSED, "satisfaction": State.FOLLOWED_UP}


@pytest.mark.parametrize(
    "form", ["supplement", "objection", "check", "withdraw", "erasure", "contact", "review", "satisfaction"]
)
def test_a_form_in_the_other_language_holds_what_was_typed(
    form: str, receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str], client: TestClient
) -> None:
    look_up(receipt(LATE.get(form, State.HANDLING)))
    page = client.get(f"/track/petition/{form.replace('check', 'objection')}").text
    if form == "check":
        page = client.post("/track/petition/objection", data={"about": "delay", "words": WORDS}).text
    switch = re.search(r'form="page-form" formaction="([^"]+lang=en)" name="go" value="stay"', page)
    assert switch
    typed = {"words": WORDS, "asked": WORDS, "address": WORDS, "about": "delay", "go": "stay"}
    answer = client.post(switch[1], data=typed)
    assert (answer.status_code, WORDS in answer.text, 'lang="en"' in answer.text) == (200, True, True)


def test_a_wrong_code_is_read_in_the_other_language_on_the_same_page(client: TestClient) -> None:
    page = client.post("/track", data={"number": "辽0102-2026-000009", "code": "0" * 16}).text
    assert 'formaction="/track?lang=en"' in page
    answer = client.post("/track?lang=en", data={"number": "辽0102-2026-000009", "go": "stay"})
    assert (answer.status_code, "辽0102-2026-000009" in answer.text) == (200, True)


@pytest.mark.parametrize("form", ["supplement", "review"])
def test_a_file_of_the_size_of_a_photo_comes_through(
    form: str, receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str], client: TestClient
) -> None:
    look_up(receipt(LATE.get(form, State.HANDLING)))
    page = client.get(f"/track/petition/{form}").text
    assert (
        "image/jpeg,image/png" in page
    )  # a telephone makes its photos into what is asked for: HEIC is not taken
    large = {"files": ("照片.jpg", bytes(3 * 2**20), "image/jpeg")}
    answer = client.post(f"/track/petition/{form}", data={"words": WORDS, "asked": WORDS}, files=large)
    assert "照片.jpg" in answer.text  # named, for it cannot be opened; 413 before


def test_a_form_of_one_petition_is_not_sent_to_another_that_was_opened_in_a_second_tab(
    receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str], client: TestClient
) -> None:
    first, second = receipt(State.HANDLING), receipt(State.HANDLING)
    look_up(first)
    page = client.get("/track/petition/withdraw").text
    assert f'name="of" value="{first.petition.number}"' in page
    look_up(second)
    answer = client.post("/track/petition/withdraw", data={"of": first.petition.number, "sure": "true"})
    assert (answer.status_code, f'value="{first.petition.number}"' in answer.text) == (401, True)


def test_a_review_that_runs_is_said_to_run_and_one_without_reasons_asks_for_them(
    receipt: Callable[..., Receipt], look_up: Callable[[Receipt], str], client: TestClient
) -> None:
    look_up(receipt(State.CLOSED))
    assert "请填写" in client.post("/track/petition/review", data={"asked": ""}).text
    client.post("/track/petition/review", data={"asked": WORDS})
    assert "已经申请过了" in client.get("/track/petition/review").text
