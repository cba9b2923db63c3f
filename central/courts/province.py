"""The courts of a province and the people of a demonstration, read from TOML text.

The files themselves lie in `central/courts/data/` and are explained at their head. Everything here is pure except `packaged`,
which reads such a file out of the installed package. A file with a mistake is refused with one sentence that names the entry.
"""

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from importlib.resources import files
from typing import Annotated, Any, Final, Literal, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

Level: TypeAlias = Literal["high", "intermediate", "basic"]
Kind: TypeAlias = Literal["general", "railway", "maritime", "oilfield"]
Role: TypeAlias = Literal[
    "registrar", "handler", "leader", "supervisor", "court_admin", "auditor", "hall_staff"
]

#: Digits a court code carries after the character of its province (法〔2015〕137号 art. 5), and the level above.
_DIGITS: Final[Mapping[Level, int]] = {"high": 0, "intermediate": 2, "basic": 4}
_ABOVE: Final[Mapping[Level, Level | None]] = {"high": None, "intermediate": "high", "basic": "intermediate"}

_Name = Annotated[str, Field(min_length=1, max_length=80)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CourtSpec(_Entry):
    """One court as the file states it.

    `code` is the court code of the case-number rules (`辽0102`), `latin` the same in ASCII (`ln0102`), `area` the six digits of
    GB/T 2260 where the court stands for such an area. `confirmed` says that `source` shows the code to be in use; without it the
    code is only derived and a court must be asked before it is relied on.
    """

    code: Annotated[str, Field(pattern=r"^[一-鿿][0-9]*$")]
    latin: Annotated[str, Field(pattern=r"^[a-z]{1,4}[0-9]*$")]
    name: _Name
    name_en: _Name
    level: Level
    kind: Kind = "general"
    parent: str | None = None
    area: Annotated[str, Field(pattern=r"^[0-9]{6}$")] | None = None
    valid_from: date
    confirmed: bool
    source: str = ""

    @property
    def digits(self) -> str:
        """The part of the code after the character of the province: nothing, two or four digits."""
        return self.code[1:]


class DepartmentSpec(_Entry):
    """A department each court of the given levels starts with; `key` names it inside the court."""

    key: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: _Name
    name_en: _Name
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]


class StaffSpec(_Entry):
    """A made-up person of the demonstration; `court` is a court code, `department` a department key of that court's level."""

    username: Annotated[str, Field(pattern=r"^[a-z][a-z0-9]*(\.[a-z0-9]+)*$", max_length=32)]
    name: _Name
    name_en: _Name
    court: str
    department: str
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]


class Province(_Entry):
    """A province: its courts in file order (the high court first by custom, not by rule) and its default departments.

    `char` opens every court code (`辽`), `latin` every code in Latin letters (`ln`), `area` every area code (`21`).
    """

    name: _Name
    name_en: _Name
    char: Annotated[str, Field(pattern=r"^[一-鿿]$")]
    latin: Annotated[str, Field(pattern=r"^[a-z]{1,4}$")]
    area: Annotated[str, Field(pattern=r"^[0-9]{2}$")]
    courts: tuple[CourtSpec, ...]
    departments: tuple[DepartmentSpec, ...] = ()

    @property
    def root(self) -> CourtSpec:
        """The high court."""
        return next(court for court in self.courts if court.parent is None)

    def court(self, code: str) -> CourtSpec:
        """Return the court with this code; ValueError when the province has none."""
        for court in self.courts:
            if court.code == code:
                return court
        raise ValueError(f"{self.name} has no court with the code {code}.")

    def path_of(self, code: str) -> str:
        """Return the materialised path from the high court down, `/辽/辽01/辽0102/`; ValueError for an unknown code."""
        court = self.court(code)
        above = self.path_of(court.parent) if court.parent else "/"
        return f"{above}{code}/"

    def top_down(self) -> tuple[CourtSpec, ...]:
        """Return the courts so that each stands after its parent, otherwise in file order."""
        return tuple(sorted(self.courts, key=lambda court: _DIGITS[court.level]))

    def departments_of(self, level: Level) -> tuple[DepartmentSpec, ...]:
        """Return the departments a court of this level starts with, in file order."""
        return tuple(department for department in self.departments if level in department.levels)


