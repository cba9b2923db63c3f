"""Two columns that say the same: the longer is the text, the shorter the subject."""

import pytest

from central.intake import apart, columns, finding
from central.intake.heads import Layout
from central.intake.rows import Field, Found, RawRow

LONG = "我家去年十一月起没有暖气，多次打电话没有人来，请求法院督促执行并退还供热费。"


@pytest.mark.parametrize("heads", [("姓名", "反映事项", "反映内容"), ("姓名", "事由", "内容摘要")])
@pytest.mark.parametrize("turned", [False, True])
def test_of_two_columns_that_say_the_same_the_longer_is_the_text(
    heads: tuple[str, ...], *, turned: bool
) -> None:
    cells = ["供热费退还", LONG][:: -1 if turned else 1]
    below = [RawRow(at, (f"甲{at}某", *cells)) for at in range(2, 8)]
    held = [each.field for each in columns.propose(Found(1, 1, heads), below)]
    wanted = [Field.SUBJECT, Field.TEXT][:: -1 if turned else 1]
    assert held == [Field.PETITIONER, *wanted]


def test_two_columns_of_one_length_keep_to_the_commoner_head() -> None:
    below = [RawRow(at, (LONG, LONG)) for at in range(2, 8)]
    held = [each.field for each in columns.propose(Found(1, 1, ("反映事项", "反映内容")), below)]
    assert held.count(Field.TEXT) == 1
    assert Field.SUBJECT not in held


@pytest.mark.parametrize(
    ("storeys", "cells", "says"),
    [
        ([("年", "月", "日", "姓名", "内容")], ("2024", "3", "5"), "2024年3月5日"),
        ([("收信日期", "", "", "姓名", "内容"), ("年", "月", "日", "", "")], ("2024年", "3月", "5日"), "2024年3月5日"),
        ([("来信月份", "来信日", "姓名", "内容")], ("12", "31"), "12月31日"),
        ([("Year", "Month", "Day", "姓名", "内容")], ("2024", "3", ""), "2024年3月"),
    ],
)  # fmt: skip
def test_a_date_over_several_columns_is_one(
    storeys: list[tuple[str, ...]], cells: tuple[str, ...], says: str
) -> None:
    above = [RawRow(at, each) for at, each in enumerate(storeys, 1)]
    below = [RawRow(at, (*cells, f"王{at}某", LONG)) for at in range(len(storeys) + 1, len(storeys) + 9)]
    found = finding.find([*above, *below], named=("2024年台账",))
    assert found.last_row == len(storeys)
    layout = Layout(found.last_row, found.names, {Field.RECEIVED_AT: 0})
    assert layout.cell(below[0].cells, Field.RECEIVED_AT) == says
    if cells[-1]:
        held = [each.field for each in columns.propose(found, below)]
        later = [Field.IGNORE] * (len(cells) - 1)
        assert held == [Field.RECEIVED_AT, *later, Field.PETITIONER, Field.TEXT]


def test_days_that_are_no_parts_of_one_date_stay_what_they_are() -> None:
    assert apart.stretches(("收信年", "办结月", "生日", "日", "月", "年")) == {}


def test_under_a_group_the_own_part_of_a_head_goes_before_the_words_of_the_group() -> None:
    storeys = [
        ("编号", "信访情况", "", "", "", "办理情况", "", ""),
        ("", "基本", "", "内容", "", "单位", "结果", ""),
        ("", "当事人", "电话", "登记日期", "诉求", "", "答复内容", "答复日期"),
    ]
    cells = ("王甲", "13900001111", "2024.3.5", LONG, "执行局", "已书面答复", "2024.4.1")
    below = [RawRow(at, (str(at), *cells)) for at in range(4, 10)]
    found = finding.find([*(RawRow(at, each) for at, each in enumerate(storeys, 1)), *below])
    assert found.names[2] == "信访情况基本电话"
    assert [each.field for each in columns.propose(found, below)] == [
        Field.NUMBER,
        Field.PETITIONER,
        Field.PHONE,
        Field.RECEIVED_AT,
        Field.TEXT,
        None,
        Field.REPLY,
        Field.REPLIED_AT,
    ]
