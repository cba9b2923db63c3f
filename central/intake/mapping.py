"""The mapping file: which column holds what, where the heads alone do not say it. Format: docs/ledger-import.md."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from central.errors import Invalid
from central.intake.rows import Field
from central.petitions.models import Channel


class BadMapping(Invalid):
    """The mapping file cannot be used; the sentence says where."""


@dataclass(frozen=True, slots=True)
class Said:
    """What a person said about a ledger: sheet, fields of heads, and the channel of rows that name none ('' if nothing was said)."""

    sheet: str | None = None
    columns: Mapping[str, Field] = field(default_factory=dict)
    channel: str = ""


def parse(text: str) -> Said:
    """Return what a mapping file says; raise `BadMapping` for anything it does not know."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadMapping("intake.mapping.no_toml", reason=error) from None
    return from_table(table)


def from_table(table: Mapping[str, Any]) -> Said:
    """Return what the table of a mapping says; raise `BadMapping`."""
    if unknown := sorted(set(table) - {"sheet", "channel", "columns"}):
        raise BadMapping("intake.mapping.unknown_key", name=unknown[0])
    sheet, channel = table.get("sheet"), table.get("channel", "")
    if sheet is not None and not isinstance(sheet, str):
        raise BadMapping("intake.mapping.no_text", name="sheet")
    if "channel" in table and channel not in tuple(Channel):
        raise BadMapping("intake.mapping.unknown_value", name="channel", value=channel, known=_list(Channel))
    columns = table.get("columns", {})
    if not isinstance(columns, Mapping):
        raise BadMapping("intake.mapping.no_table", name="columns")
    return Said(sheet or None, {str(head): _field(head, what) for head, what in columns.items()}, channel)


def _field(head: str, what: Any) -> Field:
    if what not in tuple(Field):
        raise BadMapping("intake.mapping.unknown_value", name=head, value=what, known=_list(Field))
    return Field(what)


def _list(kind: Any) -> str:
    return ", ".join(str(each) for each in kind)
