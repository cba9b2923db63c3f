"""Files of a petition on its page: added, listed, taken away; refused with a sentence; hidden from others."""

import gc
import json
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from uuid import UUID

import pikepdf
import pytest
from httpx2 import Response
from sqlmodel import col, select

from central import db
from central.access.models import AccessEntry, AccessReason
from central.casework import documents
from central.context import Context
from central.documents import files
from central.documents.models import Document
from central.documents.service import Store, clear
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.ids import new_id
from tests.central.desk.conftest import Desk
from tests.central.documents import corpus
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.accounts import house as make_house
from tests.factories.courts import tree

At = Callable[..., Desk]
Bring = Callable[..., Petition]
NAME = "信访材料（补充）𠀀.pdf"


def send(desk: Desk, path: str, *sent: tuple[str, bytes], **fields: str) -> Response:
    """Post a form with files, as a browser does."""
    parts = [("files", (name, BytesIO(content), "application/octet-stream")) for name, content in sent]
    return desk.client.post(path, data={"csrf": desk.csrf, **fields}, files=parts)


def rows(context: Context) -> list[Document]:
    with context.read() as s:
        return list(s.exec(select(Document).order_by(col(Document.number))))


@pytest.fixture
def with_file(desk: At, bring: Bring, context: Context) -> tuple[Petition, Document]:
    """A petition with one PDF, added by its handler."""
    petition = bring(State.HANDLING)
    answer = send(desk("handler"), f"/petitions/{petition.id}/documents", (NAME, corpus.pdf()))
    assert answer.status_code == 303, answer.text
    [row] = rows(context)
    return petition, row


