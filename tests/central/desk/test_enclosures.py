"""What goes out with a reply: chosen by the handler, seen by the approver, named in the signed letter, given to the petitioner afterwards."""

import io
import json
import re
import zipfile
from collections.abc import Callable
from hashlib import sha256

import pytest
from starlette.testclient import TestClient

from central import db
from central.commands import log
from central.context import Context
from central.errors import Invalid
from central.letters import enclosing, queries, work
from central.letters.kinds import LetterKind
from central.petitions.models import Petition
from central.petitions.moves import Stale
from central.petitions.states import Act, State
from central.portal import passes
from central.portal import service as portal
from central.replies import forms, versions
from central.replies import queries as replies
from central.replies import service as replying
from shared.ids import new_id
from tests.central.desk.conftest import Desk
from tests.central.desk.test_documents import rows, send
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House

At = Callable[..., Desk]
Bring = Callable[..., Petition]
TO_ISSUE = (Act.SAVE_DRAFT, Act.SUBMIT, Act.APPROVE, Act.ISSUE)


def enclosed(context: Context, petition: Petition) -> list[versions.Enclosed]:
    with context.read() as s:
        reply = replies.latest(s, petition.id)
        return versions.enclosed(s, reply.id) if reply else []


@pytest.fixture
def with_two(desk: At, bring: Bring, context: Context) -> Petition:
    """A petition being answered with two enclosures: the picture first, then the file of two pages."""
    petition = bring(State.HANDLING)
    at, page = desk("handler"), f"/petitions/{petition.id}/draft/enclosures"
    answer = send(at, page, ("合同.pdf", corpus.pdf()), ("现场.png", corpus.png()))
    assert answer.status_code == 303, answer.text
    first, second = rows(context)
    places = {f"place-{first.id}": "2", f"place-{second.id}": "1", f"name-{second.id}": "现场照片"}
    assert send(at, page, **places).status_code == 303
    return petition


def go_on(context: Context, house: House, petition: Petition, *acts: Act) -> None:
    with db.unit_of_work(context.engine) as s:
        for act in acts:
            petitions.do(s, house, petition, act)


def as_petitioner(context: Context, client: TestClient, petition: Petition) -> None:
    with context.read() as s:
        version = portal.code_version(s.get_one(Petition, petition.id))
    client.cookies.clear()
    keys = context.settings.data / "keys"
    client.cookies.set(passes.COOKIE, passes.issue(keys, petition.id, version, now=context.clock.now()))


def test_the_handler_brings_files_puts_them_in_order_and_names_them(
    desk: At, with_two: Petition, context: Context
) -> None:
    assert [each.name for each in enclosed(context, with_two)] == ["现场照片", "合同"]
    assert [each.pages for each in enclosed(context, with_two)] == [1, 2]
    page = desk("handler").get(f"/petitions/{with_two.id}/draft")
    assert page.index("现场照片") < page.index("合同")
    assert "附件：1. 现场照片<br>2. 合同" in page


def test_a_changed_list_is_a_version_and_an_older_one_is_not_approved(
    desk: At, with_two: Petition, context: Context, house: House
) -> None:
    go_on(context, house, with_two, Act.SAVE_DRAFT, Act.SUBMIT)
    page = desk("leader").get(f"/petitions/{with_two.id}/draft")
    seen = int(re.findall(r"第 (\d+) 版|版本和差异（(\d+)）", page)[0][1])
    assert "现场照片" in page
    [first, second] = rows(context)
    assert desk("leader").client.get(f"/petitions/{with_two.id}/documents/{second.id}").content
    with context.read() as s:
        version = s.get_one(Petition, with_two.id).version
    go_on(context, house, with_two, Act.SEND_BACK)
    place = {f"place-{first.id}": "1"}
    assert send(desk("handler"), f"/petitions/{with_two.id}/draft/enclosures", **place).status_code == 303
    go_on(context, house, with_two, Act.SUBMIT)
    with pytest.raises(Stale), db.unit_of_work(context.engine) as s:
        petitions.do(s, house, with_two, Act.APPROVE, version=version)
    changes = desk("leader").get(f"/petitions/{with_two.id}/draft/versions")
    assert f"第 {seen} 版的附件" in changes
    assert f"第 {seen + 1} 版的附件" in changes
    assert log.run(context).findings == []


def beside(name: str, content: bytes) -> tuple[str, tuple[str, bytes]]:
    """Return a file as the form of `/verify` sends it with a letter."""
    return "enclosures", (name, content)


