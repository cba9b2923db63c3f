"""Every setting as a row: value, where it comes from, default, meaning."""

import os
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, SecretStr

from edge_agent.settings import PREFIX, Group, Settings


class SettingRow(NamedTuple):
    """One line of `minyi-edge settings`. Secrets come masked."""

    name: str
    variable: str
    value: str
    default: str
    source: str
    meaning: str


def describe(settings: Settings, file: Path | None) -> list[SettingRow]:
    """Return every setting with value, default, where its value comes from, and its meaning."""
    table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8")) if file else {}
    return list(_rows(settings, table, prefix="", variable=PREFIX))


def _rows(model: BaseModel, table: dict[str, Any], *, prefix: str, variable: str) -> Iterator[SettingRow]:
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        if isinstance(value, Group):
            below = f"{variable}{name.upper()}__"
            yield from _rows(value, table.get(name, {}), prefix=f"{prefix}{name}.", variable=below)
            continue
        key = variable + name.upper()
        source = "variable" if key in os.environ else "file" if name in table else "default"
        default = "(required)" if field.is_required() else _shown(field.default)
        yield SettingRow(prefix + name, key, _shown(value), default, source, field.description or "")


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "******" if value.get_secret_value() else ""
    if isinstance(value, tuple):
        return ", ".join(str(item) for item in value)
    return "" if value is None else str(value)
