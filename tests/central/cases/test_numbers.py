"""Case numbers in every writing: five hundred made by a seeded generator, and those people really write."""

import random
from pathlib import Path

import pytest

from central.cases import codes
from central.cases.codes import Named, tables
from central.cases.numbers import CaseNumber, Shape, key, parse
from central.cases.rows import rows_of, split
from shared.ids import new_id

_BRACKETS = ("（）", "()", "〔〕", "[]", "【】", "［］", "{}", "《》", "「」", "")
_WIDE = {ord(c): ord(c) + 0xFEE0 for c in "0123456789"}
_SUBS = ("", "之一", "之二", "之十一")


def _codes(rng: random.Random) -> str:
    province = rng.choice(sorted(tables().high))
    return rng.choice(
        ("最高法", province, f"{province}{rng.randint(1, 99):02}", f"{province}{rng.randint(1, 9999):04}")
    )


def _made(rng: random.Random) -> tuple[CaseNumber, str]:
    """Return a number and one of its many writings."""
    year, court, serial = rng.randint(2019, 2026), _codes(rng), rng.randint(1, 99_999_999)
    kind = rng.choice(sorted(code for code, known in tables().types.items() if known[-1].in_force(year)))
    special = "知" if kind in {"民初", "民终", "行初", "行终"} and rng.random() < 0.3 else ""
    place = rng.randrange(len(_SUBS))
    number = CaseNumber(Shape.CURRENT, year, court, special + kind, serial, (None, 1, 2, 11)[place])
    left, right = (rng.choice(_BRACKETS) + "  ")[:2]
    sub, mark = _SUBS[place], rng.choice(("号", "号", ""))
    end = f"{sub}{mark}" if sub and rng.random() < 0.3 else f"{mark}{sub}"
    text = f"{left}{year}{right}{court}{special}{kind}{'第' if rng.random() < 0.1 else ''}{serial}{end}"
    if rng.random() < 0.4:
        text = text.translate(_WIDE)
    if rng.random() < 0.4:
        text = "".join(sign + rng.choice(("", "", " ", "\u3000")) for sign in text)
    return number, rng.choice(("", "", "案号：")) + text + rng.choice(("", "", "。", " "))


def test_five_hundred_numbers_are_read_however_they_are_written() -> None:
    rng = random.Random(20151)
    for _ in range(600):
        number, text = _made(rng)
        assert parse(text) == number, text
        assert key(text) == number.canonical
        read = codes.read(text, courts={}, year=2026)
        assert read.court is not None, text
        assert read.type is not None, text
        assert set(read.flags) <= {"court_by_code"}, (text, read.flags)


def test_numbers_written_down_by_hand_are_read_in_full() -> None:
    """`written.tsv`: of every kind of court and case, as judgments and people write them, each with its one form."""
    lines = (Path(__file__).parent / "written.tsv").read_text("utf-8").splitlines()
    assert len(lines) > 600
    for line in lines:
        text, one_form = line.split("\t")
        found = parse(text)
        assert found is not None, text
        assert found.canonical == one_form, text
        read = codes.read(text, courts={}, year=2026)
        if found.shape is Shape.CURRENT:
            assert read.court is not None, text
            assert read.type is not None, text
            assert set(read.flags) <= {"court_by_code"}, (text, read.flags)


def test_several_serials_behind_one_beginning_are_several_numbers() -> None:
    assert split("（2016）粤03民辖终3827、3828号") == ["（2016）粤03民辖终3827", "（2016）粤03民辖终3828号"]
    assert split("(2016)粤0304民初18775-18776号之一") == [
        "(2016)粤0304民初18775号之一",
        "(2016)粤0304民初18776号之一",
    ]
    assert split("(2023)辽0102民初12-3号") == ["(2023)辽0102民初12-3号"]
    assert split("不清楚、123") == ["不清楚", "123"]


@pytest.mark.parametrize("between", ["和", " 与 ", "及", "以及", " ", "", "\n", "；"])
def test_two_numbers_are_two_whatever_stands_between_them(between: str) -> None:
    first, second = "（2019）辽0102民初12号之一", "（2020）辽01民终3号"
    assert split(f"{first}{between}{second}") == [first, second]


@pytest.mark.parametrize(
    "text",
    ["(2019)辽0102民初12号(2020)", "（2019）辽0102民初12号（2020年裁定）", "1（2019）辽0102民初12号", "2024(2019)辽0102民初12号"],
)  # fmt: skip
def test_a_year_that_begins_no_number_splits_none(text: str) -> None:
    assert split(text) == [text]


def test_numbers_without_their_last_sign_are_split_too() -> None:
    assert split("（2019）辽0102民初12（2020）最高法民终3") == ["（2019）辽0102民初12", "（2020）最高法民终3"]


