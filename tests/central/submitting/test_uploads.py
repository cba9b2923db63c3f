"""Files on a bad line: in pieces, from where they stopped, checked, sealed, sent along or gone after a day."""

import base64
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.documents.models import Document
from central.submitting import uploads
from central.submitting.models import Upload
from central.submitting.upload_router import PIECE
from shared.clock import FixedClock
from tests.central.documents.corpus import jpeg
from tests.central.submitting.conftest import ANSWERS, Writer

Write = Callable[[], Writer]


def to_files(page: Writer) -> str:
    """Go to the page for files; return the text that lets files be sent."""
    while page.step != "files":
        page.say(**ANSWERS[page.step])
    return page.page.partition('data-drop="')[2].partition('"')[0]


def announce(client: TestClient, drop: str, size: int, name: str = "照片.jpg") -> tuple[int, str]:
    told = {"filename": name, "drop": drop}
    packed = ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in told.items())
    answer = client.post("/submit/uploads", headers={"Upload-Length": str(size), "Upload-Metadata": packed})
    return answer.status_code, answer.headers.get("location", answer.text)


def push(client: TestClient, place: str, offset: int, piece: bytes) -> tuple[int, str]:
    answer = client.patch(place, content=piece, headers={"Upload-Offset": str(offset), "Content-Type": PIECE})
    return answer.status_code, answer.headers.get("upload-offset", answer.text)


def left_on_disk(context: Context) -> list[Path]:
    return list((context.settings.data / uploads.FOLDER).glob("*/*"))


def test_a_file_in_pieces_goes_on_where_it_stopped_and_comes_with_the_petition(
    writer: Write, client: TestClient, context: Context
) -> None:
    page, photo = writer(), jpeg()
    half = len(photo) // 2
    status, place = announce(client, to_files(page), len(photo))
    assert status == 201
    assert push(client, place, 0, photo[:half]) == (204, str(half))
    # The answer was lost: the same piece again does not fit, and is told where to go on.
    assert push(client, place, 0, photo[:half]) == (409, str(half))
    assert client.head(place).headers["upload-offset"] == str(half)
    assert all(photo[:64] not in path.read_bytes() for path in left_on_disk(context))
    page.say("stay")
    assert "请再选同一个文件接着传" in page.page
    assert push(client, place, half, photo[half:]) == (204, str(len(photo)))
    page.answer()
    assert "照片.jpg" in page.page
    assert page.say("send").status_code == 303
    with context.read() as s:
        [document] = s.exec(select(Document)).all()
        assert (document.name, document.size, document.added_by) == ("照片.jpg", len(photo), None)
        assert s.exec(select(Upload)).all() == []
    assert left_on_disk(context) == []


def test_a_file_that_is_not_taken_is_told_at_once_and_removed(
    writer: Write, client: TestClient, context: Context
) -> None:
    _, place = announce(client, to_files(writer()), 11)
    status, words = push(client, place, 0, b"MZ\x90\x00program")
    assert status == 422
    assert "程序文件" in words
    assert client.head(place).status_code == 404
    assert left_on_disk(context) == []


def test_without_script_files_come_with_the_page_and_can_be_removed(writer: Write) -> None:
    page = writer()
    to_files(page)
    page.say("stay", files=[("files", ("一.jpg", jpeg(), "image/jpeg")), ("files", ("坏.exe", b"MZ", "x/y"))])
    assert page.status == 422
    assert "坏.exe" in page.page
    assert "一.jpg" in page.page
    wish = page.page.partition('value="remove:')[2].partition('"')[0]
    page.say(f"remove:{wish}")
    assert "一.jpg" not in page.page


def test_a_file_half_sent_is_named_before_the_petition_is_sent(writer: Write, client: TestClient) -> None:
    page = writer()
    _, place = announce(client, to_files(page), 1000)
    push(client, place, 0, b"\xff\xd8\xff")
    page.answer()
    page.say("send")
    assert (page.status, page.step) == (422, "files")
    assert "照片.jpg: 还没有传完" in page.page


def test_limits_are_said_and_a_page_of_somebody_else_lets_nothing_in(
    writer: Write, client: TestClient
) -> None:
    drop = to_files(writer())
    assert announce(client, drop, 21 * 2**20)[0] == 422
    assert announce(client, drop[:-4] + "AAAA", 10)[0] == 400
    for _ in range(uploads.MOST_FILES):
        assert announce(client, drop, 10)[0] == 201
    status, words = announce(client, drop, 10)
    assert (status, "最多 20 个文件" in words) == (422, True)


def test_what_was_not_sent_is_gone_after_a_day_with_its_key(
    writer: Write, client: TestClient, context: Context, clock: FixedClock
) -> None:
    _, place = announce(client, to_files(writer()), 1000)
    push(client, place, 0, b"\xff\xd8\xff")
    clock.at += timedelta(hours=23)
    with db.unit_of_work(context.engine) as s:
        assert uploads.clear(s, context.settings.data, now=clock.now()) == 0
    clock.at += timedelta(hours=2)
    with db.unit_of_work(context.engine) as s:
        assert uploads.clear(s, context.settings.data, now=clock.now()) == 1
    assert left_on_disk(context) == []
    assert client.head(place).status_code == 404
