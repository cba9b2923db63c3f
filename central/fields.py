"""Types with their limits, stated once and used by forms and tables alike."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

_BLANKS = re.compile(r"[\t\u3000\u00a0 ]+")
_LINES = re.compile(r"\n{3,}")
#: No petition, appointment or look lies outside; at the ends of the calendar conversions between zones fail.
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2999, 12, 31)
#: Signs that say nothing, and halves of signs (JSON can carry them), which no database and no digest takes.
_DROPPED = re.compile(r"[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u200b\ufeff\ud800-\udfff]")


def clean_line(text: str) -> str:
    """Return one line: control signs out, runs of blanks (tabs and full-width ones too) made one."""
    return _BLANKS.sub(" ", _DROPPED.sub("", text).replace("\n", " ").replace("\r", " ")).strip()


def clean_text(text: str) -> str:
    """Return running text for display: lines stripped of stray tabs and full-width blanks, at most one empty line in a row."""
    lines = (
        _BLANKS.sub(" ", line).strip()
        for line in _DROPPED.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).split("\n")
    )
    return _LINES.sub("\n\n", "\n".join(lines)).strip()


def normal_digits(text: str) -> str:
    """Return `text` with full-width letters, digits and signs made plain (NFKC) and outer blanks off."""
    return unicodedata.normalize("NFKC", _DROPPED.sub("", text)).strip()


def day_of(text: str) -> date | None:
    """Return a typed day, or None for what is none or lies where days have no moment in every zone."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def moment_of(text: str) -> datetime | None:
    """Return a moment with its zone as an address carries it, or None."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo and FIRST_DAY <= moment.date() <= LAST_DAY else None


def pasted(value: object) -> object:
    """Return numbers as they are pasted, one a line or with commas and blanks between, one by one."""
    if isinstance(value, str):
        return normal_digits(value).replace(",", " ").replace("、", " ").split()
    return value


def _empty_to_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Line = Annotated[str, AfterValidator(clean_line)]
Name = Annotated[Line, Field(min_length=1, max_length=100)]
Subject = Annotated[Line, Field(min_length=1, max_length=200)]
#: The petition in the petitioner's words: kept exactly as received, cleaned only for display.
PetitionText = Annotated[str, Field(min_length=1, max_length=100_000)]
Remark = Annotated[str, AfterValidator(clean_text), Field(max_length=2000)]
RequiredRemark = Annotated[str, AfterValidator(clean_text), Field(min_length=2, max_length=2000)]
Paragraphs = Annotated[str, AfterValidator(clean_text), Field(min_length=1, max_length=20_000)]
Phone = Annotated[str, AfterValidator(normal_digits), Field(pattern=r"^[0-9+\-() ]{3,25}$")]
Address = Annotated[Line, Field(max_length=300)]
IdNumber = Annotated[str, AfterValidator(normal_digits), Field(max_length=40)]
CourtCode = Annotated[str, Field(pattern=r"^[\u4e00-\u9fff](?:\d{2}|\d{4})?$")]
Day = Annotated[date, Field(ge=FIRST_DAY, le=LAST_DAY)]
#: One mail address, so plain that it can be put into a header as it is.
Mail = Annotated[
    str,
    AfterValidator(clean_line),
    Field(max_length=200, pattern=r"^[^@\s<>,;\"]{1,64}@[A-Za-z0-9.\-]{1,190}$"),
]
USERNAME = r"^[a-z][a-z0-9._-]{1,39}$"


OptionalPhone = Annotated[Phone | None, BeforeValidator(_empty_to_none)]
OptionalMail = Annotated[Mail | None, BeforeValidator(_empty_to_none)]
OptionalAddress = Annotated[Address | None, BeforeValidator(_empty_to_none)]
OptionalIdNumber = Annotated[IdNumber | None, BeforeValidator(_empty_to_none)]
OptionalName = Annotated[Name | None, BeforeValidator(_empty_to_none)]

#: The sentence for each kind of refusal of pydantic's: by its whole name, or by its beginning.
_SENTENCES = {
    "missing": "missing",
    "string_pattern_mismatch": "pattern",
}
_STARTS = {
    "enum": "choice",
    "literal": "choice",
    "uuid": "choice",
    "bool": "choice",
    "date": "date",
    "time": "time",
    "int": "number",
}


def problem(error: Mapping[str, Any]) -> tuple[str, dict[str, object]]:
    """Return the key of the sentence for a value that a form refuses (one of pydantic's errors), and the limit that it names."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind == "int_parsing" and not str(error.get("input")).strip():
        return "fields.problem.missing", {}
    if kind.startswith(("greater", "less")):
        name, limit = _beyond(next(iter(limits.values()), None), low=kind.startswith("greater"))
    elif kind.endswith("too_long"):
        name = "too_many" if limits.get("field_type") in {"List", "Tuple"} else "too_long"
        limit = {"most": limits["max_length"]}
    elif kind.endswith("too_short"):
        short = limits["min_length"] != 1 and error.get("input")
        name, limit = ("too_short", {"least": limits["min_length"]}) if short else ("missing", {})
    else:
        starts = (name for start, name in _STARTS.items() if kind.startswith(start))
        name, limit = _SENTENCES.get(kind) or next(starts, "other"), {}
    return f"fields.problem.{name}", limit


def _beyond(bound: object, *, low: bool) -> tuple[str, dict[str, object]]:
    if isinstance(bound, str):  # so pydantic tells the bound of a day
        return "date_beyond", {"bound": bound}
    return ("number_low", {"least": bound}) if low else ("number_high", {"most": bound})
