"""What a person says about an uploaded ledger before it goes in."""

from collections.abc import Mapping, Sequence
from typing import Any

from central.errors import Invalid
from central.intake import heads
from central.intake.rows import Field, RawRow
from central.petitions.models import Channel


def fields_of(posted: Mapping[str, Any], count: int) -> list[Field | None]:
    """Return the field chosen for each of `count` columns; raise `Invalid` for one that does not exist."""
    chosen: list[Field | None] = []
    for place in range(count):
        value = str(posted.get(f"column-{place}", ""))
        if value and value not in set(Field):
            raise Invalid("intake.page.no_such_field", field=f"column-{place}", value=value)
        chosen.append(Field(value) if value else None)
    return chosen


def channel_of(posted: Mapping[str, Any]) -> str:
    """Return the chosen channel of rows without one; online otherwise, as most ledgers are of the web."""
    value = str(posted.get("channel", ""))
    return value if value in set(Channel) else str(Channel.ONLINE)


def head_row(first: Sequence[RawRow]) -> int:
    """Return the place of the heads among the first rows; the first if none is recognised."""
    try:
        found = heads.find_heads(first)
    except heads.BadLayout:
        return 0
    return first.index(found)
