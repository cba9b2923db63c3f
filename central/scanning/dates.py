"""Days in a letter: when it was written, what the postmark says. Pure."""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

_DIGITS = {sign: at for at, sign in enumerate("〇一二三四五六七八九")} | {
    "零": 0,
    "○": 0,
    "O": 0,
    "0": 0,
    "Ｏ": 0,
}
_HAN_YEAR = r"[一二][〇零○O0Ｏ一二三四五六七八九]{3}"
_NUMBER = r"\d{1,2}|[一二三四五六七八九十]{1,3}"
_DAY = re.compile(
    rf"(?P<y>(?:19|20)\d{{2}}|{_HAN_YEAR})\s*年\s*(?P<m>{_NUMBER})\s*月\s*(?P<d>{_NUMBER})\s*[日号]?"
    r"|(?P<y2>20\d{2})\s*[-./．。·]\s*(?P<m2>\d{1,2})\s*[-./．。·]\s*(?P<d2>\d{1,2})(?!\d)"
)
#: A postmark has the day as digits, with the hour behind it: 2026.03.15.10.
_STAMP = re.compile(
    r"(?<!\d)(20\d{2})[ .·。\-年]{1,2}([01]?\d)[ .·。\-月]{1,2}([0-3]?\d)(?:日|[ .·。\-]{0,2}[0-2]?\d)?(?![\d年月])"
)
_ENVELOPE = re.compile(
    r"邮\s*政\s*编\s*码|邮\s*编|邮戳|邮票|挂号|信\s*封|\d{6}\s*\n?[^\n]{0,40}\n?[^\n]{0,30}收\b|[（\s](?:亲)?收[）\s]|特快专递|EMS|寄件人|收件人"
)
_LABEL = re.compile(r"(?:日\s*期|时\s*间|落款|写于|书写日期)\s*[：]?\s*$")
_END = re.compile(r"此\s*致|敬\s*礼|特此|[信申反投]\S?[访诉映]人\s*[（：]")


class Day(NamedTuple):
    """A day, where it stands, and how sure it is that it is the one that was looked for."""

    value: date
    span: tuple[int, int]
    sure: float


def number(text: str) -> int:
    """Return a number up to 99 in digits or Chinese."""
    if text.isdigit():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return _DIGITS.get(text, 0) if len(text) == 1 else 0
    return (_DIGITS.get(tens, 0) if tens else 1) * 10 + (_DIGITS.get(ones, 0) if ones else 0)


def every(plain: str) -> Iterator[tuple[date, tuple[int, int]]]:
    """Yield every whole day that is named, in order."""
    for match in _DAY.finditer(plain):
        year = match["y"] or match["y2"]
        value = int(year) if year.isdigit() else int("".join(str(_DIGITS.get(sign, 0)) for sign in year))
        made = _made(value, number(match["m"] or match["m2"]), number(match["d"] or match["d2"]))
        if made is not None:
            yield made, match.span()


def _made(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def written(plain: str) -> Day | None:
    """Return the day under the letter: alone on its line at the end, or labelled; else None."""
    found: list[Day] = []
    ends = [match.start() for match in _END.finditer(plain)]
    behind = max(ends) if ends else len(plain) * 2 // 3
    for value, (start, end) in every(plain):
        line_start = plain.rfind("\n", 0, start) + 1
        line_end = plain.find("\n", end)
        rest = plain[line_start:start] + plain[end : line_end if line_end >= 0 else len(plain)]
        alone = len(rest.strip()) <= 1
        if _LABEL.search(plain[line_start:start]):
            found.append(Day(value, (start, end), 0.93))
        elif alone and start >= behind:
            found.append(Day(value, (start, end), 0.97))
        elif alone or (start >= behind and len(rest) < 16):
            found.append(Day(value, (start, end), 0.85))
    if not found:
        return None
    best = max(each.sure for each in found)
    return [each for each in found if each.sure == best][-1]


def postmark(plain: str) -> Day | None:
    """Return the day of the postmark: digits alone on their line beside the words of an envelope."""
    if not _ENVELOPE.search(plain):
        return None
    for match in _STAMP.finditer(plain):
        start, end = match.span()
        line_start = plain.rfind("\n", 0, start) + 1
        line_end = plain.find("\n", end)
        rest = plain[line_start:start] + plain[end : line_end if line_end >= 0 else len(plain)]
        value = _made(int(match[1]), int(match[2]), int(match[3]))
        if value is not None and len(rest.strip()) <= 6 and "年" not in match[0]:
            return Day(value, (start, end), 0.85 if "邮" in rest or "戳" in rest or not rest.strip() else 0.7)
    return None
