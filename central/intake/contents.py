"""What a column holds, told from its cells. Pure."""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from central.cases import numbers
from central.cases.rows import split
from central.fields import normal_digits
from central.intake import heads, moments
from central.intake.rows import Field
from central.sorting import naming

#: A phone of the mainland: mobile, or area code and line.
PHONE = re.compile(
    r"(?<!\d)(?:(?:\+?86[- ]?)?1[3-9]\d(?:[- ]?\d{4}){2}|0\d{2,3}[- ]?[2-9]\d{2,3}[- ]?\d{4})(?!\d)"
)
_ADDRESS = re.compile(r"[省市区县旗镇乡村屯]|[路街巷弄道]\w{0,8}\d+|\d+[号栋楼室门]|小区|花园")
_NAME = re.compile(r"^[\u4e00-\u9fff·]{2,4}$")
_COUNT = re.compile(r"^\d{1,4}$")
_YES_NO = frozenset(
    ["是", "否", "有", "无", "√", "×", "x", "y", "n", "yes", "no", "true", "false", "对", "错", "1", "0"]
)
#: Most signs of a cell that is looked at as a date, a number or a name; a text may be longer.
_SHORT = 120
#: A year that has every day.
_LEAP = 2000
#: What a column is, if at least this share of its cells is so.
MOST = 0.7


def shares(cells: Sequence[str], year: int | None) -> Mapping[Field, float]:
    """Return which share (0 to 1) of the filled cells can be what, for the fields that can be told from cells."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    if not filled:
        return {}
    return {what: sum(map(_safely(test), filled)) / len(filled) for what, test in _tests(year).items()}


def is_sequence(cells: Sequence[str]) -> bool:
    """Say whether cells count 1, 2, 3 (gaps allowed): a place in the list, which tells no petition."""
    numbers_in = [int(cell) for cell in cells if cell.strip().isdigit() and len(cell) < 7]
    filled = sum(1 for cell in cells if cell.strip())
    return (
        len(numbers_in) >= max(2, 0.8 * filled)
        and numbers_in[0] <= 1000
        and all(0 < b - a <= 3 or b == 1 for a, b in itertools.pairwise(numbers_in))
    )


def is_yes_no(cells: Sequence[str]) -> bool:
    """Say whether cells answer a question with yes or no."""
    filled = {cell.strip().casefold() for cell in cells if cell.strip()}
    return bool(filled) and filled <= _YES_NO


def is_id_number(cell: str) -> bool:
    """Say whether a cell holds a citizen's number whose check digit is right."""
    try:
        return bool(ric.validate(normal_digits(cell).replace(" ", "").upper()))
    except ValidationError:
        return False


def average(cells: Sequence[str]) -> float:
    """Return the average length of the filled cells."""
    filled = [len(cell.strip()) for cell in cells if cell.strip()]
    return sum(filled) / len(filled) if filled else 0.0


def is_date(cell: str, year: int | None) -> bool:
    """Say whether a cell tells a moment. A bare number of five digits may be anything."""
    try:
        moments.read(cell, year=year)
    except moments.Unreadable as error:
        return str(error) == "date_impossible"
    return True


def dates_without_year(cells: Sequence[str]) -> float:
    """Return which share of the filled cells are dates, if a year that nothing names is not asked for."""
    filled = [cell.strip() for cell in cells if cell.strip()]
    return sum(is_date(cell, _LEAP) for cell in filled if len(cell) <= _SHORT) / max(len(filled), 1)


def _tests(year: int | None) -> dict[Field, Callable[[str], bool]]:
    return {
        Field.ID_NUMBER: is_id_number,
        Field.PHONE: lambda cell: PHONE.fullmatch(normal_digits(cell)) is not None,
        Field.RECEIVED_AT: partial(is_date, year=year),
        Field.CASE_NUMBERS: lambda cell: "号" in cell and all(map(numbers.parse, split(cell))),
        Field.COURT: lambda cell: cell.endswith("法院"),
        Field.CHANNEL: lambda cell: len(cell) < 12 and heads.channel_of(cell) is not None,
        Field.ADDRESS: lambda cell: len(cell) > 5 and len(_ADDRESS.findall(cell)) > 1,
        Field.PETITIONER: _is_person,
        Field.CATEGORY: lambda cell: naming.read([cell]).category is not None,
        Field.GROUP_SIZE: lambda cell: _COUNT.match(cell) is not None,
    }


def _is_person(cell: str) -> bool:
    name = cell.replace(" ", "").replace("\u3000", "")
    return _NAME.match(name) is not None and (name[0] in heads.surnames() or name[:2] in heads.surnames())


def _safely(test: Callable[[str], bool]) -> Callable[[str], bool]:
    return lambda cell: len(cell) <= _SHORT and test(cell)