def test_the_signed_letter_names_pages_and_digest_and_the_petitioner_gets_these_files(
    with_two: Petition, context: Context, house: House, client: TestClient
) -> None:
    as_petitioner(context, client, with_two)
    assert client.get("/track/petition/reply/1/enclosures/1").status_code == 404, "nothing of a draft"
    assert "现场照片" not in client.get("/track/petition").text
    go_on(context, house, with_two, *TO_ISSUE)
    with context.read() as s:
        letter = queries.newest(s, with_two.id, LetterKind.REPLY)
        assert letter is not None
    named = enclosing.digests(work.made(context, letter.id).content)
    given = [client.get(f"/track/petition/reply/1/enclosures/{place}") for place in (1, 2)]
    assert [sha256(each.content).hexdigest() for each in given] == named
    assert "reply/1/enclosures/2" in client.get("/track/petition").text
    picture, pdf = (each.content for each in given)
    changed = pdf[:-9] + bytes([pdf[-9] ^ 1]) + pdf[-8:]
    checked = ("file", ("letter.pdf", work.made(context, letter.id).content))
    page = client.post(
        "/verify", files=[checked, beside("图.jpg", picture), beside("合同.pdf", changed)]
    ).text
    assert "附件 1 没有改动：图.jpg" in page
    assert "不是这份文书的附件，或者已被改动：合同.pdf" in page
    assert "文书还列有附件 2" in page
    page = client.post("/verify", files=[checked, beside("a.pdf", pdf), beside("a.pdf", picture)]).text
    assert "附件 2 没有改动：a.pdf" in page
    assert "附件 1 没有改动：a.pdf (2)" in page
    alone = client.post("/verify", files=[beside("a.pdf", pdf)])
    assert alone.status_code == 422
    assert "请同时选择文书" in alone.text
    assert client.get("/track/petition/reply/1/enclosures/3").status_code == 404
    for far in (f"{10**20}/enclosures/1", f"-{10**20}/enclosures/1", f"1/enclosures/-{10**20}"):
        assert client.get(f"/track/petition/reply/{far}").status_code == 404
    taken = zipfile.ZipFile(io.BytesIO(client.post("/track/petition/data/file").content))
    held = json.loads(taken.read("data.json"))
    assert [each["sha256"] for each in held["replies"][0]["enclosures"]] == named
    [photo] = [name for name in taken.namelist() if name.startswith("letters/enclosures-1/01-现场照片")]
    assert sha256(taken.read(photo)).hexdigest() == named[0]
    context.vault.destroy(with_two.key_id)  # what erasure does
    assert [each.name for each in enclosed(context, with_two)] == ["", ""]


def test_the_envelope_says_how_many_pages_are_in_it(
    desk: At, with_two: Petition, context: Context, house: House
) -> None:
    go_on(context, house, with_two, *TO_ISSUE)
    page = f"/petitions/{with_two.id}/delivery"
    assert "附件 2 份 3 页" in desk("handler").get(page)
    work.run(context)
    assert "信内共 5 页：答复意见书 2 页" in desk("handler").get(page)


def test_a_list_that_says_nothing_clear_is_refused(
    with_two: Petition, context: Context, house: House
) -> None:
    first, second = rows(context)
    for wrong, wanted in {
        "unknown": [(new_id(), "别的")],
        "twice": [(first.id, "甲"), (first.id, "乙")],
        "same_name": [(first.id, "甲"), (second.id, "甲")],
    }.items():
        form = forms.Enclose(enclosures=[forms.Enclosure(document_id=key, name=name) for key, name in wanted])
        with pytest.raises(Invalid) as refused, db.unit_of_work(context.engine) as s:
            replying.enclose(s, petition_id=with_two.id, form=form, by=house.handler, now=context.clock.now())
        assert refused.value.key == f"replies.enclosure.{wrong}"


def test_what_cannot_be_taken_comes_back_as_it_was_typed(
    desk: At, with_two: Petition, context: Context
) -> None:
    first, second = rows(context)
    page = f"/petitions/{with_two.id}/draft/enclosures"
    answer = send(desk("handler"), page, **{f"place-{first.id}": "一", f"name-{second.id}": "照片甲"})
    assert answer.status_code == 422
    assert "照片甲" in answer.text
    refused = send(desk("handler"), page, ("x.zip", b"PK\x03\x04"), **{f"place-{first.id}": "1"})
    assert refused.status_code == 422
    assert "x.zip" in refused.text
    assert [each.name for each in enclosed(context, with_two)] == ["合同"], "what was chosen is kept"
    assert send(desk("registrar"), page, ("y.png", corpus.png())).status_code == 403
    assert len(rows(context)) == 2
