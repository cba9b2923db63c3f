"""What is typed into the field of case numbers becomes rows. Pure."""

import re
from collections.abc import Iterable
from uuid import UUID

from central.cases.models import CaseName
from central.cases.numbers import key
from central.fields import normal_digits

#: Longest single entry that is kept; numbers are far shorter, but nothing is refused at the counter.
MOST_SIGNS = 200
#: A run of serials is taken for one up to so many, and only where its end is no count of rulings.
MOST_IN_RUN, LEAST_IN_RUN = 50, 100
_SUB = r"((?:之[一二三四五六七八九十]+)?)"
_ALONE = re.compile(rf"^第?(\d{{1,8}})号?{_SUB}$")
_BEFORE = re.compile(r"^(.*[\u4e00-\u9fff])\s*[\d\uff10-\uff19]{1,8}\s*号?\s*(?:之[一二三四五六七八九十]+)?$")
_RUN = re.compile(rf"^(.*[\u4e00-\u9fff])\s*(\d{{1,8}})\s*号?\s*[-–—－~～至]\s*(\d{{1,8}})\s*号?{_SUB}$")
_HAN = r"[\u4e00-\u9fff]"
_DIGIT = r"[\d\uff10-\uff19]"
_YEAR = rf"[(（\[［〔【]\s*(?:{_DIGIT}{{4}}|二[〇零○][〇零○一二三四五六七八九]{{2}})\s*年?\s*[)）\]］〕】]"
_END = "|".join([r"(?<=[号一二三四五六七八九十])", *(rf"(?<={_HAN}{_DIGIT}{{{n}}})" for n in range(1, 9))])
#: Signs between two numbers, or the year of the next one behind the end of the one before, with a word of joining or a blank.
#: A year in brackets begins a number only before its court: `12号（2020年裁定）` and `2024(2019)辽…` stay whole.
_BETWEEN = re.compile(
    rf"[\r\n;；、，,]+|(?:{_END})\s*(?:以及|和|与|及)?\s*(?={_YEAR}\s*(?:{_HAN}\s*{_DIGIT}|{_HAN}{{2}}))"
)


def split(text: str) -> list[str]:
    """Return the numbers in a text: one a line, or with the usual signs between them.

    Several serials behind one beginning (`民终3827、3828号`, `民初18775-18776号`) are several numbers.
    """
    found: list[str] = []
    for part in (each.strip() for each in _BETWEEN.split(text)):
        if not part:
            continue
        alone = _ALONE.match(normal_digits(part))
        before = _BEFORE.match(found[-1]) if alone and found else None
        found += [f"{before[1]}{alone[1]}号{alone[2]}"] if alone and before else _from_to(part)
    return found


def _from_to(text: str) -> list[str]:
    """Return the numbers of a run of serials; of anything else the text itself. `12-3` is the third ruling in case 12."""
    run = _RUN.match(text)
    if run is None:
        return [text]
    first, last = int(run[2]), int(run[3])
    if not (first < last < first + MOST_IN_RUN and last >= LEAST_IN_RUN):
        return [text]
    return [f"{run[1]}{serial}号{run[4]}" for serial in range(first, last + 1)]


def rows_of(petition_id: UUID, typed: Iterable[str]) -> list[CaseName]:
    """Return the rows of the numbers a petition names, each once, in the order they were typed."""
    found: dict[str, str] = {}
    for text in typed:
        found.setdefault(key(text), text)
    return [
        CaseName(petition_id=petition_id, place=place, typed=text, case_number=made)
        for place, (made, text) in enumerate(found.items(), start=1)
    ]
