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
#: Blanks, and quotation marks around the whole.
_NOISE = re.compile("[\\s\u200b-\u200f\ufeff\u00ad\u201c\u201d\u2018\u2019\"']+")
#: What stands before the number on a judgment, or is said before it.
_LABEL = re.compile(r"^.{0,40}?(?:案号|案件编号|字号)(?:为|是)?[:：]?(?=[(\d〇零一二○])")
_COURT = re.compile(r"^.{2,40}法院(?=\(|[\d〇零一二○]{4})")
_PAPER = re.compile(
    r"(?<=号|[一二三四五六七八九十\d)])(?:(?:刑事附带民事|刑事|民事|行政|执行|国家赔偿|司法制裁)?(?:判决|裁定|调解|决定|通知|支付令)书?|一案|案件|案)$"
)
_ENDS = re.compile(r"[。,;:．.、!]+$")
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff]"
_SUB = r"(?:\(?之(?P<{0}>[一二三四五六七八九十百]+|\d{{1,3}})\)?)?"
_YEAR = r"\(?(?P<year>\d{4}|[〇零一二三四五六七八九○]{4})(?:年度?)?\)?"
_SERIAL = (
    r"(?P<serial>\d{1,8})(?:-(?P<dash>\d{1,3}))?"
    + _SUB.format("before")
    + r"号?"
    + _SUB.format("after")
    + r"(?:-(?P<tail>\d{1,3}))?号?"
)
_NEW = re.compile(
    rf"^{_YEAR}(?P<court>最高法|{_HAN}(?:\d{{4}}|\d{{2}})?)(?P<type>{_HAN}{{1,5}}?)字?第?{_SERIAL}$"
)
#: Some courts named the chamber in brackets: 沪一中民四（商）终字.
_OLD = re.compile(rf"^{_YEAR}(?P<who>{_HAN}{{1,12}}(?:\({_HAN}{{1,2}}\){_HAN}{{1,4}})?)字第?{_SERIAL}$")
_CHINESE = {sign: str(i) for i, sign in enumerate("零一二三四五六七八九")} | {"〇": "0", "○": "0"}
#: The rules of 2015 came into force on 2016-01-01.
FIRST_YEAR = 2016
#: With what the codes of a province's courts begin (法〔2015〕137号 art. 5).
HIGH = "京津冀晋内辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川黔云藏陕甘青宁新兵军"
#: A number of today's with 字第 left over from habit: court code of the rules, and a type that begins as their types do.
_TODAY = re.compile(
    rf"^(?:最高法|[{HIGH}])[知刑民行赔法委司认请台港澳协助财证执清强破][^一二三四五六七八九十]*$"
)
_COUNT = "零一二三四五六七八九十"


class Shape(StrEnum):
    """By which rule a number is written."""

    CURRENT = "current"
    OLD = "old"


@dataclass(frozen=True, slots=True)
class CaseNumber:
    """The parts of a number. In an old one `court` is empty and `codes` holds the court's abbreviation, chamber and type."""

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
            chamber = self.codes.replace("(", "（").replace(")", "）")
            return f"（{self.year}）{chamber}字第{self.serial}号{tail}"
        return f"（{self.year}）{self.court}{self.codes}{self.serial}号{tail}"


def plain(text: str) -> str:
    """Return what was typed with half-width signs, one kind of bracket, no blanks, and nothing said before or after it.

    Before it stand 案号 or a court's full name, after it a stop, 一案 or the name of a paper (民事判决书).
    """
    made = unicodedata.normalize("NFKC", text).translate(_OPEN).translate(_DASHES).replace("號", "号")
    made = _ENDS.sub("", _LABEL.sub("", _NOISE.sub("", made)))
    return _PAPER.sub("", _COURT.sub("", made))


def parse(text: str) -> CaseNumber | None:
    """Return the parts of a case number, or None where it cannot be read as one."""
    if len(text) > MOST_SIGNS:
        return None
    made = plain(text)
    old, new = _OLD.match(made), _NEW.match(made)
    if old is not None and not (new and _year(old) >= FIRST_YEAR and _TODAY.match(old["who"])):
        return _read(Shape.OLD, old)
    return _read(Shape.CURRENT, new) if new else None


def key(text: str) -> str:
    """Return what equality is judged by: the canonical form, or of what cannot be read the plain signs."""
    found = parse(text)
    return found.canonical if found else plain(text)[:MOST_SIGNS]


def _read(shape: Shape, found: re.Match[str]) -> CaseNumber | None:
    year, serial = _year(found), int(found["serial"])
    sub = _sub(found["before"] or found["after"] or found["dash"] or found["tail"])
    if not 1949 <= year <= 2999 or serial == 0:
        return None
    if shape is Shape.OLD:
        return CaseNumber(shape, year, "", found["who"], serial, sub)
    return CaseNumber(shape, year, found["court"], found["type"], serial, sub)


def _year(found: re.Match[str]) -> int:
    return int("".join(_CHINESE.get(sign, sign) for sign in found["year"]))


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
