"""A notice is read as its sentences say, and no further."""

from datetime import date

import pytest

from central.deadlines.calendar import shipped_calendar
from central.workdays.drafts import draft_of, problems_of
from central.workdays.notices import read_notice
from tests.central.workdays.notice import NOTICE

#: Of the State Council, as published for 2026.
OF_2026 = """国务院办公厅关于2026年部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作，确保人民群众祥和平安度过节日假期。
国务院办公厅
2025年11月4日"""


def spans(text: str, year: int | None = 2027) -> list[tuple[str, str, str]]:
    found = read_notice(text, year)
    assert not found.problems, found.problems
    assert not found.unread, found.unread
    return [(each.name, each.first.isoformat()[5:], each.last.isoformat()[5:]) for each in found.off]


def test_the_notice_of_2026_comes_to_what_the_library_ships() -> None:
    found = read_notice(OF_2026)
    assert not found.problems
    assert not found.unread
    assert (found.year, found.reference, found.issued_on) == (
        2026,
        "国办发明电〔2025〕7号",
        date(2025, 11, 4),
    )
    draft = draft_of(found, year=2026, status="published")
    assert problems_of(draft) == []
    shipped = shipped_calendar().years[2026]
    days = draft.days()
    assert {each.day for each in days if not each.worked and each.day.weekday() < 5} == shipped.off
    assert {each.day for each in days if each.worked} == shipped.worked


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("1月1日至3日放假，1月10日（周日）上班", [("", "01-01", "01-03")]),
        ("元旦：１月１日放假，与周末连休。", [("元旦", "01-01", "01-01")]),
        ("清明节：4月5日放假1天。", [("清明节", "04-05", "04-05")]),
        ("（一）国庆节：10月1日-7日休息", [("国庆节", "10-01", "10-07")]),
        ("5月1日、2日、3日放假", [("", "05-01", "05-01"), ("", "05-02", "05-02"), ("", "05-03", "05-03")]),
        ("春节:2027-02-05至2027-02-13放假", [("春节", "02-05", "02-13")]),
        ("中秋节、国庆节：9月29日至10月6日放假调休，共8天。", [("中秋节、国庆节", "09-29", "10-06")]),
        ("元旦：1月1日放假。春节：2月5日放假。", [("元旦", "01-01", "01-01"), ("春节", "02-05", "02-05")]),
        ("国庆节：10月1日至\n7日放假", [("国庆节", "10-01", "10-07")]),
    ],
    ids=range(9),
)
def test_the_usual_shapes_are_read(text: str, wanted: list[tuple[str, str, str]]) -> None:
    assert spans(text) == wanted


def test_days_of_the_year_before_are_read_where_the_year_is_written() -> None:
    found = read_notice(
        "元旦：2018年12月30日至2019年1月1日放假调休，共3天。2018年12月29日（星期六）上班。", 2019
    )
    assert [(each.first, each.last) for each in found.off] == [(date(2018, 12, 30), date(2019, 1, 1))]
    assert [each.day for each in found.worked] == [date(2018, 12, 29)]
    assert problems_of(draft_of(found, year=2019, status="published")) == []


@pytest.mark.parametrize(
    "text",
    [
        "安排职工在除夕（2月5日）休息",
        "5月1日",
        "5月1日放假，不放假",
        "5月1日不放假",
        "除5月1日外放假",
        "5月1日前放假",
        "元旦放假三天",
        "5月1日左右放假",
        "至5月1日放假",
        "5月1日或2日放假",
    ],
)
def test_nothing_is_guessed(text: str) -> None:
    found = read_notice(text, 2027)
    assert found.unread
    assert not found.off
    assert not found.worked


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("2月30日放假", "no_such_day"),
        ("13月1日放假", "no_such_day"),
        ("1月1日（周一）放假", "wrong_weekday"),
        ("5月4日至1日放假", "backwards"),
        ("12月30日至1月1日放假", "backwards"),
        ("10月1日至7日放假，共8天", "wrong_count"),
    ],
)
def test_what_cannot_be_is_a_problem(text: str, problem: str) -> None:
    found = read_notice(text, 2027)
    assert [each.key for each in found.problems] == [problem]
    assert not found.off


def test_without_a_year_the_year_is_asked_for() -> None:
    assert [each.key for each in read_notice("1月1日放假").problems] == ["year_missing"]


def test_another_year_in_the_title_than_was_said_is_a_problem() -> None:
    assert read_notice(NOTICE, 2028).problems[0].key == "other_year"


def test_a_leap_day_is_a_day_in_a_leap_year_alone() -> None:
    assert spans("2月29日放假", 2028) == [("", "02-29", "02-29")]
    assert [each.key for each in read_notice("2月29日放假", 2027).problems] == ["no_such_day"]
