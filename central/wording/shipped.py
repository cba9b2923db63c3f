"""The starter set and the names of the placeholders: files that come with the program."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from central.wording.models import Sort

_DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Text:
    """One template or phrase in force. `court_id` and `row_id` are empty for what comes with the program."""

    key: str
    sort: Sort
    outcome: str | None
    title: str
    words: str
    basis: str = ""
    court_id: UUID | None = None
    row_id: UUID | None = None
    hidden: bool = False


@cache
def starters() -> tuple[Text, ...]:
    """Return the set that every court begins with."""
    found = tomllib.loads((_DATA / "starter.toml").read_text("utf-8"))
    return tuple(_text(key, sort, values) for sort in Sort for key, values in found[sort].items())


def _text(key: str, sort: Sort, values: Mapping[str, Any]) -> Text:
    return Text(
        key,
        sort,
        values.get("outcome"),
        values["title"],
        values["words"].strip(),
        values.get("basis", "").strip(),
    )


@cache
def placeholders() -> Mapping[str, tuple[str, str]]:
    """Return the known placeholders: key to name in Chinese and in English."""
    found = tomllib.loads((_DATA / "placeholders.toml").read_text("utf-8"))
    return {key: (names["zh"], names["en"]) for key, names in found.items()}


@cache
def names() -> Mapping[str, str]:
    """Return the key of each placeholder by every name it may be written with."""
    return {name.casefold(): key for key, both in placeholders().items() for name in (*both, key)}
