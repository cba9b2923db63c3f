"""The words printed on letters, out of this domain's own catalogue; the rules here do not know the pages."""

import tomllib
from datetime import date
from functools import cache
from importlib import resources

from central.deadlines.rules import Rule
from shared.i18n import Catalogue, Lang

_DIGITS = "零一二三四五六七八九"
_TEN = 10


@cache
def _catalogue() -> Catalogue:
    text = resources.files("central.letters").joinpath("messages.toml").read_text("utf-8")
    return Catalogue([tomllib.loads(text)])


def words(key: str, /, **values: object) -> str:
    """Return what is printed for a key. Letters of a court are Chinese."""
    return _catalogue().text(f"letters.{key}", Lang.ZH, **values)


def day_words(day: date) -> str:
    """Return a date as official papers write it: arabic digits, no leading zeros (GB/T 9704-2012, 7.3.5.4)."""
    return words("print.date", year=day.year, month=day.month, day=day.day)


def ordinal(number: int) -> str:
    """Return 一, 二 ... 十, 十一 ... 九十九 for the numbers of sections."""
    tens, ones = divmod(number, _TEN)
    if tens >= _TEN:
        return str(number)
    head = "" if not tens else "十" if tens == 1 else _DIGITS[tens] + "十"
    return head + (_DIGITS[ones] if ones or not tens else "")


def review_period(rule: Rule) -> str:
    """Return the period in which a review may be asked for, as it is printed."""
    return words(f"print.unit.{rule.unit}", amount=rule.amount)
