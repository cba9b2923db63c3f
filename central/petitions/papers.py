"""Papers by which a petitioner shows who they are: what is wrong with a number, and how it is shown. Pure.

Nothing is refused: a number may be misread from a letter, and a petition is taken in all the same (Regulation art. 18). It is kept as
typed, and the sentence `petitions.paper.flag.<key>` says what to check. Neither sex nor age is read from a number.
"""

import re
from datetime import date
from enum import StrEnum

from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidChecksum, InvalidComponent, InvalidLength, ValidationError
from stdnum.iso7064 import mod_11_2


class Paper(StrEnum):
    """Kinds of papers."""

    CITIZEN = "citizen"
    PASSPORT = "passport"
    FOREIGNER = "foreigner"
    HK_MACAO = "hk_macao"
    TAIWAN = "taiwan"
    RESIDENCE = "residence"
    ORGANISATION = "organisation"
    OTHER = "other"


_SIGNS = re.compile(r"[\s\-·.]+")
_SHAPES = {
    # Any country's passport: letters and digits, with at least one digit.
    Paper.PASSPORT: re.compile(r"^(?=.*\d)[A-Z0-9]{5,20}$"),
    # Mainland travel permit of residents of Hong Kong (H) and Macao (M): eight digits, before 2013 two more for the issue.
    Paper.HK_MACAO: re.compile(r"^[HM]\d{8}(?:\d{2})?$"),
    # Mainland travel permit of residents of Taiwan: eight digits; the booklet before had ten and a letter.
    Paper.TAIWAN: re.compile(r"^(?:\d{8}|\d{10}(?:\(?[A-Z]\)?)?)$"),
}
_OLD_FOREIGNER = re.compile(r"^[A-Z]{3}\d{12}$")
_LONG = re.compile(r"^\d{17}[\dX]$")
_FIRST_GENERATION = re.compile(r"^\d{15}$")
#: Residence permits of residents of Hong Kong, Macao and Taiwan begin with the place they come from.
_RESIDENCE = ("810000", "820000", "830000")
_SHORT = 12


def flag(kind: Paper | None, number: str | None, *, today: date) -> str | None:
    """Return what is wrong with a number, as a key below `petitions.paper.flag.`; None if nothing is, or nothing can be said."""
    if not number:
        return None
    plain = _SIGNS.sub("", number).upper()
    if kind is None:
        # Nobody said what it is: only what must be a citizen's number is looked at.
        return _citizen(plain, today) if _LONG.match(plain) and plain[0] != "9" else None
    shape = _SHAPES.get(kind)
    if shape is not None:
        return None if shape.match(plain) else str(kind)
    return _by_check_digit(kind, plain, today)


def _by_check_digit(kind: Paper, number: str, today: date) -> str | None:
    match kind:
        case Paper.CITIZEN:
            return _citizen(number, today)
        case Paper.ORGANISATION:
            return _organisation(number)
        case Paper.FOREIGNER:
            return None if _OLD_FOREIGNER.match(number) else _eighteen(number, ("9",), "foreigner", today)
        case Paper.RESIDENCE:
            return _eighteen(number, _RESIDENCE, "residence", today)
        case _:
            return None


def masked(number: str) -> str:
    """Return a number as pages show it: the last four signs, of a short one three."""
    end = number[-3:] if len(number) < _SHORT else number[-4:]
    return "*" * max(len(number) - len(end), 1) + end


def _citizen(number: str, today: date) -> str | None:
    if _FIRST_GENERATION.match(number):
        return "first_generation"
    try:
        ric.validate(number)
    except InvalidLength:
        return "length"
    except InvalidChecksum:
        return "checksum"
    except InvalidComponent:
        return "area" if _born(number, today) else "birth"
    except ValidationError:
        return "signs"
    return None if _born(number, today) else "birth"


def _born(number: str, today: date) -> bool:
    try:
        return date(1880, 1, 1) <= ric.get_birth_date(number) <= today
    except InvalidComponent:
        return False


def _organisation(number: str) -> str | None:
    try:
        uscc.validate(number)
    except InvalidLength:
        return "organisation_length"
    except InvalidChecksum:
        return "checksum"
    except ValidationError:
        return "organisation"
    return None


def _eighteen(number: str, starts: tuple[str, ...], kind: str, today: date) -> str | None:
    """Check a card of eighteen signs with the check digit of a citizen's number (ISO 7064 MOD 11-2)."""
    if not _LONG.match(number) or not number.startswith(starts):
        return kind
    if not mod_11_2.is_valid(number):
        return "checksum"
    return None if _born(number, today) else "birth"
