"""Sentences of an answer in which the court said it would do something, and by when. Pure; they are shown, nothing is concluded."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_SENTENCE = re.compile(r"[^。！？；\n]+[。！？；]?")
_WILL = re.compile(
    r"承诺|保证(?:在|于|按|及时)|(?:我院|本院|法院|我庭|执行局|承办人|法官|我们)(?:\S{0,12}?)(?:将|会|拟|计划|争取)|将(?:于|在|尽快|依法|继续|进一步|及时|会同)"
    r"|(?:日|月|年|期限|工作日)(?:底|内|前|之前|以前)(?:\S{0,10}?)(?:完成|办结|答复|告知|执行|发放|退还|支付|处理|联系)"
)
_NOT = re.compile(r"(?:应当|有权|可以|请)(?:您|你)?(?:\S{0,6}?)(?:申请|提起|提交|选择)")
_FULL = re.compile(r"(?:(?P<year>20\d{2})年)?(?P<month>\d{1,2})月(?P<day>\d{1,2})日(?:之?前|以前|内)?")
_MONTH_END = re.compile(r"(?:(?P<year>20\d{2})年)?(?P<month>\d{1,2})月底")
_WITHIN = re.compile(r"(?P<count>\d{1,3})\s*(?P<unit>个?工作日|日|天|个月)(?:之?内|以内)")


@dataclass(frozen=True, slots=True)
class Said:
    """One sentence, and the day it names, where it names one that can be counted."""

    words: str
    by: date | None = None


def commitments(text: str, said_on: date) -> list[Said]:
    """Return the sentences of `text` in which the court undertakes something; days are counted from `said_on`."""
    return [Said(each, _day(each, said_on)) for each in _sentences(text)]


def _sentences(text: str) -> Iterator[str]:
    for each in _SENTENCE.findall(text):
        words = each.strip()
        if _WILL.search(words) and not _NOT.search(words):
            yield words


def _day(words: str, said_on: date) -> date | None:
    """Return the latest day a sentence names; working days are not counted, their holidays are another matter."""
    found = [day for day in (*_named(words, said_on), *_within(words, said_on)) if day >= said_on]
    return max(found, default=None)


def _named(words: str, said_on: date) -> Iterator[date]:
    for match in _FULL.finditer(words):
        yield from _made(match["year"], match["month"], match["day"], said_on)
    for match in _MONTH_END.finditer(words):
        for first in _made(match["year"], match["month"], "1", said_on.replace(day=1)):
            yield (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _made(year: str | None, month: str, day: str, said_on: date) -> Iterator[date]:
    try:
        made = date(int(year or said_on.year), int(month), int(day))
    except ValueError:
        return
    # Without a year, a month that is over is next year's.
    yield (
        made.replace(year=made.year + 1)
        if not year and made < said_on and made.month < said_on.month
        else made
    )


def _within(words: str, said_on: date) -> Iterator[date]:
    for match in _WITHIN.finditer(words):
        count = int(match["count"])
        if match["unit"] in {"日", "天"}:
            yield said_on + timedelta(days=count)
        elif match["unit"] == "个月":
            months = said_on.month - 1 + count
            yield date(said_on.year + months // 12, months % 12 + 1, min(said_on.day, 28))
