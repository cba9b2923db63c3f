"""Numbers of postal items: their common forms, and the check digit where there is one. Pure.

What does not fit is flagged, never refused: the slip in the clerk's hand is right.
"""

import re
from enum import StrEnum

from central.fields import normal_digits

_BLANKS = re.compile(r"[\s\-·]+")
#: UPU S10: two letters, eight digits and a check digit, the country. EMS and international registered post.
_S10 = re.compile(r"([A-Z]{2})(\d{8})(\d)([A-Z]{2})")
_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)
#: Forms without a public check digit: EMS at home (13 digits, from 1), registered letters at home (two letters, 11 digits), SF.
_PLAIN = re.compile(r"1\d{12}|[A-Z]{2}\d{11}|SF\d{12,13}")


class Flag(StrEnum):
    """What is odd about a number; `delivery.flag.<value>` says it."""

    CHECK_DIGIT = "check_digit"
    UNKNOWN_FORM = "unknown_form"


def normal(text: str) -> str:
    """Return a number as post offices write it: capitals and digits of plain width, without blanks and hyphens."""
    return _BLANKS.sub("", normal_digits(text)).upper()


def judge(number: str) -> Flag | None:
    """Return what is odd about a number in its normal form, None if nothing is."""
    found = _S10.fullmatch(number)
    if found:
        return None if int(found[3]) == check_digit(found[2]) else Flag.CHECK_DIGIT
    return None if _PLAIN.fullmatch(number) else Flag.UNKNOWN_FORM


def check_digit(serial: str) -> int:
    """Return the check digit of eight digits (UPU S10: weighted sum modulo 11)."""
    rest = 11 - sum(int(digit) * weight for digit, weight in zip(serial, _WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)
