"""The pages of letters: staff preview and fetch, the petitioner fetches, anyone checks."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from central import db
from central.access import queries as access
from central.access.models import Look
from central.context import Context
from central.letters import keyring, queries, work
from central.letters.checking import Verdict, check
from central.letters.kinds import LetterKind
from central.letters.router import id_in
from central.petitions.models import Petition
from central.petitions.states import State
from central.portal import passes
from central.portal import service as portal
from tests.central.letters.paper import signed
from tests.factories import petitions
from tests.factories.accounts import House

HEX = "0193a1b2c3d47e5f8aaa0193a1b2c3d4"


@pytest.fixture
def petition(context: Context, house: House) -> Petition:
    with db.unit_of_work(context.engine) as s:
        return petitions.at(s, house, State.REPLIED)


def letter_id(context: Context, petition: Petition) -> str:
    with context.read() as s:
        found = queries.newest(s, petition.id, LetterKind.REPLY)
        assert found is not None
        return str(found.id)


def genuine(context: Context, content: bytes) -> bool:
    return check(content, keyring.published(context.settings.data / "keys")).verdict is Verdict.GENUINE


def test_staff_fetch_the_letter_and_it_is_noted(
    context: Context, client: TestClient, petition: Petition, sign_in: object
) -> None:
    sign_in(client, "handler.ln0102")  # type: ignore[operator]
    page = client.get(f"/petitions/{petition.id}/letters").text
    [path] = re.findall(r"/petitions/[^\"]+\.pdf", page.replace("preview.pdf", ""))
    answer = client.get(path)
    assert answer.headers["content-type"] == "application/pdf"
    assert genuine(context, answer.content)
    with context.read() as s:
        looks = access.of_petition(s, petition.id)
    assert Look.DOWNLOADED in {each.look for each in looks}


def test_a_preview_is_marked_and_bears_no_signature(
    context: Context, client: TestClient, petition: Petition, sign_in: object
) -> None:
    sign_in(client, "handler.ln0102")  # type: ignore[operator]
    answer = client.get(f"/petitions/{petition.id}/letters/preview.pdf")
    assert answer.content.startswith(b"%PDF")
    assert not genuine(context, answer.content)
    assert b"/ByteRange" not in answer.content


def test_the_petitioner_fetches_reply_and_receipt(
    context: Context, client: TestClient, petition: Petition
) -> None:
    assert client.get("/track/petition/reply.pdf").status_code == 303
    with context.read() as s:
        version = portal.code_version(s.get_one(Petition, petition.id))
    keys = context.settings.data / "keys"
    client.cookies.set(passes.COOKIE, passes.issue(keys, petition.id, version, now=context.clock.now()))
    assert "/track/petition/reply.pdf?round=1" in client.get("/track/petition").text
    first = client.get("/track/petition/reply.pdf").content
    assert genuine(context, first)
    assert client.get("/track/petition/reply.pdf?round=1").content == first
    assert client.get("/track/petition/reply.pdf?round=7").status_code == 404
    assert genuine(context, client.get("/track/petition/receipt.pdf").content)
    assert client.get("/track/petition/receipt.png").content.startswith(b"\x89PNG")


def test_anyone_checks_a_file_and_a_changed_one_is_told(
    context: Context, client: TestClient, petition: Petition, tmp_path: Path
) -> None:
    with context.read() as s:
        found = queries.newest(s, petition.id, LetterKind.REPLY)
        assert found is not None
    made = work.made(context, found.id)
    sent = client.post("/verify", files={"file": ("a.pdf", made.content, "application/pdf")}).text
    assert "真实，没有改动" in sent
    assert petition.number in sent
    changed = made.content[:-20] + b"x" + made.content[-19:]
    assert "已被改动" in client.post("/verify", files={"file": ("a.pdf", changed)}).text
    foreign = client.post("/verify", files={"file": ("a.pdf", signed(tmp_path).content)}).text
    assert "不在公布的密钥之中" in foreign
    assert "不是可以核验的文书" in client.post("/verify", files={"file": ("a.pdf", b"hello")}).text


def test_the_number_on_paper_tells_no_name_and_no_word(
    context: Context, client: TestClient, petition: Petition
) -> None:
    number = letter_id(context, petition).replace("-", "")
    page = client.get(f"/verify/{number}").text
    assert "信访事项处理意见书" in page
    assert "王小明" not in page
    assert "物业服务" not in page
    assert client.post("/verify", data={"id": f"https://x.cn/verify/{number}"}).status_code == 200


@pytest.mark.parametrize(
    ("typed", "status"), [("", 422), ("123", 422), (HEX, 422)], ids=["none", "short", "unknown"]
)
def test_what_cannot_be_checked_is_shown_again(client: TestClient, typed: str, status: int) -> None:
    answer = client.post("/verify", data={"id": typed})
    assert answer.status_code == status
    assert typed in answer.text


def test_keys_are_published(context: Context, client: TestClient) -> None:
    assert keyring.read(client.get("/verify/keys").text)[0].current is False
    assert "BEGIN CERTIFICATE" in client.get("/verify/certificate.pem").text
    assert "PRIVATE" not in client.get("/verify/certificate.pem").text


@pytest.mark.parametrize(
    "typed", [HEX, HEX.upper(), f" https://a.cn/verify/{HEX}?x=1", "0193A1B2-C3D4-7e5f-8aaa-0193a1b2c3d4"]
)
def test_a_number_is_found_in_what_was_typed(typed: str) -> None:
    found = id_in(typed)
    assert found is not None
    assert found.hex == HEX
