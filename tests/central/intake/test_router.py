"""The page: upload, check the columns, start, watch, open what came in."""

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook
from sqlmodel import select
from starlette.testclient import TestClient

from central.context import Context
from central.intake import jobs as work
from central.intake.models import LedgerImport
from tests.central.intake.sheets import HEADS, ROW, book
from tests.factories.accounts import House

pytestmark = pytest.mark.usefixtures("house")


@pytest.fixture
def csrf(client: TestClient, house: House, sign_in: Callable[[TestClient, str], str]) -> str:
    return sign_in(client, "registrar.ln0102")


def upload(client: TestClient, csrf: str, content: bytes, name: str = "台账.xlsx") -> Any:
    return client.post("/intake/ledgers", data={"csrf": csrf}, files={"file": (name, content)})


def begun(client: TestClient, csrf: str, *rows: tuple[Any, ...]) -> str:
    answer = upload(client, csrf, book(HEADS, *rows))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def chosen(csrf: str, do: str = "start", **more: str) -> dict[str, str]:
    fields = ("number", "petitioner", "subject", "received_at", "text", "reply", "replied_at")
    columns = {f"column-{place}": name for place, name in enumerate(fields)}
    return {"csrf": csrf, "do": do, "sheet": "Sheet1", "channel": "online", **columns, **more}


def test_the_columns_and_the_first_rows_are_shown_before_anything_goes_in(
    client: TestClient, csrf: str, context: Context
) -> None:
    page = client.get(begun(client, csrf, ROW)).text
    assert "留言时间" in page
    assert "物业管理有问题" in page
    assert "2019年4月25日" in page
    assert work.resume(context) == 0


def test_a_started_import_is_carried_out_and_opens_down_to_the_petition(
    client: TestClient, csrf: str, context: Context
) -> None:
    place = begun(client, csrf, ROW)
    assert client.post(place, data=chosen(csrf)).status_code == 303
    waiting = client.get(place)
    assert waiting.headers["refresh"] == "3"
    assert work.resume(context) == 1
    page = client.get(place).text
    assert "导入完成" in page
    assert "辽0102-2019-000001" in page
    assert work.resume(context) == 0


@pytest.mark.parametrize("after", ["-1", "9223372036854775808", "9" * 60, "x"])
def test_a_row_that_no_ledger_has_is_no_error_of_ours(client: TestClient, csrf: str, after: str) -> None:
    place = begun(client, csrf, ROW)
    assert client.get(f"{place}?after={after}").status_code == 422


def test_an_import_cannot_be_started_twice(client: TestClient, csrf: str) -> None:
    place = begun(client, csrf, ROW)
    client.post(place, data=chosen(csrf))
    assert client.post(place, data=chosen(csrf)).status_code == 409


def test_a_column_can_be_given_another_field(client: TestClient, csrf: str, context: Context) -> None:
    place = begun(client, csrf, ROW)
    page = client.post(place, data=chosen(csrf, "preview", **{"column-2": "", "column-4": "subject"}))
    assert page.status_code == 200
    assert "小区停车费上涨" in page.text


def test_two_columns_for_one_field_are_told(client: TestClient, csrf: str) -> None:
    answer = client.post(begun(client, csrf, ROW), data=chosen(csrf, **{"column-2": "text"}))
    assert answer.status_code == 422
    assert "有两列都对应“正文”" in answer.text


def test_a_file_that_is_no_spreadsheet_is_told_and_not_kept(
    client: TestClient, csrf: str, context: Context
) -> None:
    answer = upload(client, csrf, b"%PNG and nothing more")
    assert answer.status_code == 422
    assert "这不是电子表格" in answer.text
    assert list((context.settings.data / "imports").iterdir()) == []


def test_a_form_without_a_file_is_told(client: TestClient, csrf: str) -> None:
    answer = client.post("/intake/ledgers", data={"csrf": csrf})
    assert answer.status_code == 422
    assert "没有收到文件" in answer.text


def test_the_report_is_a_spreadsheet_with_the_rows_left_out(
    client: TestClient, csrf: str, context: Context, tmp_path: Path
) -> None:
    bad = (*ROW[:3], "=1+1", *ROW[4:])
    place = begun(client, csrf, ROW, (2, *bad[1:]))
    client.post(place, data=chosen(csrf))
    work.resume(context)
    answer = client.get(f"{place}/report")
    assert answer.status_code == 200
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.content)).get_sheet_by_index(1).to_python()
    assert rows[1][:3] == [3.0, "留言时间", "=1+1"]


def test_a_double_is_decided_and_the_whole_undone_on_the_page(
    client: TestClient, csrf: str, context: Context
) -> None:
    place = begun(client, csrf, ROW, ROW, ("合计", "", "", "", "", "", ""), (3, *ROW[1:3], "昨天", *ROW[4:]))
    client.post(place, data=chosen(csrf))
    work.resume(context)
    page = client.get(place).text
    assert "与第 2 行完全相同" in page
    assert "合计行" in page
    row = re.search(r'name="row" value="([0-9a-f-]+)"', page)
    assert row is not None
    taken = client.post(f"{place}/doubles", data={"csrf": csrf, "do": "take", "row": row[1]})
    assert taken.status_code == 303
    assert "辽0102-2019-000002" in client.get(place).text
    fixed = client.get(f"{place}/correct").content
    rows = CalamineWorkbook.from_filelike(io.BytesIO(fixed)).get_sheet_by_index(0).to_python()
    assert "认不出日期" in str(rows[1][1])
    assert client.post(f"{place}/steer", data={"csrf": csrf, "do": "undo"}).status_code == 303
    work.resume(context)
    page = client.get(place).text
    assert "导入已撤销" in page
    assert "辽0102-2019-000002" not in page


def test_further_sheets_with_the_same_heads_go_in_as_imports_of_their_own(
    client: TestClient, csrf: str, context: Context
) -> None:
    more = [("二季度台账",), HEADS, *((at, *ROW[1:4], f"另一件事{at}", *ROW[5:]) for at in (2, 3))]
    content = book(
        HEADS, ROW, 来访=more, other=[("姓名", "电话"), ("王某", "1")], third=[HEADS, (4, *ROW[1:])]
    )
    place = str(upload(client, csrf, content).headers["location"])
    page = client.get(place).text
    assert re.findall(r'name="also-\d" value="(\w+)"', page) == ["来访", "third"]
    again = client.post(place, data=chosen(csrf, "preview", **{"also-0": "来访"})).text
    assert 'value="来访" checked' in again
    assert client.post(place, data=chosen(csrf, **{"also-0": "来访", "also-1": "other"})).status_code == 303
    assert work.resume(context) == 2
    found = client.get("/intake/ledgers").text
    assert "台账.xlsx · 来访" in found
    assert "third" not in found
    with context.read() as s:
        counts = {
            one.file_name: (one.stage, one.taken, one.layout["channel"])
            for one in s.exec(select(LedgerImport))
        }
    assert counts == {"台账.xlsx": ("done", 1, "online"), "台账.xlsx · 来访": ("done", 2, "visit")}


def test_a_handler_cannot_import(
    client: TestClient, house: House, sign_in: Callable[[TestClient, str], str]
) -> None:
    sign_in(client, "handler.ln0102")
    assert client.get("/intake/ledgers").status_code == 403


def test_without_the_token_of_the_form_nothing_is_kept(
    client: TestClient, csrf: str, context: Context
) -> None:
    assert upload(client, "wrong", book(HEADS, ROW)).status_code == 403
    assert not (context.settings.data / "imports").exists()
