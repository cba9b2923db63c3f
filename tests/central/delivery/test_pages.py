"""The pages of delivery: labels, the tracking page as a way, the screen of the hall without a pen."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlmodel import Session
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.petitions.models import Petition
from central.petitions.numbering import shown_code
from central.petitions.states import Act, State
from central.replies import queries as replies
from tests.central.delivery.test_delivering import CALL, HAND, POST, STROKES
from tests.factories import petitions
from tests.factories.accounts import House

Sign = Callable[[TestClient, str], str]


@pytest.fixture
def replied(context: Context, house: House) -> Callable[..., Petition]:
    """`replied(reply_by="portal")` keeps a petition whose reply was issued."""

    def made(**fields: Any) -> Petition:
        with db.unit_of_work(context.engine) as s:
            petition = petitions.registered(s, house, **fields)
            for act in petitions.WAY[State.REPLIED]:
                petitions.do(s, house, petition, act)
            return petition

    return made


def ways(context: Context, petition: Petition) -> list[str]:
    with context.read() as s:
        return [each.method for each in replies.deliveries(s, petition.id)]


def code_of(s: Session, house: House, petition: Petition) -> str:
    return shown_code(str(petitions.do(s, house, petition, Act.REISSUE_CODE)))


@pytest.mark.parametrize(("reply_by", "found"), [("portal", ["portal"]), ("post", [])])
def test_opening_the_tracking_page_delivers_to_those_who_chose_it(
    client: TestClient,
    context: Context,
    house: House,
    replied: Callable[..., Petition],
    reply_by: str,
    found: list[str],
) -> None:
    petition = replied(reply_by=reply_by)
    with db.unit_of_work(context.engine) as s:
        code = code_of(s, house, petition)
    opened = client.post("/track", data={"number": petition.number, "code": code})
    assert opened.status_code == 303
    assert ways(context, petition) == []
    for _ in range(2):
        page = client.get("/track/petition")
        assert page.status_code == 200
        assert ("您接下来的权利" in page.text) is (reply_by == "portal")
    assert ways(context, petition) == found


def test_labels_are_printed_singly_and_many_at_a_time(
    client: TestClient, sign_in: Sign, replied: Callable[..., Petition]
) -> None:
    one, other = replied(), replied(address="")
    csrf = sign_in(client, "registrar.ln0102")
    page = client.get("/deliveries").text
    assert re.search(rf'name="ids" value="{one.id}" checked', page)
    assert f'value="{other.id}"' not in page
    many = client.post("/deliveries/labels", data={"csrf": csrf, "ids": [str(one.id), str(other.id)]})
    assert many.content.startswith(b"%PDF")
    assert client.get(f"/petitions/{one.id}/delivery/label.pdf").content.startswith(b"%PDF")
    assert client.get(f"/petitions/{other.id}/delivery/label.pdf").status_code == 409
    for ids in ([], [str(other.id)]):
        assert client.post("/deliveries/labels", data={"csrf": csrf, "ids": ids}).status_code == 422
    looks = client.get(f"/petitions/{one.id}/looks").text
    assert looks.count("地址条") == 2


def test_whoever_would_rather_not_draw_is_left_to_the_clerk(
    client: TestClient, sign_in: Sign, context: Context, replied: Callable[..., Petition]
) -> None:
    petition = replied()
    csrf = sign_in(client, "handler.ln0102")
    here = f"/petitions/{petition.id}/delivery"
    asked = client.post(f"{here}/sign", data={"csrf": csrf, **HAND}).text
    found = re.search(r'slip-code">(\d{4}) (\d{4})<', asked)
    assert found
    assert client.post("/sign", data={"code": "".join(found.groups())}).headers["location"] == "/sign/paper"
    paper = client.get("/sign/paper").text
    assert petition.number in paper
    assert "<noscript>" in paper
    assert client.post("/sign/paper", data={"strokes": "[]"}).status_code == 422
    assert client.post("/sign/decline").headers["location"] == "/sign?done=declined"
    assert client.post("/sign/paper", data={"strokes": STROKES}).headers["location"] == "/sign?done=over"
    assert "来人在屏幕上选了“不签名”" in client.get(here).text
    lacking = client.post(
        f"{here}/hand", data={"csrf": csrf, **HAND, "unsigned": "does_not_want", "words": ""}
    )
    assert lacking.status_code == 422
    assert 'href="#f-hand-words"' in lacking.text
    done = client.post(
        f"{here}/hand", data={"csrf": csrf, **HAND, "unsigned": "does_not_want", "words": "当面交付"}
    )
    assert done.status_code == 303
    assert ways(context, petition) == ["in_person"]


def test_what_was_typed_about_a_letter_or_a_call_is_shown_again(
    client: TestClient, sign_in: Sign, replied: Callable[..., Petition]
) -> None:
    petition = replied()
    csrf = sign_in(client, "handler.ln0102")
    here = f"/petitions/{petition.id}/delivery"
    refused = client.post(
        f"{here}/post", data={"csrf": csrf, **POST, "posted_on": "2026-11-30", "to_address": "新地址"}
    )
    assert refused.status_code == 422
    assert "寄出日期应在" in refused.text
    assert 'value="新地址"' in refused.text
    refused = client.post(f"{here}/call", data={"csrf": csrf, **CALL, "receiver": ""})
    assert "请写明是谁接听的" in refused.text
    assert client.post(f"{here}/post", data={"csrf": csrf, **POST}).status_code == 303
    assert "EE123456785CN" in client.get(here).text