def test_several_files_go_in_at_once_and_stand_on_the_page(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    handler = desk("handler")
    sent = [
        (NAME, corpus.pdf()),
        ("照片.jpg", corpus.jpeg()),
        ("图.png", corpus.png()),
        ("扫描.tif", corpus.tiff()),
    ]
    answer = send(handler, f"/petitions/{petition.id}/documents", *sent)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/petitions/{petition.id}#documents")
    text = handler.get(f"/petitions/{petition.id}")
    for part in (NAME, "照片.jpg", "图.png", "扫描.tif", "2 页", "收入附件", "下载原件"):
        assert part in text, part


def test_what_is_taken_away_is_made_anew_and_harmless(desk: At, with_file: tuple[Petition, Document]) -> None:
    petition, row = with_file
    answer = desk("handler").client.get(f"/petitions/{petition.id}/documents/{row.id}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="file.pdf"; ')
    assert "filename*=UTF-8''%E4%BF%A1" in answer.headers["content-disposition"]
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    with pikepdf.open(BytesIO(answer.content)) as made:
        assert len(made.pages) == 2
    assert answer.content != corpus.pdf()


def test_taking_it_away_is_on_record(
    desk: At, context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    desk("handler").client.get(f"/petitions/{petition.id}/documents/{row.id}")
    with context.read() as s:
        looks = s.exec(select(AccessEntry).where(AccessEntry.look == "downloaded")).all()
        [event] = [
            e for e in log.of_stream(s, stream_name("access", petition.id)) if e.kind == Kind.LOOK_DOWNLOADED
        ]
    assert [(each.petition_id, each.what) for each in looks] == [(petition.id, "document")]
    assert json.loads(event.data)["facts"]["document"] == row.id.hex


def test_the_event_holds_the_digest_and_no_name(
    context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    with context.read() as s:
        [event] = [
            each
            for each in log.of_stream(s, stream_name("petition", petition.id))
            if each.kind == Kind.PETITION_DOCUMENT_ADDED
        ]
    assert row.sha256 == sha256(corpus.pdf()).hexdigest() == json.loads(event.data)["facts"]["sha256"]
    assert "信访材料" not in event.data


def test_nothing_readable_lies_in_the_data_folder(
    context: Context, with_file: tuple[Petition, Document]
) -> None:
    _, row = with_file
    lying = [path for path in (context.settings.data / files.FOLDER).rglob("*") if path.is_file()]
    assert sorted(path.name for path in lying) == [f"{row.id.hex}.made", f"{row.id.hex}.original"]
    for path in lying:
        assert path.stat().st_mode & 0o077 == 0
        assert b"%PDF" not in path.read_bytes()


def test_a_refused_file_is_named_with_what_to_do_and_the_others_are_kept(
    desk: At, bring: Bring, context: Context
) -> None:
    petition = bring(State.HANDLING)
    bad = [
        ("判决.docx", corpus.archive(**{"[Content_Types].xml": b"<a/>", "word__document.xml": b"a"})),
        ("坏.jpg", b"\xff\xd8\xff"),
    ]
    answer = send(desk("handler"), f"/petitions/{petition.id}/documents", *bad, (NAME, corpus.pdf()))
    assert answer.status_code == 422
    for part in (
        "有 2 份没有收下",
        "判决.docx",
        "请在原软件中另存为 PDF",
        "坏.jpg",
        "请重新扫描或另存",
        "已收入 1 份",
    ):
        assert part in answer.text, part
    assert [row.name for row in rows(context)] == [NAME]


def test_sentences_come_in_english_too(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    answer = send(
        desk("handler"), f"/petitions/{petition.id}/documents?lang=en", ("a.exe", b"MZ" + bytes(99))
    )
    assert "This is a program and is not taken. Upload a PDF or a picture." in answer.text


def test_a_large_file_leaves_nothing_open(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    large = corpus.packed(corpus.picture(1200, 900), "PNG")
    assert len(large) > 2 * 2**20
    assert (
        send(desk("handler"), f"/petitions/{petition.id}/documents", ("大图.png", large)).status_code == 303
    )
    gc.collect()  # a file left open would warn here, and a warning fails the test
    assert [row.size for row in rows(context)] == [len(large)]


def test_choosing_nothing_is_said(desk: At, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    handler = desk("handler")
    # As browsers send a field for files that was left alone.
    empty = b'--b\r\nContent-Disposition: form-data; name="files"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n'
    token = (
        b'--b\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n%s\r\n--b--\r\n' % handler.csrf.encode()
    )
    answer = handler.client.post(
        f"/petitions/{petition.id}/documents",
        content=empty + token,
        headers={"content-type": "multipart/form-data; boundary=b"},
    )
    assert answer.status_code == 422
    assert "请先选择，再上传" in answer.text


def test_the_same_file_sent_again_is_kept_once(
    desk: At, context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, _ = with_file
    answer = send(desk("handler"), f"/petitions/{petition.id}/documents", ("again.pdf", corpus.pdf()))
    assert answer.status_code == 303
    assert len(rows(context)) == 1


def test_a_name_that_moves_or_hides_is_made_harmless(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    send(desk("handler"), f"/petitions/{petition.id}/documents", ("../../evil\u202efdp.exe", corpus.pdf()))
    assert [row.name for row in rows(context)] == ["evilfdp.pdf"]


def test_files_come_with_a_registration_and_a_refused_one_keeps_no_petition_out(
    desk: At, house: House, context: Context
) -> None:
    assert house
    form = {
        "petition_id": str(new_id()),
        "channel": "letter",
        "subject": "执行",
        "text": "请执行",
        "demands": "执行",
        "group_size": "1",
    }
    answer = send(
        desk("registrar"), "/register", (NAME, corpus.pdf()), ("a.zip", corpus.archive(a=b"a")), **form
    )
    assert answer.status_code == 201
    assert "a.zip" in answer.text
    assert "请解压后逐个上传" in answer.text
    assert [row.petition_id for row in rows(context)] == [UUID(form["petition_id"])]


def test_the_original_is_given_after_a_reason_each_time(
    desk: At, context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    handler, path = desk("handler"), f"/petitions/{petition.id}/documents/{row.id}/original"
    assert "可能带有脚本或病毒" in handler.get(path)
    assert handler.post(path, text="").status_code == 422
    answer = handler.post(path, text="核对签名")
    assert answer.content == corpus.pdf()
    assert answer.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answer.headers["content-security-policy"]
    with context.read() as s:
        reasons = [each.text for each in s.exec(select(AccessReason)).all()]
        looks = s.exec(select(AccessEntry).where(AccessEntry.what == "original")).all()
    assert reasons == ["核对签名"]
    assert [(each.look, each.why) for each in looks] == [("downloaded", "other")]


def test_who_only_reads_gets_the_remade_file_after_a_reason_and_no_original(
    desk: At, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    leader = desk("leader")
    path = f"/petitions/{petition.id}/documents/{row.id}"
    asked = leader.client.get(path)
    if asked.status_code == 303:  # not this leader's own work
        leader.post(f"/petitions/{petition.id}/reason", why="supervision")
        asked = leader.client.get(path)
    assert asked.status_code == 200


def test_another_court_sees_no_file_and_learns_nothing(
    desk: At, context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    with db.unit_of_work(context.engine) as s:
        make_house(s, "辽0103")
    other = desk("registrar", "ln0103")
    for path in ("", f"/{row.id}", f"/{row.id}/original", f"/{new_id()}"):
        assert other.client.get(f"/petitions/{petition.id}/documents{path}").status_code == 404, path
    assert send(other, f"/petitions/{petition.id}/documents", ("b.pdf", corpus.pdf())).status_code == 404
    assert other.post(f"/petitions/{petition.id}/documents/{row.id}/original", text="看看").status_code == 404


def test_whoever_is_complained_about_no_longer_has_the_files(desk: At, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        courts = tree(s)
        here, _ = make_house(s, courts["辽0102"]), make_house(s, courts["辽01"])
        petition = petitions.at(s, here, State.REGISTERED)
    assert (
        send(desk("registrar"), f"/petitions/{petition.id}/documents", (NAME, corpus.pdf())).status_code
        == 303
    )
    path = f"/petitions/{petition.id}/documents/{rows(context)[0].id}"
    assert desk("leader").client.get(path).status_code == 303  # not own work: asked for a reason
    with db.unit_of_work(context.engine) as s:
        act, by = Act.NAME_CONFLICT, here.registrar
        petitions.do(s, here, petition, act, by=by, person="leader.ln0102", ground="accused")
    assert desk("leader").client.get(path).status_code == 404


def test_a_file_is_found_only_under_its_own_petition(
    desk: At, bring: Bring, with_file: tuple[Petition, Document]
) -> None:
    _, row = with_file
    other = bring(State.HANDLING)
    assert desk("handler").client.get(f"/petitions/{other.id}/documents/{row.id}").status_code == 404


def test_a_form_from_elsewhere_is_refused(desk: At, bring: Bring, context: Context) -> None:
    petition = bring(State.HANDLING)
    handler = desk("handler")
    forged = Desk(handler.client, "x" * 32)
    assert send(forged, f"/petitions/{petition.id}/documents", (NAME, corpus.pdf())).status_code == 403
    assert rows(context) == []


def test_a_changed_or_missing_file_is_not_given_out(
    desk: At, context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    path = files.path_of(context.settings.data, petition.id, row.id, files.Copy.MADE)
    content = bytearray(path.read_bytes())
    content[-40] ^= 1
    path.write_bytes(content)
    address = f"/petitions/{petition.id}/documents/{row.id}"
    assert desk("handler").client.get(address).status_code == 500
    path.unlink()
    answer = desk("handler").client.get(address)
    assert answer.status_code == 500
    assert "缺失或被改动" in answer.text


def test_the_quota_of_a_petition_holds(context: Context, house: House, bring: Bring) -> None:
    petition = bring(State.HANDLING)
    limits = context.settings.documents.model_copy(update={"max_petition_files": 2})
    pictures = [
        documents.Sent(f"{seed}.png", BytesIO(corpus.packed(corpus.picture(seed=seed), "PNG")))
        for seed in range(3)
    ]
    good, _ = documents.prepared(pictures, limits)
    store = Store(context.settings.data, limits, context.vault)
    with db.unit_of_work(context.engine) as s:
        now, by = context.clock.now(), house.handler
        kept, refused = documents.attach(s, store=store, petition_id=petition.id, files=good, by=by, now=now)
    assert [each.row.number for each in kept] == [1, 2]
    assert [(each.name, each.why.key) for each in refused] == [("2.png", "documents.file.petition_has_many")]


def test_what_a_crash_left_behind_is_cleared_and_nothing_else(
    context: Context, with_file: tuple[Petition, Document]
) -> None:
    petition, row = with_file
    folder = files.path_of(context.settings.data, petition.id, row.id, files.Copy.MADE).parent
    (folder / f"{new_id().hex}.original").write_bytes(b"sealed")
    (folder / f"{new_id().hex}.made.part").write_bytes(b"half")
    with context.read() as s:
        later = context.clock.now().replace(year=2100)
        assert clear(s, context.settings.data, now=context.clock.now().replace(year=2000)) == 0
        assert clear(s, context.settings.data, now=later) == 2
    assert len(list(folder.iterdir())) == 2


def test_a_database_that_knows_none_of_the_petitions_clears_nothing(context: Context) -> None:
    folder = context.settings.data / files.FOLDER / new_id().hex
    folder.mkdir(parents=True)
    (folder / f"{new_id().hex}.original").write_bytes(b"sealed")
    with context.read() as s:
        assert clear(s, context.settings.data, now=context.clock.now().replace(year=2100)) == 0
    assert len(list(folder.iterdir())) == 1