@pytest.mark.parametrize(
    ("text", "one_form"),
    [
        ("(2023)辽0102民初4567号", "（2023）辽0102民初4567号"),
        ("（２０２３）辽０１０２民初４５６７号", "（2023）辽0102民初4567号"),
        ("〔2021〕辽01民终16020号", "（2021）辽01民终16020号"),
        ("【2023】 辽 0102 执异 5 号 之 二", "（2023）辽0102执异5号之二"),
        ("[2023]辽0102执异5之二号", "（2023）辽0102执异5号之二"),
        ("2023辽0102民初4567", "（2023）辽0102民初4567号"),
        ("2023年辽0102民初4567号", "（2023）辽0102民初4567号"),
        ("(2019)最高法知民终1号", "（2019）最高法知民终1号"),
        ("（2023）辽0102民初0045号", "（2023）辽0102民初45号"),
        ("（2023）辽0102民初4567-1号", "（2023）辽0102民初4567号之一"),
        ("（2016）辽0102民初字第12号", "（2016）辽0102民初12号"),
        ("（2017）最高法刑核12345678号", "（2017）最高法刑核12345678号"),
        ("(2014)沈中民一终字第123号", "（2014）沈中民一终字第123号"),
        ("（二〇一四）沈中民一终字第123-2号", "（2014）沈中民一终字第123号之二"),
        ("案号：（2023）辽0102民初4567号。", "（2023）辽0102民初4567号"),
    ],
)
def test_what_people_write_comes_to_one_form(text: str, one_form: str) -> None:
    assert key(text) == one_form
    found = parse(text)
    assert found is not None
    assert found.canonical == one_form


@pytest.mark.parametrize(
    "text",
    ["", "不知道", "法〔2015〕137号", "（2023）辽0102号", "(2023)辽012民初5号", "12345678", "（2023）辽0102民初0号",
     "（1023）辽0102民初4号", "离婚判决书 2023", "辽0102民初4567号", "（2023）辽0102民初四号", "（2023）" + "辽" * 300],
)  # fmt: skip
def test_what_is_no_number_is_kept_and_flagged(text: str) -> None:
    read = codes.read(text, courts={}, year=2026)
    assert read.typed == text
    assert read.flags
    assert read.number is None or "type_unknown" in read.flags


_HEPING = Named("辽0102", "沈阳市和平区人民法院", "Heping", None)


@pytest.mark.parametrize(
    ("text", "court", "kind", "flags"),
    [
        ("(2023)辽0102民初4567号", "沈阳市和平区人民法院", "民事一审", set()),
        ("(2016)辽01民破3号", "辽宁省中级法院", "破产（2016年8月前的代字）", {"court_by_code"}),
        ("(2018)辽01民破3号", "辽宁省中级法院", "破产（2016年8月前的代字）", {"court_by_code", "type_not_in_force"}),
        ("(2018)辽01破3号", "辽宁省中级法院", "破产", {"court_by_code"}),
        ("(2017)粤知民初1号", "广东省高级人民法院", "民事一审", {"special_not_in_force"}),
        ("(2020)辽72民初1号", "辽宁省海事中级法院", "民事一审", {"court_by_code"}),
        ("(2018)沪74民初1号", "上海市油田中级法院", "民事一审", {"court_by_code"}),
        ("(2022)沪74民初1号", "上海市油田或金融中级法院", "民事一审", {"court_by_code"}),
        ("(2022)鄂9004民初1号", "湖北省基层法院", "民事一审", {"court_by_code"}),
        ("(2023)甲01民初1号", None, "民事一审", {"court_unknown"}),
        ("(2023)辽0102民乙1号", "沈阳市和平区人民法院", None, {"type_unknown"}),
        ("(2023)辽0102丁民初1号", "沈阳市和平区人民法院", "民事一审", {"special_unknown"}),
        ("(2031)辽0102民初1号", "沈阳市和平区人民法院", "民事一审", {"year_ahead"}),
        ("(2014)辽0102民初1号", "沈阳市和平区人民法院", "民事一审", {"too_early"}),
        ("(2014)沈中民一终字第1号", "辽宁省中级法院", "民事二审", set()),
        ("(2012)和民二初字第88号", None, "民事一审", {"old_court"}),
        ("(2012)民申字第88号", "最高人民法院", "民事申请再审审查", {"old_court_none"}),
        ("(2012)辽民二终字第88号", "辽宁省高级人民法院", "民事二审", set()),
        ("(2010)沪一中民四（商）终字第26号", "上海市中级法院", "民事二审", set()),
        ("(2019)沈中民一终字第1号", "辽宁省中级法院", "民事二审", {"old_form_late"}),
    ],
)  # fmt: skip
def test_court_and_type_are_those_of_the_year_of_the_number(
    text: str, court: str | None, kind: str | None, flags: set[str]
) -> None:
    read = codes.read(text, courts={"辽0102": _HEPING}, year=2026)
    assert (read.court.zh if read.court else None) == court
    assert (read.type.zh if read.type else None) == kind
    assert set(read.flags) == flags


def test_numbers_stand_one_a_line_or_between_signs_and_each_once() -> None:
    typed = split("(2023)辽0102民初1号；（2023）辽0102民初１号\n 不清楚 、(2023)辽01民终2号")
    assert len(typed) == 4
    rows = rows_of(new_id(), typed)
    assert [row.place for row in rows] == [1, 2, 3]
    assert [row.typed for row in rows] == ["(2023)辽0102民初1号", "不清楚", "(2023)辽01民终2号"]
