"""The pages of the calendar: everybody reads, the high court's admin enters, nothing is saved before it was shown."""

import re
from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO

import pytest
from sqlmodel import col, select

from central import db
from central.context import Context
from central.deadlines import queries as deadlines
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import CalendarNotice
from central.petitions.models import Petition
from central.workdays import work
from tests.central.desk.conftest import Desk
from tests.central.workdays import notice
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING

At = Callable[..., Desk]
pytestmark = pytest.mark.usefixtures("high")


def preview(at: Desk, text: str = notice.NOTICE, **fields: str) -> str:
    answer = at.post("/calendar/notice/check", text=text, **fields)
    assert answer.status_code == 200, answer.text
    return answer.text


def carried(page: str) -> dict[str, str]:
    """Return what a preview carries to saving."""
    found = dict(re.findall(r'<input type="hidden" name="(sheet|was)" value="([^"]*)"', page))
    return {name: value.replace("&#34;", '"').replace("&amp;", "&") for name, value in found.items()}


def entries(context: Context) -> list[CalendarNotice]:
    with context.read() as s:
        return list(s.exec(select(CalendarNotice).order_by(col(CalendarNotice.number))).all())


def test_everybody_reads_the_year(desk: At) -> None:
    page = desk("handler").get("/calendar?year=2026")
    assert "已公布" in page
    assert "2026-10-01至2026-10-07，共 7 天" in page
    assert "2026-10-10 六" in page
    assert "法定节假日 国庆节" in page
    assert "录入放假通知" not in page


def test_a_year_without_a_notice_says_so(desk: At) -> None:
    page = desk("handler").get("/calendar?year=2027")
    assert "尚未公布，暂按法定节假日推算" in page
    assert "2027-02-05至2027-02-10" in page


@pytest.mark.parametrize("role", ["registrar", "court_admin"])
def test_nobody_else_enters(desk: At, role: str) -> None:
    at = desk(role)
    assert at.client.get("/calendar/notice").status_code == 403
    for path in ("/calendar/notice", "/calendar/notice/check", "/calendar/day", "/calendar/day/check"):
        answer = at.post(path, text=notice.NOTICE, day="2027-01-04", to="off", reason="试验")
        assert answer.status_code == 403, path
        assert "高级人民法院" in answer.text


def test_a_notice_is_shown_and_saved_only_when_confirmed(desk: At, context: Context, house: House) -> None:
    with db.unit_of_work(context.engine) as s:
        # 7 days end on 11 February, which the notice makes a day off.
        petition = petitions.registered(s, house, now=datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo))
    at = desk("court_admin", "ln")
    page = preview(at)
    assert "2027-02-05至2027-02-13，共 9 天" in page
    assert "2027-02-11 四：改为放假" in page
    assert "2027-01-31 日：改为上班" in page
    assert "有 1 个截止日期将改变" in page
    assert "2027-02-15" in page
    assert petition.number not in page
    assert entries(context) == []
    answer = at.post("/calendar/notice", **carried(page))
    assert (answer.status_code, answer.headers["location"]) == (303, "/calendar/moved/1")
    [kept] = entries(context)
    assert (kept.reference, kept.issued_on, kept.status) == (
        "国办发明电〔2026〕9号",
        date(2026, 11, 20),
        "published",
    )
    assert at.client.get("/calendar/moved/1").headers["refresh"] == "3"
    work.run(context)
    page = desk("registrar").get("/calendar/moved/1")
    assert petition.number in page
    assert "2027-02-11、2027-02-12" in page
    assert "已公布" in desk("registrar").get("/calendar?year=2027")
    with context.read() as s:
        assert s.get_one(Petition, petition.id).next_due_on == date(2027, 2, 15)


def test_who_may_not_see_a_petition_does_not_see_that_it_moved(
    desk: At, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, now=datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo))
        notice.enter(s)
    work.run(context)
    for role, court in (("court_admin", "ln"), ("handler", "ln0102")):
        page = desk(role, court).get("/calendar/moved/1")
        assert petition.number not in page, role
        assert "0 个" in page


