"""More oddities of ledgers, found by trying workbooks that were made to be misread: each was, once."""

from tests.central.intake.corpus import FIRST, HOLDS, OTHER, READ, TEXT, USUAL, Case, book, one

_PLAIN = ("序号", "日期", "姓名", "内容")
_PLAIN_HOLDS = {"received_at": "日期", "petitioner": "姓名", "text": "内容"}


def _people() -> Case:
    heads = ("来访时间", "来访人姓名", "人数", "住址", "电话", "来访内容")
    holds = dict(
        zip(("received_at", "petitioner", "group_size", "address", "phone", "text"), heads, strict=True)
    )
    rows = (
        ("2024.1.3", "王小明\n李四\n张三", "", "南京街1号", "024 2345 6789", TEXT),
        ("同 上", "业主代表赵六等三十余人", "30余人", "（同上）", "1380001000", OTHER),
        ("〃", "张三（男，1960年生）", "", "", "无", TEXT + "。"),
        ("〃", "第3小组", "", "", "", OTHER + "。"),
    )
    return Case(
        "people_of_all_kinds",
        one(heads, *rows),
        holds,
        {
            2: {
                "petitioner": "王小明、李四、张三",
                "group_size": 3,
                "phone": "024 2345 6789",
                "!phone": None,
            },
            3: {
                "received_at": "2024-01-03",
                "group_size": 30,
                "address": "南京街1号",
                "!phone": "phone_odd",
                "!group_size": "count_about",
            },
            4: {"petitioner": "张三", "phone": None, "!phone": None},
            5: {"petitioner": None, "!petitioner": "name_unreadable"},
        },
    )


def _years() -> list[Case]:
    sections = one(
        ("信访台账",),
        _PLAIN,
        ("2023年",),
        (1, "3月5日", "王小明", TEXT),
        ("二〇二四年度",),
        (1, "3月5日", "李四", OTHER),
    )
    months = book(
        ("汇总", [("2024年信访汇总表",), ("月份", "件数"), ("1月", 2), ("合计", 2)]),
        ("1月", [_PLAIN, (1, "1月5日", "王小明", TEXT)]),
    )
    none = one(_PLAIN, (1, "3月5日", "王小明", TEXT), (2, "3月6日", "李四", OTHER), (3, "3.7", "赵六", TEXT))
    _carried = (
        (1, "2023年12月30日", "王小明", TEXT),
        (2, "1月2日", "李四", OTHER),
        ("", "", "", "", "小计：3件"),
        (3, "1月5日", "李四", OTHER + "。"),
        (4, "12月29日", "赵六", TEXT + "。"),
    )
    return [
        Case(
            "year_in_headings_between_rows",
            sections,
            _PLAIN_HOLDS,
            {3: "section", 4: {"received_at": "2023-03-05"}, 6: {"received_at": "2024-03-05"}},
        ),
        Case("year_on_another_sheet", months, _PLAIN_HOLDS, {2: {"received_at": "2024-01-05"}}, year=2024),
        Case(
            "year_of_the_row_above",
            one(_PLAIN, *_carried),
            _PLAIN_HOLDS,
            {
                2: {"received_at": "2023-12-30"},
                3: {"received_at": "2024-01-02", "!received_at": "year_above"},
                4: "total",
                5: {"received_at": "2024-01-05", "!received_at": "year_above"},
                6: {"received_at": "2023-12-29", "!received_at": "year_above"},
            },
        ),
        Case(
            "year_of_the_answer_above",
            one(
                (*_PLAIN, "答复意见", "答复时间"),
                (1, "2023-12-20", "王小明", TEXT, "已办", "2023-12-30"),
                (2, "2023-12-21", "李四", OTHER, "已办", "1月5日"),
            ),
            {**_PLAIN_HOLDS, "reply": "答复意见", "replied_at": "答复时间"},
            {3: {"replied_at": "2024-01-05", "!replied_at": "year_above", "!received_at": None}},
        ),
        Case(
            "year_once_in_its_column",
            one(
                ("年", "月", "日", "姓名", "内容"),
                (2024, 3, 5, "王小明", TEXT),
                ("", 3, 6, "李四", OTHER),
            ),
            {"received_at": "年", "petitioner": "姓名", "text": "内容"},
            {2: {"received_at": "2024-03-05"}, 3: {"received_at": "2024-03-06", "!received_at": None}},
        ),
        Case("year_nowhere", none, _PLAIN_HOLDS, {2: "date_without_year", 3: "date_without_year"}),
    ]


def _channels() -> bytes:
    return one(
        _PLAIN,
        ("一、来信",),
        (1, "2024-3-5", "王小明", TEXT),
        ("（一）民事",),
        (2, "2024-3-6", "李四", OTHER),
        ("", "", "", "来信小计：2件"),
        ("二、接访",),
        (1, "2024-4-5", "赵六", TEXT + "。"),
        ("三、其他",),
        (1, "2024-4-6", "赵六", OTHER + "。"),
    )


_OF_CHANNELS: dict[int, dict[str, object] | str] = {
    2: "section_channel",
    3: {"channel": "letter"},
    4: "section",
    5: {"channel": "letter"},
    6: "total",
    7: "section_channel",
    8: {"channel": "visit"},
    9: "section",
    10: {"channel": "online"},
}


def _tables() -> list[Case]:
    two = one(
        ("一、来信",),
        ("序号", "来信日期", "来信人", "内容"),
        (1, "2024-3-5", "王小明", TEXT),
        (),
        ("二、来访",),
        ("序号", "来访日期", "来访人", "内容"),
        (1, "2024-4-5", "李四", OTHER),
    )
    held = {"received_at": "来信日期", "petitioner": "来信人", "text": "内容"}
    merged = book(
        ("台账", [USUAL, ("一季度", "", "", "", ""), FIRST]),
        merged=[(1, 1, 0, 4)],
    )
    return [
        Case(
            "another_table_below",
            two,
            held,
            {5: "section_channel", 6: "heads_again", 7: {"petitioner": "李四", "channel": "visit"}},
        ),
        Case("channel_in_headings_between_rows", _channels(), _PLAIN_HOLDS, _OF_CHANNELS),
        Case("heading_merged_over_all_columns", merged, HOLDS, {2: "section", 3: READ}),
    ]


def _days() -> Case:
    cells = ("2024 3 5", "2024\\3\\5", "2024.3.5.", "20240305.0")
    rows = [(at, cell, "王小明", f"{TEXT}{at}") for at, cell in enumerate(cells)]
    read: dict[int, dict[str, object] | str] = {
        at: {"received_at": "2024-03-05"} for at in range(2, len(cells) + 2)
    }
    return Case("days_written_oddly", one(_PLAIN, *rows), _PLAIN_HOLDS, read)


MORE = [_people(), *_years(), *_tables(), _days()]
