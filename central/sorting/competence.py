"""Which court a petition is likely to be for, and why: the case number it names, the court or place it names, its subject. Pure.

Rules, the first that speaks wins; nothing is decided by it:
1. A case number names its court. Of several the newest counts; of one year a number of enforcement, where it stands now.
2. The text names a court, in full or in short (`和平区法院`). A short name that several share needs its city as well.
3. The subject belongs to a special court (`data/subjects.toml`).
4. The text names a place: the basic court there.
Then, if the category says so (accusations, answers one is not satisfied with): the court above the one that was found.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from central.cases.codes import courts_in
from central.cases.numbers import CaseNumber, parse

_ENDS = re.compile(r"(?:高级|中级)?人民法院$|(?:中级)?法院$")
_CITY = re.compile(r"^(.{2,4}?市)(.+(?:区|县|市))$")
_NAMES_OF_PEOPLES = re.compile(r"(?:满族|蒙古族|左翼)+")
#: Text beyond says nothing new about the place.
MOST_SIGNS = 20_000
#: What a case number, a court's name, the subject, a place are worth.
SURE = {"case_number": 0.95, "court_name": 0.9, "subject": 0.8, "place": 0.7}
#: The court above stands behind a rule that was read from one of these.
ABOVE = 0.9


class Ground(StrEnum):
    """Why a court is proposed; `sorting.court.<value>` names it."""

    CASE_NUMBER = "case_number"
    COURT_NAME = "court_name"
    SUBJECT = "subject"
    PLACE = "place"


@dataclass(frozen=True, slots=True)
class Known:
    """A court as the rules read it."""

    code: str
    name: str
    name_en: str
    path: str

    @property
    def area(self) -> str:
        """`沈阳市和平区` of `沈阳市和平区人民法院`."""
        return _ENDS.sub("", self.name)

    @property
    def is_basic(self) -> bool:
        """Whether its code names an area of its own."""
        return len(self.code) == 5


@dataclass(frozen=True, slots=True)
class Competent:
    """A court that is proposed: on which ground, by which words of the text, how sure (0 to 1); `above`: it stands above the one named."""

    court: Known
    ground: Ground
    words: str
    sure: float
    above: Known | None = None


def competent(text: str, numbers: Iterable[str], courts: Sequence[Known], *, above: bool) -> Competent | None:
    """Return the court that a text points to, None if to none or to several alike. `numbers` are case numbers as they are written."""
    plain = unicodedata.normalize("NFKC", text[:MOST_SIGNS])
    found = (
        _by_number(numbers, courts)
        or _by_name(plain, courts)
        or _by_subject(plain, courts)
        or _by_place(plain, courts)
    )
    if found is None or not above:
        return found
    over = {each.code: each for each in courts}.get(_above(found.court))
    if over is None:
        return found
    return Competent(over, found.ground, found.words, found.sure * ABOVE, above=found.court)


def _above(court: Known) -> str:
    parts = court.path.strip("/").split("/")
    return parts[-2] if len(parts) > 1 else ""


def _by_number(numbers: Iterable[str], courts: Sequence[Known]) -> Competent | None:
    known = {each.code: each for each in courts}
    read = [
        (made, known.get(courts_in(made)), typed) for typed in numbers if (made := parse(typed)) is not None
    ]
    named = [(number, court, typed) for number, court, typed in read if court is not None]
    if not named:
        return None
    _, court, typed = max(named, key=lambda each: _standing(each[0]))
    return Competent(court, Ground.CASE_NUMBER, typed, SURE["case_number"])


def _standing(number: CaseNumber) -> tuple[int, bool, int]:
    return number.year, "执" in number.codes, number.serial


def _by_name(text: str, courts: Sequence[Known]) -> Competent | None:
    whole = [each for each in courts if each.name in text]
    if whole:
        # `沈阳市和平区人民法院` holds no other court's name; of several the one that is named first.
        first = min(whole, key=lambda each: (text.index(each.name), -len(each.name)))
        return Competent(first, Ground.COURT_NAME, first.name, SURE["court_name"])
    found = [(each, word) for each in courts for word in _short_names(each) if word in text]
    return _only(found, text, Ground.COURT_NAME)


def _short_names(court: Known) -> list[str]:
    area = court.area
    if not court.is_basic:
        return (
            [f"{area}中院", f"{area.removesuffix('市')}中院"]
            if "中级" in court.name
            else [f"{area.removesuffix('省')}高院"]
        )
    return [f"{each}{end}" for each in _places(court) for end in ("法院", "人民法院")]


def _places(court: Known) -> list[str]:
    """Return how the area of a basic court is called: with its city, without, without the peoples of an autonomous county."""
    area = court.area
    city = _CITY.match(area)
    own = city[2] if city else area
    plain = _NAMES_OF_PEOPLES.sub("", own).replace("自治县", "县")
    return list(dict.fromkeys(each for each in (own, plain) if len(each) > 1))


def _by_subject(text: str, courts: Sequence[Known]) -> Competent | None:
    for digits, words in subjects():
        word = next((each for each in words if each in text), None)
        court = next((each for each in courts if each.code[1:] == digits), None)
        if word and court:
            return Competent(court, Ground.SUBJECT, word, SURE["subject"])
    return None


def _by_place(text: str, courts: Sequence[Known]) -> Competent | None:
    found = [(each, word) for each in courts if each.is_basic for word in _places(each) if word in text]
    return _only(found, text, Ground.PLACE)


def _only(found: Sequence[tuple[Known, str]], text: str, ground: Ground) -> Competent | None:
    """Return the one court; where several are called alike, the one whose city is named too; none if they are still several."""
    left = {each.code: (each, word) for each, word in found}
    if len({word for _, word in left.values()}) > 1 or len(left) > 1:
        in_city = {
            code: pair
            for code, pair in left.items()
            if (city := _CITY.match(pair[0].area)) and city[1][:-1] in text
        }
        left = in_city or left
    if len(left) != 1:
        return None
    court, word = next(iter(left.values()))
    return Competent(court, ground, word, SURE[ground])


@cache
def subjects() -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the subjects of special courts: two figures of the code, and words."""
    table = tomllib.loads((Path(__file__).parent / "data" / "subjects.toml").read_text("utf-8"))
    return tuple((each["digits"], tuple(each["words"])) for each in table["subject"])
