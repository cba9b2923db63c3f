"""Spreadsheets made in the test."""

import io
from typing import Any

import xlsxwriter

HEADS = ("留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "答复意见", "答复时间")
ROW = (
    1.0,
    "王小明",
    "物业管理有问题",
    "2019/4/25 9:32:09",
    "\n\t\t\u3000小区停车费上涨。\n\t",
    "您好，已收悉。",
    "2019/5/10 14:56:53",
)


def book(*rows: tuple[Any, ...], **more: list[tuple[Any, ...]]) -> bytes:
    """Return a workbook with `rows` from the first row on, and further sheets by name."""
    kept = io.BytesIO()
    made = xlsxwriter.Workbook(kept, {"in_memory": True, "strings_to_formulas": False})
    for name, listed in {"Sheet1": rows, **more}.items():
        sheet = made.add_worksheet(name)
        for number, row in enumerate(listed):
            for place, cell in enumerate(row):
                sheet.write(number, place, cell)
    made.close()
    return kept.getvalue()
