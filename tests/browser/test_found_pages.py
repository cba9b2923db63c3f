"""Pages that find, compare and bring in, or answer many at once: search, scans, ledgers, matters, hot issues, boxes, in Chinese at a desk and in English on a phone."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from central import db
from central.actor import Role
from central.intake import jobs
from central.mailmerge import work as mailmerge
from central.petitions.states import State
from central.scanning import service as scanning
from central.search import service as search
from tests.browser.conftest import Site
from tests.central.desk.test_scans import picture, stand_in
from tests.central.intake.sheets import HEADS, ROW, book
from tests.factories import halls, petitions
from tests.factories.accounts import PASSWORD, house, staff
from tests.support.browser import PHONE, sound

pytestmark = pytest.mark.browser
Open = Callable[..., Page]


@dataclass(frozen=True)
class Pair:
    """A petition in work, by its id and number, and the number of another."""

    mine: str
    number: str
    other: str


@pytest.fixture
def pair(site: Site) -> Pair:
    """A court with its people, a hall box and two petitions, found by search."""
    with db.unit_of_work(site.context.engine) as s:
        here = house(s)
        staff(s, here.court, Role.COURT_ADMIN)
        halls.box(s, here.court)
        other = petitions.registered(s, here).number
        mine = petitions.at(s, here, State.HANDLING)
        made = Pair(str(mine.id), mine.number, other)
    search.run(search.index_of(site.context.settings.data, site.context.vault, site.context.engine))
    return made


class Look:
    """Opens pages in one language and looks at each."""

    def __init__(self, page: Page, url: str, lang: str) -> None:
        self.page = page
        self._url, self._lang = url, lang

    def sign_in(self, role: str) -> None:
        self.page.context.clear_cookies()
        self.page.goto(f"{self._url}/login?to=/notifications")
        self.page.locator("[name=username]").fill(f"{role}.ln0102")
        self.page.locator("[name=password]").fill(PASSWORD)
        self.page.keyboard.press("Enter")
        expect(self.page).to_have_url(f"{self._url}/notifications")

    def open(self, path: str, *, status: int = 200) -> None:
        answer = self.page.goto(f"{self._url}{path}{'&' if '?' in path else '?'}lang={self._lang}")
        assert answer is not None
        assert answer.status == status, path
        self.sound(path)

    def sound(self, name: str) -> None:
        sound(self.page, f"found-{self._lang}-{name}")


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_finds_and_brings_in_fits_and_is_sound(
    lang: str, site: Site, pair: Pair, open_page: Open, tmp_path: Path
) -> None:
    page = open_page(PHONE)
    look = Look(page, site.url, lang)
    look.sign_in("registrar")
    look.open("/search")
    look.open("/search?q=物业")
    expect(page.locator(".hits mark").first).to_have_text("物业")
    look.open("/petitions")
    page.locator("#instant-q").fill("物业")
    expect(page.locator("[data-instant-results] mark").first).to_be_visible()
    look.sound("instant")
    look.open("/scans")
    send(page, tmp_path / "letter.png", picture())
    assert scanning.run(site.context, read=stand_in) == 1
    page.reload()
    look.sound("batch")
    page.locator(".scan-letters .button").press("Enter")
    expect(page.locator("[name=petitioner_name]")).to_have_attribute("placeholder", "张建国")
    page.locator("[data-target=petitioner_name]").press("Enter")
    expect(page.locator("[name=petitioner_name]")).to_have_value("张建国")
    look.sound("letter")
    look.open("/intake/ledgers")
    send(page, tmp_path / "ledger.xlsx", book(HEADS, ROW, ROW))
    expect(page.locator("[value=start]")).to_be_visible()
    look.sound("preview")
    page.locator("[value=start]").click()
    page.wait_for_load_state()
    assert jobs.resume(site.context) == 1
    page.reload()
    expect(page.locator("#doubles")).to_be_visible()
    look.sound("doubles")
    look.sign_in("handler")
    at = f"/petitions/{pair.mine}"
    look.open(f"{at}/matters")
    look.open(f"{at}/sorting")
    look.open(f"{at}/matters/{pair.other}")
    look.open(f"{at}/history")
    radio = page.locator("#f-why").bounding_box()
    assert radio is not None
    assert radio["width"] <= 24
    answer_many(look, site, pair)
    for path in (
        "/hot",
        "/sorting/quality",
        "/neglect",
        "/hall/boxes",
        "/approvals/new",
        "/account/stand-ins",
    ):
        look.open(path)


def answer_many(look: Look, site: Site, pair: Pair) -> None:
    """Write one text for many, see what a letter will say, start; then look as the leader."""
    page = look.page
    look.open("/mailmerge")
    page.goto(f"{site.url}/mailmerge/new?n={pair.number}")
    for name, words in (
        ("title", "供热"),
        ("words", "【信访人】："),
        ("facts", "已核实。"),
        ("basis", "第三十二条"),
    ):
        page.locator(f"[name={name}]").fill(words)
    page.locator("[name=outcome]").select_option("explain")
    page.locator("[value=preview]").click()
    expect(page.locator("#preview")).to_contain_text("王小明：")
    look.sound("mailmerge-preview")
    page.locator("[value=start]").click()
    assert mailmerge.run(site.context) == 1
    look.sign_in("leader")
    look.open("/mailmerge")
    page.locator("main tbody a").first.click()
    expect(page.locator("#do .button").first).to_be_visible()
    look.sound("mailmerge-approve")


def send(page: Page, path: Path, content: bytes) -> None:
    """Send one file in by the page's form."""
    path.write_bytes(content)
    page.locator("main input[type=file]").set_input_files(path)
    page.locator("main form[enctype] button[type=submit]").click()
    page.wait_for_load_state()
