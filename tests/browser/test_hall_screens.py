"""The hall's screens in a real browser over a real box: kiosk, display, counter, a visitor's phone."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import segno
from playwright.sync_api import Page, expect

from tests.edge_agent import papers
from tests.support.browser import PHONE, Viewport, axe_violations, screenshot, sideways_scroll
from tests.support.edgebox import KEY, PIN, HallBox, give_roster
from tests.support.ports import free_port
from tests.support.processes import Processes

pytestmark = pytest.mark.browser
Open = Callable[..., Page]
TALL = Viewport("kiosk-tall", 1080, 1920)
WIDE = Viewport("kiosk-wide", 1280, 800)
DISPLAY = Viewport("display", 1920, 1080)
COUNTER = Viewport("counter", 1280, 800)
LANGUAGES = ["zh-CN", "en"]
EXPIRED = "EEEEE99999"


@pytest.fixture
def box(started: Processes, tmp_path: Path) -> HallBox:
    """A box whose roster knows one appointment now (`papers.TYPED`) and one of the morning."""
    port = free_port()
    made = HallBox(started, tmp_path, http={"port": port, "public_url": f"http://127.0.0.1:{port}"})
    now = datetime.now(UTC)
    entries = (
        papers.entry(uuid4(), at=now),
        papers.entry(uuid4(), at=now - timedelta(hours=5), code=EXPIRED),
    )
    give_roster(made.data, papers.roster(*entries, at=now), papers.signed)
    return made.start()


def assert_sound(page: Page, name: str) -> None:
    """The screen fits, and axe finds nothing; its picture is kept."""
    screenshot(page, name)
    assert axe_violations(page) == []
    assert sideways_scroll(page) == 0


def assert_fits(page: Page, name: str) -> None:
    """Nothing of a kiosk or display lies below its edge."""
    assert_sound(page, name)
    assert page.evaluate("document.documentElement.scrollHeight - document.documentElement.clientHeight") == 0


def type_code(page: Page, code: str) -> None:
    """Press the keys of a code on the screen."""
    page.locator("[data-go=code]").locator("visible=true").first.click()
    for sign in code:
        page.locator(f"[data-key='{sign}']").click()
    page.locator("#code .main").click()


def hold(page: Page, button: str) -> None:
    """Hold a button as a finger does."""
    page.locator(button).hover()
    page.mouse.down()
    expect(page.locator("#banner .call")).to_be_visible()
    page.mouse.up()


def sign_in(page: Page, box: HallBox, number: int = 1) -> None:
    page.goto(f"{box.url}/counter/{number}")
    page.locator("[name=by]").fill("李书记员")
    page.locator("[name=pin]").fill(PIN)
    page.locator("main button.main").click()
    expect(page.locator(".next button")).to_be_visible()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("size", [TALL, WIDE], ids=lambda size: size.name)
def test_every_step_of_the_kiosk_fits_and_is_sound(
    size: Viewport, lang: str, box: HallBox, open_page: Open
) -> None:
    page = open_page(size)
    page.goto(f"{box.url}/?lang={lang}")
    assert_fits(page, f"start-{size.name}-{lang}")
    for step in ("code", "kinds", "help"):
        page.locator(f"#start [data-go={step}]").click()
        assert_fits(page, f"{step}-{size.name}-{lang}")
        page.locator(f"#{step} [data-go=start]").click()
    page.locator("#start [data-go=kinds]").click()
    page.locator("button[value=query]").click()
    expect(page.locator(".ticket .number")).to_have_text("C001")
    assert_fits(page, f"ticket-{size.name}-{lang}")
    page.locator("#result [data-go=start]").click()
    hold(page, "#foot-help button")
    assert_fits(page, f"called-{size.name}-{lang}")


@pytest.mark.parametrize("size", [TALL, WIDE], ids=lambda size: size.name)
def test_the_largest_english_text_fits(size: Viewport, box: HallBox, open_page: Open) -> None:
    page = open_page(size)
    page.goto(f"{box.url}/?lang=en")
    page.locator("[data-size='3']").click()
    assert_fits(page, f"start-large-{size.name}")
    page.locator("#start [data-go=code]").click()
    confirm, back = (page.locator(f"#code {one}").bounding_box() for one in (".main", ".back"))
    assert confirm is not None
    assert back is not None
    beside = confirm["x"] + confirm["width"] <= back["x"]
    assert beside or back["y"] + back["height"] <= confirm["y"]
    page.locator("#code [data-go=start]").click()
    page.locator("#start [data-go=kinds]").click()
    page.locator("button[value=query]").click()
    expect(page.locator(".ticket .number")).to_have_text("C001")
    assert_fits(page, f"ticket-large-{size.name}")


@pytest.mark.parametrize("size", [TALL, WIDE], ids=lambda size: size.name)
def test_targets_of_the_start_are_large(size: Viewport, box: HallBox, open_page: Open) -> None:
    page = open_page(size)
    page.goto(box.url)
    for target in page.locator("#start .choice").all():
        area = target.bounding_box()
        assert area is not None
        assert min(area["width"], area["height"]) >= 120


def test_a_code_opens_one_number_and_is_refused_kindly_afterwards(box: HallBox, open_page: Open) -> None:
    page = open_page(TALL)
    page.goto(box.url)
    type_code(page, papers.TYPED)
    expect(page.locator(".ticket .number")).to_have_text("B001")
    page.locator("#result [data-go=start]").click()
    type_code(page, papers.TYPED)
    expect(page.locator(".refused")).to_contain_text("B001")
    assert_fits(page, "used-code")


@pytest.mark.parametrize(
    ("code", "sentences"),
    [(EXPIRED, ("预约时段已过", "is over")), ("ZZZZZ99999", ("今天的预约中没有这个码", "not among today"))],
    ids=["expired", "unknown"],
)
def test_a_refused_code_says_what_to_do(
    code: str, sentences: tuple[str, str], box: HallBox, open_page: Open
) -> None:
    for lang, sentence in zip(LANGUAGES, sentences, strict=True):
        page = open_page(WIDE)
        page.goto(f"{box.url}/?lang={lang}")
        type_code(page, code)
        expect(page.locator(".refused")).to_contain_text(sentence)
        assert_fits(page, f"refused-{code}-{lang}")


def test_a_code_held_up_to_the_camera_opens_a_number(box: HallBox, open_page: Open, tmp_path: Path) -> None:
    page = open_page(TALL)
    with page.expect_response("**/live/kiosk"):
        page.goto(box.url)
    segno.make(papers.token(uuid4(), KEY, at=datetime.now(UTC))).save(
        str(tmp_path / "x.png"), scale=8, border=4
    )
    expect(page.locator("#banner")).to_be_attached()
    box.process.wait_for((box.data / "camera").exists, what="the camera looks")
    (tmp_path / "x.png").rename(box.data / "camera" / "x.png")
    expect(page.locator("#result .number")).to_have_text("B001")


def test_two_quick_taps_make_one_number(box: HallBox, open_page: Open) -> None:
    page = open_page(TALL)
    page.goto(box.url)
    page.locator("#start [data-go=kinds]").click()
    page.locator("button[value=query]").dblclick()
    expect(page.locator(".ticket .number")).to_have_text("C001")
    assert box.get("/healthz").data["visitors_waiting"] == 1


def test_a_number_goes_from_kiosk_to_display_to_counter_to_phone(box: HallBox, open_page: Open) -> None:
    kiosk, display, counter, phone = (open_page(size) for size in (WIDE, DISPLAY, COUNTER, PHONE))
    display.goto(f"{box.url}/display")
    expect(display.locator(".nobody")).to_be_visible()
    assert_fits(display, "display-empty")
    sign_in(counter, box)
    assert_sound(counter, "counter-free")
    kiosk.goto(box.url)
    kiosk.locator("#start [data-go=kinds]").click()
    kiosk.locator("button[value=letter_drop]").click()
    expect(kiosk.locator(".ticket .number")).to_have_text("A001")
    ident = kiosk.locator("[data-ticket]").get_attribute("data-ticket")
    phone.goto(f"{box.url}/ticket/{ident}")
    expect(phone.locator(".state")).to_have_text("等候中")
    assert_sound(phone, "phone-waiting")
    expect(display.locator(".waiting")).to_contain_text("等候 1 人")
    counter.locator(".next button").click()
    expect(display.locator(".latest .number")).to_have_text("A001")
    expect(phone.locator(".state")).to_have_text("请到 1 号窗口")
    assert_fits(display, "display-called")
    assert_sound(phone, "phone-called")
    counter.keyboard.press("r")
    expect(counter.locator(".now")).to_contain_text("第 2 次")
    counter.keyboard.press("a")
    expect(phone.locator(".state")).to_contain_text("已过号")
    expect(display.locator(".latest .number")).to_have_count(0)
    assert_sound(counter, "counter-absent")
    counter.get_by_role("button", name="A001 重叫").click()
    counter.get_by_role("button", name="办结").click()
    expect(phone.locator(".state")).to_have_text("已办结")


def test_the_display_stays_large_and_in_the_courts_time_after_somebody_chose_english(
    box: HallBox, open_page: Open
) -> None:
    display = open_page(DISPLAY)
    display.goto(f"{box.url}/display?lang=en")
    here = datetime.now(UTC).astimezone(ZoneInfo("Asia/Shanghai"))
    expect(display.locator("#now")).to_have_text(re.compile(f"{here:%H}:|{here + timedelta(minutes=1):%H}:"))
    assert display.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize)") > 30


def test_help_is_seen_everywhere_and_who_comes_is_shown_where_it_was_asked(
    box: HallBox, open_page: Open
) -> None:
    kiosk, display, counter = (open_page(size) for size in (TALL, DISPLAY, COUNTER))
    display.goto(f"{box.url}/display")
    sign_in(counter, box)
    kiosk.goto(box.url)
    kiosk.locator("#start [data-go=help]").click()
    hold(kiosk, "#help button")
    expect(counter.locator(".calls")).to_contain_text("有群众求助")
    expect(display.locator(".help")).to_contain_text("有群众需要帮助")
    assert_sound(counter, "counter-call")
    assert_fits(display, "display-help")
    counter.get_by_role("button", name="我去").click()
    expect(kiosk.locator("#banner")).to_contain_text("李书记员 正在赶来")
    expect(display.locator(".help")).to_contain_text("工作人员正在赶来")
    assert "李书记员" not in display.content()
    assert (box.data / "lamp").read_text() == "coming"
    assert_fits(kiosk, "kiosk-coming")
    assert_sound(counter, "counter-coming")
    counter.locator(".close input").fill("已协助")
    counter.get_by_role("button", name="结束").click()
    expect(kiosk.locator("#banner .call")).to_have_count(0)
    assert (box.data / "lamp").read_text() == "off"


def test_the_device_button_reaches_the_screens(box: HallBox, open_page: Open) -> None:
    page = open_page(TALL)
    page.goto(box.url)
    (box.data / "button").touch()
    expect(page.locator("#banner .call")).to_be_visible()


def test_a_short_touch_calls_nobody(box: HallBox, open_page: Open) -> None:
    page = open_page(TALL)
    page.goto(box.url)
    page.locator("#foot-help button").click()
    assert box.get("/healthz").data["calls_open"] == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_wrong_pin_is_said_at_the_form(lang: str, box: HallBox, open_page: Open) -> None:
    page = open_page(COUNTER)
    page.goto(f"{box.url}/counter/sign-in?lang={lang}")
    assert_sound(page, f"sign-in-{lang}")
    page.locator("[name=by]").fill("李书记员")
    page.locator("[name=pin]").fill("0000")
    page.locator("main button.main").click()
    expect(page.get_by_role("alert")).to_contain_text("PIN")
    assert page.locator("[name=by]").input_value() == "李书记员"
    assert_sound(page, f"sign-in-wrong-{lang}")


def test_counter_pages_are_sound_in_english_too(box: HallBox, open_page: Open) -> None:
    page = open_page(COUNTER)
    sign_in(page, box)
    box.take()
    page.goto(f"{box.url}/counter/1?lang=en")
    page.locator(".next button").click()
    expect(page.locator(".now .number")).to_have_text("C001")
    assert_sound(page, "counter-en")
    page.goto(f"{box.url}/counter")
    assert_sound(page, "counters-en")


def test_screens_say_that_they_are_stale_and_come_back_by_themselves(box: HallBox, open_page: Open) -> None:
    kiosk, display = open_page(TALL), open_page(DISPLAY)
    for page, path in ((kiosk, "/"), (display, "/display")):
        with page.expect_response("**/live/**"):
            page.goto(box.url + path)
    box.kill()
    for page, name in ((kiosk, "kiosk-stale"), (display, "display-stale")):
        expect(page.locator("#stale")).to_contain_text("最后更新于")
        assert_fits(page, name)
    box.start()
    box.take()
    expect(display.locator(".waiting")).to_contain_text("等候 1 人")
    for page in (kiosk, display):
        expect(page.locator("#stale")).to_be_hidden()


def test_a_touch_page_whose_box_is_gone_says_where_to_go(box: HallBox, open_page: Open) -> None:
    page = open_page(TALL)
    page.goto(box.url)
    page.locator("#start [data-go=kinds]").click()
    box.kill()
    page.locator("button[value=query]").click()
    expect(page.locator("#refused .sentence")).to_contain_text("请到人工窗口")
    assert_fits(page, "kiosk-gone")
    page.locator("#refused").get_by_role("link", name="返回").click()
    page.locator("#foot-help button").hover()
    page.mouse.down()
    expect(page.locator("#refused .sentence")).to_contain_text("请到最近的窗口")
    page.mouse.up()
    page.locator("#refused").get_by_role("link", name="返回").click()
    box.start()  # within seconds: who pressed is called for all the same
    expect(page.locator(".call")).to_contain_text("已呼叫")
    expect(page.locator("#start")).to_be_visible()
