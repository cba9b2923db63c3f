"""Ledgers as offices keep them, made by code: each with one oddity, and what must be read out of it."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import xlsxwriter

from tests.central.intake.oldbook import ods, xls

#: Numbers of papers with a right check digit, of nobody: area, day and sequence are made up.
ID, ID_X = "210102199001011237", "21010219900101119X"
TEXT = "反映执行案件进展缓慢，请求督促尽快执行"
OTHER = "对一审判决不服，请求告知申诉的途径"


@dataclass(frozen=True)
class Case:
    """A file, the heads of its fields, and of rows (by number) what they say or why they are none."""

    name: str
    content: bytes
    columns: dict[str, str]
    rows: dict[int, dict[str, Any] | str] = field(default_factory=dict)
    sheet: str | None = None
    year: int | None = None
    file_name: str = "台账.xlsx"
    now: datetime | None = None


def book(
    *sheets: tuple[str, Sequence[Sequence[Any]]],
    merged: Sequence[tuple[int, int, int, int]] = (),
    hidden: Sequence[str] = (),
    from_1904: bool = False,
) -> bytes:
    """Return a workbook; `merged` (first and last row, first and last column) are of the last sheet."""
    kept = io.BytesIO()
    made = xlsxwriter.Workbook(
        kept,
        {"in_memory": True, "strings_to_formulas": False, "date_1904": from_1904, "strings_to_urls": False},
    )
    day, moment = (
        made.add_format({"num_format": "yyyy-mm-dd"}),
        made.add_format({"num_format": "yyyy/m/d h:mm"}),
    )
    for at, (name, rows) in enumerate(sheets):
        sheet = made.add_worksheet(name)
        for number, row in enumerate(rows):
            for place, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, place, cell, moment if isinstance(cell, datetime) else day)
                elif cell is not None:
                    sheet.write(number, place, cell)
        if name in hidden:
            sheet.hide()
        elif at == len(sheets) - 1:
            sheet.activate()
            sheet.set_first_sheet()
        if at == len(sheets) - 1:
            for first, last, left, right in merged:
                sheet.merge_range(first, left, last, right, rows[first][left])
    made.close()
    return kept.getvalue()


def text(rows: Sequence[Sequence[Any]], encoding: str, sign: str = ",", begin: str = "") -> bytes:
    """Return rows as a text file."""
    made = io.StringIO()
    csv.writer(made, delimiter=sign, lineterminator="\r\n").writerows(rows)
    return (begin + made.getvalue()).encode(encoding)


def one(*rows: Sequence[Any], **more: Any) -> bytes:
    """Return a workbook with one sheet."""
    return book(("台账", rows), **more)


USUAL = ("序号", "来信日期", "姓名", "联系电话", "反映内容")
HOLDS = {"received_at": "来信日期", "petitioner": "姓名", "phone": "联系电话", "text": "反映内容"}
FIRST = (1, "2019-04-25", "王小明", "13800010002", TEXT)
SECOND = (2, "2019-04-26", "李四", "13900010003", OTHER)
READ = {"received_at": "2019-04-25", "petitioner": "王小明", "phone": "13800010002", "text": TEXT}


def _dated(cell: Any, at: str, **more: Any) -> tuple[bytes, dict[int, dict[str, Any] | str]]:
    rows = [USUAL, (1, cell, "王小明", "13800010002", TEXT)]
    return one(*rows, **more), {2: READ | {"received_at": at}}


def _formats() -> list[Case]:
    table = [USUAL, FIRST, SECOND]
    lines = [[str(cell) for cell in row] for row in table]
    page = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in lines)
    web = f'<html><meta charset="gb2312"><body><table border=1>{page}</table></body></html>'
    cells = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in row) + "</Row>"
        for row in lines
    )
    xml = '<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"'
    xml += ' xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    xml += f'<Worksheet ss:Name="台账"><Table>{cells}</Table></Worksheet></Workbook>'
    kinds: dict[str, bytes] = {
        "xls": xls([("台账", table)]),
        "ods": ods([[None if cell is None else cell for cell in row] for row in table]),
        "utf8": text(table, "utf-8"),
        "utf8_bom": text(table, "utf-8-sig"),
        "gbk": text(table, "gbk"),
        "gb18030_rare": text([*table, (3, "2019-4-27", "㐂䶮", "", "生僻字𠮷")], "gb18030"),
        "utf16": text(table, "utf-16"),
        "utf16_bare": text(table, "utf-16-le"),
        "tsv": text(table, "gb18030", "\t"),
        "semicolons": text(table, "utf-8", ";"),
        "sep_line": text(table, "utf-8", ",", "sep=,\r\n"),
        "web_page": web.encode("gb18030"),
        "xml_2003": xml.encode(),
    }
    return [
        Case(
            f"format_{name}", content, HOLDS, {3 if name == "sep_line" else 2: READ}, file_name=f"台账.{name}"
        )
        for name, content in kinds.items()
    ]


def _dates() -> list[Case]:
    cells: dict[str, tuple[Any, str]] = {
        "cell": (date(2019, 4, 25), "2019-04-25"),
        "moment": (datetime.fromisoformat("2019-04-25 09:32"), "2019-04-25T09:32"),
        "serial": (43580, "2019-04-25"),
        "serial_time": (43580.5, "2019-04-25T12:00"),
        "text_seconds": ("2019/4/25 9:32:09", "2019-04-25T09:32:09"),
        "packed": (20190425, "2019-04-25"),
        "points": ("2019.4.25", "2019-04-25"),
        "chinese": ("二〇一九年四月二十五日", "2019-04-25"),
        "half_day": ("2019年4月25日上午", "2019-04-25"),
        "weekday": ("2019年4月25日（星期四）", "2019-04-25"),
        "full_width": ("２０１９年４月２５日", "2019-04-25"),
    }
    made = [Case(f"date_{name}", *_with(HOLDS, *_dated(cell, at))) for name, (cell, at) in cells.items()]
    content, rows = _dated(43580 - 1462, "2019-04-25", from_1904=True)
    made.append(Case("date_1904_number", content, HOLDS, rows))
    content, rows = _dated(date(2019, 4, 25), "2019-04-25", from_1904=True)
    made.append(Case("date_1904_cell", content, HOLDS, rows))
    title = one(("沈阳市和平区人民法院2019年度信访台账",), USUAL, (1, "4月25日", *FIRST[2:]))
    made.append(Case("year_in_title", title, HOLDS, {3: READ}, year=2019))
    sheet = book(("2019年", [USUAL, (1, "4.25", *FIRST[2:])]))
    made.append(Case("year_in_sheet", sheet, HOLDS, {2: READ}, year=2019))
    return made


def _with(
    columns: dict[str, str], content: bytes, rows: dict[int, Any]
) -> tuple[bytes, dict[str, str], dict[int, Any]]:
    return content, columns, rows


def _heads() -> list[Case]:
    storeys = one(
        ("某院信访登记表",),
        ("序号", "信访人", "", "", "来信日期", "反映内容", "承办人", ""),
        ("", "姓名", "电话", "住址", "", "", "姓名", "电话"),
        (1, "王小明", "13800010002", "和平区南京街1号", "2019-04-25", TEXT, "张法官", "13700010009"),
        merged=[(0, 0, 0, 7), (1, 1, 1, 3), (1, 2, 0, 0), (1, 2, 4, 4), (1, 2, 5, 5), (1, 1, 6, 7)],
    )
    grouped = {
        "petitioner": "信访人姓名",
        "phone": "信访人电话",
        "address": "信访人住址",
        "received_at": "来信日期",
        "text": "反映内容",
    }
    broken = ("序 号", "来信\n日期", "姓　名", "联系\r\n电话", "反 映 内 容")
    lined = {"received_at": "来信日期", "petitioner": "姓名", "phone": "联系电话", "text": "反映内容"}
    english = (
        "No.",
        "Date received",
        "Name",
        "Phone number",
        "ID number",
        "Description",
        "Outcome",
        "Reply date",
    )
    spoken = {
        "received_at": "Date received",
        "petitioner": "Name",
        "phone": "Phone number",
        "id_number": "ID number",
        "text": "Description",
        "reply": "Outcome",
        "replied_at": "Reply date",
    }
    asked = (1, "25 Apr 2019", "Wang Ming", "13800010002", ID, TEXT, "Answered", "2019-05-10")
    bare = [
        (date(2019, 4, day), f"王小{sign}", f"1380001000{day % 10}", TEXT + sign)
        for day, sign in ((25, "明"), (26, "红"), (27, "军"))
    ]
    odd = ("收文", "何人", "怎么找", "说了什么")
    told = [("2019-04-25", "王小明", "13800010002", TEXT), ("2019-04-26", "李小红", "13900010003", OTHER)]
    return [
        Case(
            "head_two_storeys",
            storeys,
            grouped,
            {4: {"petitioner": "王小明", "phone": "13800010002", "address": "和平区南京街1号"}},
        ),
        Case("head_line_breaks", one(broken, FIRST), lined, {2: READ}),
        Case(
            "head_english",
            one(english, asked),
            spoken,
            {2: {"id_number": ID, "reply": "Answered", "replied_at": "2019-05-10"}},
        ),
        Case(
            "head_titles_above",
            one(("信访台账",), ("填报单位：某院", "", "", "2019年12月31日"), (), USUAL, FIRST),
            HOLDS,
            {5: READ},
            year=2019,
        ),
        Case(
            "head_none",
            one(*bare),
            {"received_at": "A", "petitioner": "B", "phone": "C", "text": "D"},
            {1: READ | {"text": TEXT + "明", "phone": "13800010005"}},
        ),
        Case(
            "head_unknown_words",
            one(odd, *told),
            {"received_at": "收文", "petitioner": "何人", "phone": "怎么找", "text": "说了什么"},
            {2: READ},
        ),
        Case(
            "head_brackets",
            one(("来信日期（年月日）", "信访人（姓名）", "信访人（电话）", "主要诉求（简述）"), FIRST[1:]),
            {
                "received_at": "来信日期(年月日)",
                "petitioner": "信访人(姓名)",
                "phone": "信访人(电话)",
                "text": "主要诉求(简述)",
            },
            {2: READ},
        ),
    ]


def _sheets() -> list[Case]:
    cover = [("2019年信访工作",), ("第一法庭",)]
    many = book(("封面", cover), ("说明", [("填表说明：", "按月填写")]), ("空", []), ("登记", [USUAL, FIRST]))
    behind = book(
        ("底稿", [USUAL, (1, "2018-01-02", "旧人", "", "旧的内容不应选中")]),
        ("台账", [USUAL, FIRST]),
        hidden=["底稿"],
    )
    return [
        Case("sheet_behind_others", many, HOLDS, {2: READ}, sheet="登记"),
        Case("sheet_hidden_first", behind, HOLDS, {2: READ}, sheet="台账"),
    ]


def _rows() -> list[Case]:
    below = one(
        ("信访台账",),
        USUAL,
        FIRST,
        ("", "小计", "", "", 1),
        ("信访台账",),
        USUAL,
        SECOND,
        (3, "", "", "", ""),
        ("合计", "", "", "", "2件"),
        ("制表人：赵某", "", "审核人：钱某", "", "2019年12月31日"),
        ("备注：本表按收信日期填写",),
    )
    left: dict[int, dict[str, Any] | str] = {
        3: READ,
        4: "total",
        5: "section",
        6: "heads_again",
        7: {"petitioner": "李四"},
        8: "number_only",
        9: "total",
        10: "signature",
        11: "note",
    }
    spread = one(
        USUAL,
        FIRST,
        (2, None, "李四", "13900010003", OTHER),
        (3, "2019-04-27", "同上", "〃", OTHER),
        merged=[(1, 2, 1, 1)],
    )
    filled = {
        2: READ,
        3: {"received_at": "2019-04-25", "petitioner": "李四"},
        4: {"petitioner": "李四", "phone": "13900010003"},
    }
    real = one(
        USUAL,
        (1, "2019-04-25", "王小明", "", "合计三次来信反映同一问题"),
        ("一、来信",),
        (2, "2019-04-26", "李四", "", "备注：本人不要求答复"),
    )
    old = xls([("台账", [USUAL, FIRST, (2, None, "李四", "13900010003", OTHER)])], merged=[(1, 2, 1, 1)])
    open_ = ods([USUAL, FIRST, (2, None, "李四", "13900010003", OTHER)], spans={(1, 1): 2})
    both = {2: READ, 3: {"received_at": "2019-04-25", "petitioner": "李四"}}
    return [
        Case("rows_that_are_none", below, HOLDS, left),
        Case("merged_down_and_ditto", spread, HOLDS, filled),
        Case("merged_down_xls", old, HOLDS, both),
        Case("merged_down_ods", open_, HOLDS, both),
        Case(
            "petitions_that_sound_like_totals",
            real,
            HOLDS,
            {
                2: {"text": "合计三次来信反映同一问题"},
                3: "section_channel",
                4: {"text": "备注：本人不要求答复"},
            },
        ),
    ]


def _cells() -> list[Case]:
    heads = ("日期", "信访人", "身份证号码", "手机", "案号", "信访形式", "人数", "内容")
    holds = {
        "received_at": "日期",
        "petitioner": "信访人",
        "id_number": "身份证号码",
        "phone": "手机",
        "case_numbers": "案号",
        "channel": "信访形式",
        "group_size": "人数",
        "text": "内容",
    }
    case = "（2019）辽0102民初123号"
    rows = [
        heads,
        ("2019-4-25", "王 小 明", ID, 13800010002.0, case, "群众来信", 1, TEXT),
        ("2019-4-26", "王　明", int(ID) * 1.0, "1.38E+10", case, "网上信访平台", 5, TEXT),
        (
            "2019-4-27",
            "张三等5人",
            ID_X.lower(),
            "13800010002/13900010003",
            "2019辽0102民初9号",
            "12368热线",
            "",
            OTHER,
        ),
        ("2019-4-28", "赵六", "210102199001011238", "024-23456789", "", "院长接访", "三人", OTHER),
    ]
    said: dict[int, dict[str, Any] | str] = {
        2: {
            "petitioner": "王小明",
            "id_number": ID,
            "phone": "13800010002",
            "case_numbers": case,
            "channel": "letter",
        },
        3: {
            "petitioner": "王明",
            "id_number": None,
            "phone": None,
            "channel": "online",
            "group_size": 5,
            "!id_number": "digits_lost",
            "!phone": "digits_lost",
        },
        4: {
            "petitioner": "张三",
            "group_size": 5,
            "id_number": ID_X,
            "phone": "13800010002",
            "channel": "phone",
            "!phone": "several_phones",
        },
        5: {"phone": "024-23456789", "channel": "visit", "group_size": 3, "!id_number": "id_checksum"},
    }
    quoted = text([USUAL, (1, "2019-04-25", "王小明", '="13800010002"', TEXT)], "gb18030")
    refused = one(USUAL, (1, "2019-02-30", *FIRST[2:]), (2, "", *FIRST[2:]), (3, "昨天", *FIRST[2:]), FIRST)
    why: dict[int, dict[str, Any] | str] = {
        2: "date_impossible",
        3: "date_missing",
        4: "date_unreadable",
        5: READ,
    }
    others = one(
        ("序号", "来信日期", "姓名", "被反映人", "承办人电话", "是否集体访", "内容"),
        (1, "2019-04-25", "王小明", "钱七", "13700010009", "否", TEXT),
    )
    return [
        Case("cells_of_all_kinds", one(*rows), holds, said),
        Case("cells_quoted_in_text", quoted, HOLDS, {2: READ}),
        Case("cells_that_cannot_be_read", refused, HOLDS, why),
        Case(
            "columns_of_other_people",
            others,
            {"received_at": "来信日期", "petitioner": "姓名", "text": "内容"},
            {2: {"petitioner": "王小明", "phone": None}},
        ),
        Case(
            "answer_without_its_date",
            one(("日期", "内容", "处理情况"), ("2019-04-25", TEXT, "已答复")),
            {"received_at": "日期", "text": "内容"},
            {2: {"reply": None}},
        ),
    ]


def _hidden_in(kinds: Sequence[Callable[[], list[Case]]]) -> list[Case]:
    return [case for made in kinds for case in made()]


CASES = _hidden_in((_formats, _dates, _heads, _sheets, _rows, _cells))
