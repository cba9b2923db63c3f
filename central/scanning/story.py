"""The text of a letter with the way back from each sign to its place on a page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from central.scanning.lines import Box, Line, goes_on, joined

#: Traditional signs in the words that fields are found by, and their simplified form; one for one, so places hold.
_PLAIN = str.maketrans(
    "訴訪請電話號證聯繫係單員應對現間轉縣區鎮鄉樓戶訊職務責與實訟審執裁決買賣業爾廠學會處辦寫訂舉報檢發檔機構國廳總經書記長聲點關於圖東車門傳為個們無從後來時過還這進將見該變讓觀規給維繼續約結統級線練組織細終紙納純紅紀經絡絕線項據認爭議賠償萬導領禮謝達寧遼瀋連錦撫陽鐵嶺龍島蘆盤營朝歲準廣東濟會貿無業產權證資護環質監檢",
    "诉访请电话号证联系系单员应对现间转县区镇乡楼户讯职务责与实讼审执裁决买卖业尔厂学会处办写订举报检发档机构国厅总经书记长声点关于图东车门传为个们无从后来时过还这进将见该变让观规给维继续约结统级线练组织细终纸纳纯红纪经络绝线项据认争议赔偿万导领礼谢达宁辽沈连锦抚阳铁岭龙岛芦盘营朝岁准广东济会贸无业产权证资护环质监检",
)


def simplified(text: str) -> str:
    """Return text with the traditional signs of usual words simplified and wide signs made narrow; as long as before."""
    made = text.translate(_PLAIN)
    return "".join(_narrow(sign) for sign in made)


def _narrow(sign: str) -> str:
    code = ord(sign)
    if 0xFF10 <= code <= 0xFF19 or 0xFF21 <= code <= 0xFF3A or 0xFF41 <= code <= 0xFF5A:
        return chr(code - 0xFEE0)
    return {"　": " ", "﹕": "：", "：": "：", ":": "：", "，": "，", ",": "，", "(": "（", ")": "）"}.get(
        sign, sign
    )


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a piece of text stands: page, box, and how surely it was read."""

    page: int
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Story:
    """A letter's text, paragraphs by line breaks; `plain` is the same, sign by sign, in the form that is searched."""

    text: str
    plain: str
    starts: tuple[int, ...]
    rows: tuple[Line, ...]

    def spot(self, start: int, end: int) -> Spot:
        """Return the place of `text[start:end]`; what runs on to another page is shown where it begins."""
        parts = [
            (line, max(start, at) - at, min(end, at + len(line.text)) - at)
            for at, line in zip(self.starts, self.rows, strict=True)
            if at < end and at + len(line.text) > start
        ]
        if not parts:
            line = self.rows[0]
            return Spot(line.page, line.box, 0.0)
        page = parts[0][0].page
        boxes = [_part(line, first, last) for line, first, last in parts if line.page == page]
        box = boxes[0]
        for other in boxes[1:]:
            box = box.around(other)
        return Spot(page, box, min(line.confidence for line, _, _ in parts))


def _part(line: Line, first: int, last: int) -> Box:
    """Return the place of some signs of a line, by their share of its width; a Chinese sign is as wide as two others."""
    widths = [2 if ord(sign) > 0x2E80 else 1 for sign in line.text]
    total = sum(widths) or 1
    left, right = sum(widths[:first]) / total, sum(widths[:last]) / total
    box = line.box
    return Box(
        box.left + round(left * box.width), box.top, box.left + max(round(right * box.width), 1), box.bottom
    )


def told(lines: Sequence[Line]) -> Story:
    """Return the story of a letter's lines, all pages."""
    rows = joined([line for line in lines if line.text.strip()])
    by_page: dict[int, list[Line]] = {}
    for row in rows:
        by_page.setdefault(row.page, []).append(row)
    text, starts = "", []
    before: Line | None = None
    for row in rows:
        on = before is not None and _on(before, row, by_page)
        if text and not on:
            text += "\n"
        starts.append(len(text))
        text += row.text
        before = row
    return Story(text, simplified(text), tuple(starts), tuple(rows))


def _on(before: Line, row: Line, by_page: dict[int, list[Line]]) -> bool:
    if before.page == row.page:
        return goes_on(before, row, by_page[row.page])
    # Over the page: the last row was full and the first begins at the rim.
    last, first = by_page[before.page], by_page[row.page]
    full = max(each.box.right for each in last) - before.box.right < 1.6 * before.box.height
    at_rim = row.box.left - min(each.box.left for each in first) < 1.2 * row.box.height
    return full and at_rim and len(last) > 3 and before.text.rstrip()[-1:] not in "。：:；;！!？?"