def load_province(text: str) -> Province:
    """Read a province file; ValueError with one sentence that names the first entry found wrong."""
    table = _table(text)
    courts = _entries(CourtSpec, table.pop("courts", None), what="courts", named="code")
    departments = _entries(DepartmentSpec, table.pop("departments", []), what="departments", named="key")
    province = _built(Province, {**table, "courts": courts, "departments": departments}, where="The province")
    _check_unique((court.code for court in courts), what="The court code")
    _check_unique((court.name for court in courts), what="The court name")
    _check_unique((department.key for department in departments), what="The department key")
    for court in courts:
        _check_code(province, court)
        _check_area(province, court)
    _check_tree(courts)
    return province


def load_demo(text: str, *, province: Province | None = None) -> tuple[StaffSpec, ...]:
    """Read a file of demonstration staff; ValueError with one sentence that names the first entry found wrong.

    With `province`, each person's court and department must be known there as well.
    """
    table = _table(text)
    staff = _entries(StaffSpec, table.pop("staff", None), what="staff", named="username")
    if table:
        raise ValueError(f"The file of demonstration staff has an unknown entry: {', '.join(table)}.")
    _check_unique((person.username for person in staff), what="The username")
    if province is not None:
        for person in staff:
            _check_place(province, person)
    return staff


def packaged(name: str) -> str:
    """Return the text of a data file shipped with the package, such as `liaoning.toml` or `demo.toml`."""
    return (files("central.courts") / "data" / name).read_text(encoding="utf-8")


def _table(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"The file is not valid TOML: {error}.") from error


_E = TypeVar("_E", bound=_Entry)


def _entries(model: type[_E], rows: object, *, what: str, named: str) -> tuple[_E, ...]:
    if not isinstance(rows, Sequence) or isinstance(rows, str):
        raise ValueError(f"The file needs a list named {what}.")  # noqa: TRY004
    built = []
    for number, row in enumerate(rows, start=1):
        label = row.get(named, "without a name") if isinstance(row, Mapping) else "not a table"
        built.append(_built(model, row, where=f"Entry {number} of {what} ({label})"))
    return tuple(built)


def _built(model: type[_E], row: object, *, where: str) -> _E:
    try:
        return model.model_validate(row)
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{where}, field {field or 'itself'}: {first['msg']}.") from error


def _check_unique(values: Iterable[str], *, what: str) -> None:
    for value, times in Counter(values).items():
        if times > 1:
            raise ValueError(f"{what} {value} stands {times} times in the file; it must stand once.")


def _check_code(province: Province, court: CourtSpec) -> None:
    if court.code[0] != province.char:
        raise ValueError(f"The court code {court.code} must begin with {province.char}.")
    if len(court.digits) != _DIGITS[court.level]:
        wanted = _DIGITS[court.level]
        raise ValueError(f"The court {court.code} is of level {court.level}: its code needs {wanted} digits.")
    if court.latin != province.latin + court.digits:
        raise ValueError(f"The court {court.code} needs the Latin code {province.latin}{court.digits}.")
    if court.confirmed and not court.source:
        raise ValueError(f"The court {court.code} is marked confirmed but names no source.")


def _check_area(province: Province, court: CourtSpec) -> None:
    """Art. 5: the digits of a court that stands for an area are those of the area code, zeros at the end left out."""
    if court.area is None:
        return
    expected = (province.area + court.digits).ljust(6, "0")
    if court.area != expected:
        raise ValueError(f"The court {court.code} does not follow from its area code {court.area}.")


def _check_tree(courts: Sequence[CourtSpec]) -> None:
    by_code = {court.code: court for court in courts}
    roots = [court.code for court in courts if court.parent is None]
    if len(roots) != 1:
        found = ", ".join(roots) or "none"
        raise ValueError(f"The tree needs exactly one court without a parent; found: {found}.")
    for court in courts:
        if court.parent is not None and court.parent not in by_code:
            raise ValueError(f"The parent {court.parent} of the court {court.code} is not in the file.")
        level_above = by_code[court.parent].level if court.parent else None
        # Levels rise strictly towards the root, so a loop cannot pass.
        if level_above != _ABOVE[court.level]:
            raise ValueError(
                f"The court {court.code} of level {court.level} must hang below {_ABOVE[court.level] or 'nothing'}, "
                f"not below {court.parent or 'nothing'}."
            )


def _check_place(province: Province, person: StaffSpec) -> None:
    court = next((court for court in province.courts if court.code == person.court), None)
    if court is None:
        raise ValueError(f"The court {person.court} of {person.username} is not a court of {province.name}.")
    if person.department not in {department.key for department in province.departments_of(court.level)}:
        raise ValueError(
            f"The department {person.department} of {person.username} does not exist in a court of level {court.level}."
        )
