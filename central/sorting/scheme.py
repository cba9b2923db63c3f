"""The scheme of categories: three levels of codes, two figures each, as data that comes with the program. Pure but for reading it once.

A code below another begins with it. Each version is a file; the newest is in force, older ones only explain what was chosen under them.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from central.deadlines.kinds import PetitionKind

_DATA = Path(__file__).parent / "data" / "schemes"
#: Figures of a level, and how many levels there are.
FIGURES, LEVELS = 2, 3


@dataclass(frozen=True, slots=True)
class Category:
    """One category with what follows from it; `above`: such a petition about a court is for the court above it."""

    code: str
    zh: str
    en: str
    kind: PetitionKind
    templates: tuple[str, ...]
    above: bool
    #: Names from the first level down to this one.
    path_zh: tuple[str, ...]
    path_en: tuple[str, ...]

    @property
    def level(self) -> int:
        """1 to 3."""
        return len(self.code) // FIGURES

    def path(self, lang: str) -> tuple[str, ...]:
        """Return the names from the top in a language of pages, `zh` or `en`."""
        return self.path_en if lang == "en" else self.path_zh

    @property
    def label(self) -> str:
        """How it is learned: its code, and its names, which say something before anything was learned."""
        return f"{self.code} {'/'.join(self.path_zh)}"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One version of the scheme, its categories by code in their order."""

    version: str
    categories: Mapping[str, Category]
    moved: Mapping[str, str]

    def get(self, code: str | None) -> Category | None:
        """Return the category with a code, None if this version has none."""
        return self.categories.get(code or "")

    def carried(self, code: str) -> Category | None:
        """Return what a code of an older version is in this one."""
        return self.get(self.moved.get(code, code))

    def below(self, code: str) -> Sequence[Category]:
        """Return the categories one level below a code; "" gives the first level."""
        return [
            each
            for each in self.categories.values()
            if each.code.startswith(code) and len(each.code) == len(code) + FIGURES
        ]


def parents(code: str) -> tuple[str, ...]:
    """Return a code's own code and those above it, from the first level down."""
    return tuple(code[:end] for end in range(FIGURES, len(code) + 1, FIGURES))


def built(table: Mapping[str, Any]) -> Scheme:
    """Return the scheme of a file; raise `ValueError` for a code without the one above it, or used twice."""
    found: dict[str, Category] = {}
    for row in table["categories"]:
        code: str = row["code"]
        above = found.get(code[:-FIGURES])
        if code in found or len(code) % FIGURES or len(code) > FIGURES * LEVELS:
            msg = f"{code} is no code, or used twice"
            raise ValueError(msg)
        if above is None and len(code) > FIGURES:
            msg = f"{code} stands below nothing"
            raise ValueError(msg)
        kind = row.get("kind", above.kind if above else PetitionKind.GENERAL)
        templates = row.get("templates", above.templates if above else table["templates"])
        found[code] = Category(
            code=code,
            zh=row["zh"],
            en=row["en"],
            kind=PetitionKind(kind),
            templates=tuple(templates),
            above=row.get("above", above.above if above else False),
            path_zh=(*(above.path_zh if above else ()), row["zh"]),
            path_en=(*(above.path_en if above else ()), row["en"]),
        )
    return Scheme(table["version"], found, table.get("moved", {}))


@cache
def all_schemes() -> Mapping[str, Scheme]:
    """Return every version that comes with the program, oldest first."""
    tables = (tomllib.loads(path.read_text("utf-8")) for path in sorted(_DATA.glob("*.toml")))
    return {each.version: each for each in map(built, tables)}


def current() -> Scheme:
    """Return the version in force."""
    return list(all_schemes().values())[-1]


def named(code: str, version: str) -> Category | None:
    """Return a category as it was called in the version it was chosen under, else as the present one calls it."""
    under = all_schemes().get(version)
    return (under.get(code) if under else None) or current().carried(code)


def typed(text: str) -> Category | None:
    """Return the category that was typed or picked from the list: by its code, by its name, or by its whole path."""
    wanted = text.strip()
    head = wanted.partition(" ")[0]
    known = current()
    if head.isascii() and head.isdigit():
        return known.get(head)
    fits = [
        each
        for each in known.categories.values()
        if wanted.casefold()
        in {each.zh, each.en.casefold(), "/".join(each.path_zh), "/".join(each.path_en).casefold()}
    ]
    return fits[0] if len(fits) == 1 else None
