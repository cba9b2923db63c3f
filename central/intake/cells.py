"""Single cells of a ledger, read: names, phones, numbers of papers, counts, yes and no. Pure.

Each gives what it read and, if a person should look, a reason below `intake.remark.`; what cannot be read stays in the kept cells.
"""

import re
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from central.fields import clean_line, normal_digits
from central.intake import contents, heads
from central.petitions import papers
from central.petitions.papers import Paper
from shared.clock import court_day

#: Digits that a spreadsheet keeps of a number; the rest it fills with noughts.
KEPT_DIGITS = 15
_POWER = re.compile(r"^(\d)(?:\.(\d+))?[eE]\+?(\d{1,2})$")
_LOOSE_PHONE = re.compile(r"^[0-9+\-() ]{3,25}$")
_CITIZEN = re.compile(r"(?<![0-9A-Za-z])(\d{17}[\dXx]|\d{15})(?![0-9A-Za-z])")
_PAPER = re.compile(r"^(?:护照|军官证|通行证|港澳居民|台胞证)?[号:：]*([A-Za-z0-9()-]{5,40})$")
_HAN_SIGN = re.compile(r"[\u4e00-\u9fff]")
_HAN_BLANKS = re.compile(r"(?<=[\u4e00-\u9fff·])[\s\u3000]+(?=[\u4e00-\u9fff·])")
_GROUP = re.compile(
    r"^(.*?)[等共(（]*\s*([0-9]{1,4}|[一二三四五六七八九十]{1,3})\s*[余多]?\s*(?:人|名|户)[)）]?$"
)
_ABOUT = re.compile(r"[余多]|左右|约")
_BESIDE = re.compile(r"[(（].*?[)）]")
_MORE = re.compile(r"[、,，;；/]| {2,}")
_HAN = {sign: at for at, sign in enumerate("一二三四五六七八九十", start=1)}
_YES = frozenset(
    {"是", "有", "√", "y", "yes", "true", "1", "紧急", "加急", "特急", "急", "urgent", "high", "对"}
)
#: Most people of one petition that a cell can mean.
_MOST_PEOPLE = 100_000


class Read(NamedTuple):
    """What a cell says, and why a person should look at it."""

    value: str | None
    remark: str | None = None


class Digits(NamedTuple):
    """Digits as they were meant: whole numbers written with a power of ten or a point are written out, if no digit was lost."""

    text: str
    lost: bool


def digits(cell: str) -> Digits:
    """Return a number without the forms in which spreadsheets show long ones (1.38E+10, 13800000000.0)."""
    plain = normal_digits(cell).lstrip("'`").strip()
    found = _POWER.match(plain)
    if found is None:
        return Digits(plain.removesuffix(".0") if re.match(r"^\d+\.0$", plain) else plain, lost=False)
    shown = len(found[1] + (found[2] or ""))
    power = int(found[3])
    lost = power + 1 > KEPT_DIGITS or (power > 6 and shown < 7)
    return Digits(plain if lost else str(int(Decimal(plain))), lost=lost)


def phone(cell: str) -> Read:
    """Return the first phone in a cell."""
    if not cell.strip() or heads.is_nobody(cell):
        return Read(None)
    made = digits(cell)
    if made.lost:
        return Read(None, "digits_lost")
    found = contents.PHONE.findall(made.text)
    if len(found) > 1:
        return Read(found[0], "several_phones")
    if found:
        return Read(found[0] if len(made.text) > len(found[0]) + 1 else made.text)
    if not _LOOSE_PHONE.match(made.text):
        return Read(None, "phone_unreadable")
    plain = re.sub(r"\D", "", made.text)
    return Read(made.text, "phone_odd" if len(plain) > 10 or (len(plain) > 8 and plain[0] == "1") else None)


def id_number(cell: str, now: datetime) -> tuple[Read, str | None]:
    """Return the number of a paper and its kind; a citizen's number is checked, not refused."""
    if not cell.strip() or heads.is_nobody(cell):
        return Read(None), None
    made = digits(cell)
    text = made.text.replace(" ", "").replace("\u3000", "").upper()
    if made.lost or (re.match(r"^\d{15}0{3}$", text) and not contents.is_id_number(text)):
        return Read(None, "digits_lost"), None
    found = _CITIZEN.findall(text)
    if len(found) > 1:
        return Read(found[0], "several_id_numbers"), Paper.CITIZEN
    if found:
        flag = papers.flag(Paper.CITIZEN, found[0], today=court_day(now))
        return Read(found[0], None if flag in {None, "first_generation"} else f"id_{flag}"), Paper.CITIZEN
    if (paper := _PAPER.match(text)) is None:
        return Read(None, "id_unreadable"), None
    return Read(paper[1], "id_other" if paper[1].isdigit() else None), None


def name(cell: str) -> tuple[Read, int]:
    """Return who petitions and how many they are: 王 某 is 王某, 张三等5人 are five."""
    # Names below each other are names of several.
    lines = [clean_line(line) for line in cell.splitlines() if line.strip()]
    several = len(lines) > 1 and all(map(heads.is_name, lines))
    text, size = "、".join(lines) if several else clean_line(cell), 1
    if (found := _GROUP.match(text)) and found[1]:
        text, size = found[1].rstrip(" 等共(（"), count(found[2]) or 1
    text = _HAN_BLANKS.sub("", text)
    if size == 1 and len(parts := [part for part in _MORE.split(text) if part.strip()]) > 1:
        size = len(parts) if all(heads.is_name(part.strip()) for part in parts) else 1
    if heads.is_name(text):
        return Read(text), size
    beside = _BESIDE.sub("", text)  # 张三（男，1960年生）
    if beside != text and heads.is_name(beside):
        return Read(beside), size
    meant = _HAN_SIGN.search(text) is not None and not heads.is_nobody(text)
    return Read(None, "name_unreadable" if meant else None), size


def count(cell: str) -> int | None:
    """Return how many people a cell means; None if it says no number."""
    plain = _ABOUT.sub("", digits(cell).text).rstrip("人名户 ").strip()
    if plain.isdigit():
        return int(plain) if 0 < int(plain) <= _MOST_PEOPLE else None
    if not plain or any(sign not in _HAN for sign in plain):
        return None
    tens, ten, ones = plain.partition("十")
    if not ten:
        return _HAN[plain] if len(plain) == 1 else None
    return (_HAN.get(tens, 1) if len(tens) < 2 else 0) * 10 + _HAN.get(ones, 0)


def is_about(cell: str) -> bool:
    """Say whether a cell gives a number of people only about."""
    return _ABOUT.search(cell) is not None


def yes(cell: str) -> bool:
    """Say whether a cell answers yes, in one of the usual signs."""
    return normal_digits(cell).casefold() in _YES