def test_the_sheet_of_what_ended_before_names_the_calendar_it_was_counted_by(
    desk: At, context: Context, house: House
) -> None:
    with db.unit_of_work(context.engine) as s:
        petition = petitions.registered(s, house, now=datetime(2027, 1, 29, 1, tzinfo=MORNING.tzinfo))
        clocks = {c.rule: c for c in deadlines.of_petition(s, petition.id)}
        clocks["procedural_reply"].ended_on, clocks["procedural_reply"].outcome = date(2027, 2, 1), "met"
        before = calendar_in_force(s).version
        s.flush()
        s.info.pop("minyi.pending_changes")
        notice.enter(s)
        after = calendar_in_force(s).version
    work.run(context)
    assert before != after
    at = desk("registrar")
    ended = at.get(f"/petitions/{petition.id}/clocks/{clocks['procedural_reply'].id}")
    running = at.get(f"/petitions/{petition.id}/clocks/{clocks['written_notice'].id}")
    assert before in ended
    assert after not in ended
    assert after in running


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "请粘贴通知原文"),
        ("元旦：1月1日至3日放假。五月一日放假", "没有读懂"),
        ("清明：2月30日放假", "没有“2027年2月30日”这一天"),
        ("元旦：1月1日至3日放假。春节：1月3日至5日放假", "2027-01-03 在两个假期中"),
        ("元旦：1月1日至3日放假。1月3日上班", "2027-01-03 既写了放假，又写了上班"),
        ("元旦：1月1日放假。1月5日上班", "2027-01-05 是星期一到星期五"),
        ("元旦：2026年5月1日放假", "不属于 2027 年"),
        ("元旦：1月1日（周一）放假", "不是“周一”"),
        ("春节：1月1日至3月1日放假", "超过 31 天"),
        ("放" * 20_001, "内容太长"),
        ("各单位照常工作", "没有读到任何"),
    ],
    ids=range(11),
)
def test_what_cannot_be_entered_gets_a_sentence(desk: At, context: Context, text: str, said: str) -> None:
    answer = desk("court_admin", "ln").post("/calendar/notice/check", text=text, year="2027")
    assert said in answer.text
    assert answer.status_code == (200 if said == "没有读懂" else 422)
    assert entries(context) == []
    if 0 < len(text) < 1000:
        assert text in answer.text  # nothing typed is lost


def test_a_notice_is_not_issued_tomorrow(desk: At) -> None:
    at = desk("court_admin", "ln")
    answer = at.post("/calendar/notice/check", text="元旦：1月1日放假", year="2027", issued_on="2099-11-20")
    assert answer.status_code == 422
    assert "成文日期不能晚于今天" in answer.text


def test_what_was_not_understood_is_shown_and_not_taken(desk: At) -> None:
    page = preview(
        desk("court_admin", "ln"), "元旦：1月1日至3日放假。鼓励职工在除夕（2月5日）休息。", year="2027"
    )
    assert "没有读懂的句子" in page
    assert "鼓励职工在除夕(2月5日)休息" in page


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("n.csv", "日期,类型,名称\n2027-01-01,放假,元旦\n2027/1/2,放假,元旦\n2027-01-10,上班,元旦\n"),
        (
            "n.toml",
            'year = 2027\nworked = [2027-01-10]\n[[off]]\nname = "元旦"\nfirst = 2027-01-01\nlast = "2027-01-02"\n',
        ),
        (
            "n.json",
            '{"year": 2027, "off": [{"name": "元旦", "first": "2027-01-01", "last": "2027-01-02"}], "worked": ["2027-01-10"]}',
        ),
        ("n.txt", "元旦：2027年1月1日至2日放假，1月10日上班。"),
    ],
    ids=("csv", "toml", "json", "txt"),
)
def test_a_file_of_each_kind_is_read(desk: At, name: str, content: str) -> None:
    at = desk("court_admin", "ln")
    for encoding in ("utf-8-sig", "gb18030") if name.endswith(("csv", "txt")) else ("utf-8",):
        answer = at.client.post(
            "/calendar/notice/check",
            data={"csrf": at.csrf, "year": "2027"},
            files={"file": (name, BytesIO(content.encode(encoding)))},
        )
        assert answer.status_code == 200, answer.text
        assert "2027-01-01至2027-01-02，共 2 天" in answer.text
        assert "2027-01-10 日" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("n.xlsx", b"PK", "请选择 .csv"),
        ("n.csv", b"\xff\xfe\x00\x81", "不是文本"),
        ("n.csv", "日,类\n1,2\n".encode(), "第一行要有"),
        ("n.csv", "日期,类型\n2027-02-30,放假\n".encode(), "没有“2027-02-30”这一天"),
        ("n.csv", "日期,类型\n2027-02-03,也许\n".encode(), "认不出"),
        ("n.toml", b"year = ", "读不出来"),
        ("n.json", b'{"year": 2027, "of": []}', "of"),
        ("n.json", b"[" * 100_000, "读不出来"),
        (
            "n.json",
            b'{"year": 2026, "off": [{"first": "2026-01-01", "last": "2026-01-01"}]}',
            "写的是 2026 年",
        ),
        ("n.txt", b"a" * 300_000, "太长"),
    ],
    ids=range(10),
)
def test_a_file_that_cannot_be_used_gets_a_sentence(desk: At, name: str, content: bytes, said: str) -> None:
    at = desk("court_admin", "ln")
    data = {"csrf": at.csrf, "year": "2027"}
    answer = at.client.post("/calendar/notice/check", data=data, files={"file": (name, BytesIO(content))})
    assert answer.status_code == 422
    assert said in answer.text


