"""Read a case number (案号) however it was written. Pure; what court and type stand behind the codes is told by `codes`.

法〔2015〕137号 arts 2-3, in force from 2016-01-01: `(year)` court code, type code, serial, `号`; 法〔2018〕335号 put a special-trial
character before the type code. Numbers from before read `（2014）沈中民一终字第123号`: each court wrote its own abbreviation.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

#: No single number is longer; more is no number but a story.
MOST_SIGNS = 120
_OPEN = str.maketrans(dict.fromkeys("〔【[{〈《「『⟨〖", "(") | dict.fromkeys("〕】]}〉》」』⟩〗", ")"))
_DASHES = str.maketrans(dict.fromkeys("—–－‐‑−―", "-"))
_NOISE = re.compile(r"[\s\u200b-\u200f\ufeff\u00ad]+")
_LABEL = re.compile(r"^(?:本案|原审?|生效)?(?:案号|案件编号|字号)(?:为|是)?[:：]?")
_ENDS = re.compile(r"[。,;:．.、!]+$")
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SUB = r"(?:之(?P<{0}>[一二三四五六七八九十百]+|\d{{1,3}}))?"
_YEAR = r"\(?(?P<year>\d{4}|[〇零一二三四五六七八九○]{4})(?:年度?)?\)?"
_SERIAL = (
    r"(?P<serial>\d{1,8})(?:-(?P<dash>\d{1,3}))?" + _SUB.format("before") + r"号?" + _SUB.format("after")
)
_NEW = re.compile(
    rf"^{_YEAR}(?P<court>最高法|{_HAN}(?:\d{{4}}|\d{{2}})?)(?P<type>{_HAN}{{1,4}}?)字?第?{_SERIAL}$"
)
_OLD = re.compile(rf"^{_YEAR}(?P<who>{_HAN}{{1,12}}?)字第?{_SERIAL}$")
_CHINESE = {sign: str(i) for i, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
_COUNT = "零一二三四五六七八九十"


class Shape(StrEnum):
    """By which rule a number is written."""

    CURRENT = "current"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The parts of a number. In an old one `court` is empty and `codes` holds the court's abbreviation and the type."""

    shape: Shape
    year: int
    court: str
    codes: str
    serial: int
    sub: int | None = None

    @property
    def canonical(self) -> str:
        """The one form in which equal numbers are equal, as the rules write it."""
        tail = f"之{_counted(self.sub)}" if self.sub else ""
        if self.shape is Shape.OLD:
            return f"（{self.year}）{self.codes}字第{self.serial}号{tail}"
        return f"（{self.year}）{self.court}{self.codes}{self.serial}号{tail}"


def plain(text: str) -> str:
    """Return what was typed with half-width signs, one kind of bracket, no blanks, no label before and no stop after it."""
    made = unicodedata.normalize("NFKC", text).translate(_OPEN).translate(_DASHES)
    made = _LABEL.sub("", _NOISE.sub("", made))
    return _ENDS.sub("", made)


def parse(text: str) -> CaseNumber | None:
    """Return the parts of a case number, or None where it cannot be read as one."""
    if len(text) > MOST_SIGNS:
        return None
    made = plain(text)
    for shape, pattern in ((Shape.OLD, _OLD), (Shape.CURRENT, _NEW)):
        found = pattern.match(made)
        if found is not None:
            return _read(shape, found)
    return None


def key(text: str) -> str:
    """Return what equality is judged by: the canonical form, or of what cannot be read the plain signs."""
    found = parse(text)
    return found.canonical if found else plain(text)[:MOST_SIGNS]


def _read(shape: Shape, found: re.Match[str]) -> CaseNumber | None:
    year = int("".join(_CHINESE.get(sign, sign) for sign in found["year"]))
    serial = int(found["serial"])
    sub = _sub(found["before"] or found["after"] or found["dash"])
    if not 1949 <= year <= 2999 or serial == 0:
        return None
    if shape is Shape.OLD:
        return CaseNumber(shape, year, "", found["who"], serial, sub)
    return CaseNumber(shape, year, found["court"], found["type"], serial, sub)


def _sub(text: str | None) -> int | None:
    """Return the number behind 之: one case, several rulings."""
    if not text:
        return None
    if text.isdigit():
        return int(text) or None
    tens, ten, ones = text.partition("十")
    if not ten:
        return _COUNT.find(text) if len(text) == 1 else None
    return (_COUNT.find(tens) if tens else 1) * 10 + (_COUNT.find(ones) if ones else 0)


def _counted(number: int) -> str:
    """Return a small number in Chinese, as rulings are counted."""
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    if not tens:
        return _COUNT[ones]
    return ("" if tens == 1 else _COUNT[tens]) + "十" + (_COUNT[ones] if ones else "")
