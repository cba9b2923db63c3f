"""What the codes of a case number stand for, by the year of the number. Tables are data (`data/*.toml`). Pure but for reading them once."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from central.cases.numbers import FIRST_YEAR, CaseNumber, Shape, parse

_DATA = Path(__file__).parent / "data"
#: Basic courts below specialised intermediate courts begin with the digits of those up to land reclamation.
MOST_SPECIAL_BASIC = 85
#: In an old number: the count of a chamber, or its name in brackets.
_NUMERALS = re.compile(r"[一二三四五六七八九十]|\([^)]*\)")
_CODE = re.compile(r"^(.)(\d{2})?(\d{2})?$")


@dataclass(frozen=True, slots=True)
class Named:
    """A code with its names and its validity; open ends are None."""

    code: str
    zh: str
    en: str
    valid_from: date | None = None
    valid_to: date | None = None

    def in_force(self, year: int) -> bool:
        """Say whether it was in force on any day of `year`."""
        return not (
            (self.valid_from is not None and self.valid_from > date(year, 12, 31))
            or (self.valid_to is not None and self.valid_to < date(year, 1, 1))
        )


@dataclass(frozen=True, slots=True)
class Reading:
    """What a typed number came to. `flags` are keys below `cases.flag.`; nothing is refused for them."""

    typed: str
    number: CaseNumber | None = None
    court: Named | None = None
    type: Named | None = None
    special: Named | None = None
    flags: tuple[str, ...] = ()

    @property
    def shown(self) -> str:
        """The number in its one form; what cannot be read, as it was typed."""
        return self.number.canonical if self.number else self.typed


@dataclass(frozen=True, slots=True)
class Tables:
    """The shipped tables."""

    types: Mapping[str, tuple[Named, ...]]
    old: Mapping[str, Named]
    specials: Mapping[str, Named]
    supreme: Named
    high: Mapping[str, tuple[str, str]]
    kinds: tuple[tuple[range, Named], ...]
    old_courts: Mapping[str, str]


@cache
def tables() -> Tables:
    """Return the shipped tables, read once."""
    types, courts = _toml("types"), _toml("courts")
    begin = date(FIRST_YEAR, 1, 1)
    known: dict[str, tuple[Named, ...]] = {
        code: (Named(code, zh, en, begin),) for code, (zh, en) in types["current"].items()
    }
    for row in types["changed"]:
        named = Named(row["code"], row["zh"], row["en"], row.get("from"), row.get("to"))
        known[named.code] = (*known.get(named.code, ()), named)
    end = date(FIRST_YEAR - 1, 12, 31)
    top = courts["supreme"]
    return Tables(
        types=known,
        old={code: Named(code, zh, en, None, end) for code, (zh, en) in types["old"].items()},
        specials={
            sign: Named(sign, row["zh"], row["en"], row["from"]) for sign, row in types["special"].items()
        },
        supreme=Named(top["code"], top["zh"], top["en"], top["from"]),
        high={sign: (zh, en) for sign, (zh, en) in courts["high"].items()},
        kinds=tuple(
            (
                range(row["first"], row["last"] + 1),
                Named("", row["zh"], row["en"], row.get("not_before"), row.get("not_after")),
            )
            for row in courts["special"]
        ),
        old_courts=courts["old"],
    )


def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((_DATA / f"{name}.toml").read_text("utf-8"))


def courts_in(number: CaseNumber | None) -> str:
    """Return the code of the court a number names, "" where it names none that is known."""
    if number is None:
        return ""
    if number.shape is Shape.CURRENT:
        return number.court
    return _old_court(*_split_old(number.codes))


def read(text: str, *, courts: Mapping[str, Named], year: int) -> Reading:
    """Return what `text` names: court and type as of the year of the number. `courts` are known by name, `year` is now."""
    number = parse(text)
    if number is None:
        return Reading(text, flags=("unread",))
    flags = ["year_ahead"] if number.year > year else []
    if number.shape is Shape.OLD:
        return _old(text, number, courts, flags)
    if number.year < FIRST_YEAR:
        flags.append("too_early")
    court, more = court_of(number.court, number.year, courts)
    special, kind, still = _type_of(number)
    return Reading(text, number, court, kind, special, (*flags, *more, *still))


def court_of(code: str, year: int, courts: Mapping[str, Named]) -> tuple[Named | None, tuple[str, ...]]:
    """Return the court behind a code in a year, and what is to be said about it."""
    if code == tables().supreme.code:
        return tables().supreme, ()
    known = courts.get(code)
    if known is not None:
        return known, () if known.in_force(max(year, FIRST_YEAR)) else ("court_not_in_force",)
    found = _CODE.match(code)
    province = tables().high.get(found[1]) if found else None
    if found is None or province is None:
        return None, ("court_unknown",)
    middle, basic = found[2], found[3]
    if middle is None:
        return Named(code, f"{province[0]}高级人民法院", f"Higher People's Court of {province[1]}"), ()
    # Basic courts under 90 belong to counties that stand directly below the province, not to a cross-region court.
    kind = _kind(int(middle), year) if basic is None or int(middle) <= MOST_SPECIAL_BASIC else None
    zh, en = (kind.zh, kind.en + " ") if kind else ("", "")
    if basic is None:
        named = Named(code, f"{province[0]}{zh}中级法院", f"{en}intermediate court in {province[1]}")
    else:
        named = Named(code, f"{province[0]}{zh}基层法院", f"{en}basic court in {province[1]}")
    return named, ("court_by_code",)


def _kind(digits: int, year: int) -> Named | None:
    return next((named for codes, named in tables().kinds if digits in codes and named.in_force(year)), None)


def _type_of(number: CaseNumber) -> tuple[Named | None, Named | None, tuple[str, ...]]:
    """Return special-trial character, type and flags. A code of the table wins over a character before a shorter code."""
    found = tables().types.get(number.codes)
    if found:
        return None, *_valid(found, number.year)
    sign, rest = number.codes[:1], tables().types.get(number.codes[1:])
    special = tables().specials.get(sign)
    if rest is None:
        return None, None, ("type_unknown",)
    kind, flags = _valid(rest, number.year)
    if special is None:
        return None, kind, (*flags, "special_unknown")
    if not special.in_force(number.year):
        return special, kind, (*flags, "special_not_in_force")
    return special, kind, flags


def _valid(found: tuple[Named, ...], year: int) -> tuple[Named, tuple[str, ...]]:
    year = max(year, FIRST_YEAR)
    now = next((each for each in found if each.in_force(year)), None)
    return (now, ()) if now else (found[-1], ("type_not_in_force",))


def _old(text: str, number: CaseNumber, courts: Mapping[str, Named], flags: list[str]) -> Reading:
    who, kind = _split_old(number.codes)
    if number.year >= FIRST_YEAR:
        flags.append("old_form_late")
    code = _old_court(who, kind)
    court = court_of(code, FIRST_YEAR, courts)[0] if code else None
    if court is None:
        flags.append("old_court")
    elif not who:
        flags.append("old_court_none")
    if kind is None:
        flags.append("type_unknown")
    return Reading(text, number, court, kind, None, tuple(flags))


def _old_court(who: str, kind: Named | None) -> str:
    """Return the code of the court behind an abbreviation, "" where it is not known.

    The Supreme People's Court wrote none (民申字第); a high court the sign of its province, alone or with 高.
    """
    if not who:
        return tables().supreme.code if kind else ""
    known, sign = tables().old_courts.get(who), who.removesuffix("高")
    return known or (sign if sign in tables().high else "")


def _split_old(codes: str) -> tuple[str, Named | None]:
    """Return the court's abbreviation and the type: the longest end that is a type once numerals (民一终) are left out."""
    for at in range(len(codes)):
        short = _NUMERALS.sub("", codes[at:])
        kind = tables().old.get(short) or next(iter(tables().types.get(short, ())), None)
        # A numeral before the type belongs to it, not to the court.
        if kind is not None and not _NUMERALS.match(codes[at]):
            return codes[:at], kind
    return codes, None