def test_a_calendar_changed_meanwhile_is_shown_anew(desk: At, context: Context) -> None:
    at = desk("court_admin", "ln")
    page = preview(at)
    with db.unit_of_work(context.engine) as s:
        notice.enter(s, "元旦：1月1日放假")
    answer = at.post("/calendar/notice", **carried(page))
    assert answer.status_code == 409
    assert "已被他人改动" in answer.text
    assert at.post("/calendar/notice", **carried(answer.text)).status_code == 303
    assert [each.number for each in entries(context)] == [1, 2]


def test_the_same_notice_is_not_entered_twice(desk: At, context: Context) -> None:
    with db.unit_of_work(context.engine) as s:
        notice.enter(s)
    at = desk("court_admin", "ln")
    answer = at.post("/calendar/notice", **carried(preview(at)))
    assert answer.status_code == 409
    assert "完全一致" in answer.text


def test_signs_that_no_column_takes_are_left_out(desk: At, context: Context) -> None:
    at = desk("court_admin", "ln")
    page = preview(at, "元\x00旦：1月1日放假。", year="2027", title="通\x00知")
    assert at.post("/calendar/notice", **carried(page)).status_code == 303
    sheet = '{"year": 2027, "title": "\\u0000通知", "off": [{"name": "元\\u0000旦", "first": "2027-01-04", "last": "2027-01-04"}]}'
    with context.read() as s:
        was = calendar_in_force(s).version
    assert at.post("/calendar/notice", sheet=sheet, was=was).status_code == 303
    assert [each.title for each in entries(context)] == ["通知", "通知"]


def test_one_day_is_changed_with_a_reason(desk: At, context: Context) -> None:
    at = desk("court_admin", "ln")
    fields = {"day": "2026-12-31", "to": "off", "reason": "辽政发〔2026〕1号"}
    page = at.post("/calendar/day/check", **fields)
    assert "2026-12-31 四：改为放假" in page.text
    assert at.post("/calendar/day", **fields).status_code == 303
    page = desk("handler").get("/calendar?year=2026")
    assert "辽政发〔2026〕1号" in page
    with context.read() as s:
        assert not calendar_in_force(s).is_working_day(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"day": "2026-02-30", "to": "off", "reason": "通知"}, "没有“2026-02-30”这一天"),
        ({"day": "", "to": "off", "reason": "通知"}, "这一天"),
        ({"day": "2026-12-31", "to": "", "reason": "通知"}, "请选择改为"),
        ({"day": "2026-12-31", "to": "off", "reason": ""}, "请写明调整的理由"),
        ({"day": "2026-12-31", "to": "worked", "reason": "通知"}, "本来就是工作日"),
        ({"day": "2026-10-01", "to": "off", "reason": "通知"}, "本来就不上班"),
        ({"day": "1999-10-01", "to": "off", "reason": "通知"}, "2004"),
    ],
    ids=range(7),
)
def test_a_day_that_cannot_be_changed_gets_a_sentence(
    desk: At, context: Context, fields: dict[str, str], said: str
) -> None:
    at = desk("court_admin", "ln")
    for path in ("/calendar/day/check", "/calendar/day"):
        answer = at.post(path, **fields)
        assert answer.status_code == 422, path
        assert said in answer.text, path
    assert entries(context) == []


def test_what_another_process_entered_counts_at_the_next_transaction(context: Context) -> None:
    with context.read() as s:
        assert calendar_in_force(s).is_working_day(date(2027, 2, 11))
    with db.unit_of_work(context.engine) as s:
        notice.enter(s)
    with context.read() as s, context.look() as look:
        assert not calendar_in_force(s).is_working_day(date(2027, 2, 11))
        assert not calendar_in_force(look).is_working_day(date(2027, 2, 11))
