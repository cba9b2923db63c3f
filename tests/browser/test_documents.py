"""Files of a petition in a real browser, at desktop and phone width: with the registration, added, refused, saved, the original."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from central import db
from tests.browser.conftest import Site
from tests.central.documents import corpus
from tests.factories.accounts import PASSWORD, house
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
LONG = "关于辽0102执行1号案件执行款发还问题的情况说明及相关证据材料目录（第一册，共三册，含补充材料）.pdf"


@pytest.fixture
def page(site: Site, open_page: Callable[..., Page]) -> Page:
    """The form of registration, opened by a registrar."""
    with db.unit_of_work(site.context.engine) as s:
        house(s)
    found = open_page(PHONE)
    found.goto(f"{site.url}/login")
    found.get_by_label("用户名").fill("registrar.ln0102")
    found.get_by_label("密码").fill(PASSWORD)
    found.get_by_role("button", name="登录").click()
    expect(found).to_have_url(f"{site.url}/today")
    found.goto(f"{site.url}/register")
    return found


def written(folder: Path, **files: bytes) -> list[Path]:
    made = []
    for name, content in files.items():
        path = folder / name
        path.write_bytes(content)
        made.append(path)
    return made


def register(page: Page, files: list[Path]) -> None:
    page.locator("#f-subject").fill("执行款未发还")
    page.locator("#f-text").fill("执行款到账后一直没有发还。")
    page.locator("#f-demands").fill("尽快发还")
    page.locator("input[type=file]").set_input_files(files)
    page.locator("main form button[type=submit]").click()


def test_files_go_in_and_come_out(page: Page, tmp_path: Path) -> None:
    sound(page, "documents-register")
    register(page, written(tmp_path, **{LONG: corpus.pdf(), "合同.docx": corpus.archive(word__a=b"a")}))
    expect(page.get_by_role("alert")).to_contain_text("请在原软件中另存为 PDF")
    sound(page, "documents-registered")
    page.get_by_role("link", name="添加附件").click()
    page.locator("input[type=file]").set_input_files(
        written(tmp_path, **{"照片.jpg": corpus.jpeg(), "网页.html": b"<html><script>1</script>"})
    )
    page.get_by_role("button", name="上传").click()
    expect(page.get_by_role("alert")).to_contain_text("网页.html")
    expect(page.get_by_role("alert")).to_contain_text("请打印成 PDF 或截图后上传")
    sound(page, "documents-refused")
    page.locator("input[type=file]").set_input_files(written(tmp_path, **{"图.png": corpus.png()}))
    page.get_by_role("button", name="上传").click()
    panel = page.locator("#documents")
    expect(panel).to_contain_text("图.png")
    sound(page, "documents-petition")
    with page.expect_download() as saved:
        panel.get_by_role("link", name=LONG, exact=True).click()
    assert saved.value.suggested_filename == LONG
    assert Path(saved.value.path()).read_bytes().startswith(b"%PDF")
    panel.locator("a", has_text="下载原件").filter(has_text=LONG).click()
    sound(page, "documents-original")
    page.locator("#f-text").fill("核对签名")
    with page.expect_download() as original:
        page.get_by_role("button", name="记录并下载").click()
    assert Path(original.value.path()).read_bytes() == corpus.pdf()
