"""What a person says about an uploaded ledger before it goes in."""

from collections.abc import Mapping
from typing import Any

from central.errors import Invalid
from central.intake.rows import Field
from central.petitions.models import Channel

#: What becomes of doubles: shown and decided afterwards, all taken, all left out.
DOUBLES = ("hold", "take", "leave")
MOST_NAME = 100


def fields_of(posted: Mapping[str, Any], count: int) -> list[Field | None]:
    """Return the field chosen for each of `count` columns; raise `Invalid` for one that does not exist."""
    chosen: list[Field | None] = []
    for place in range(count):
        value = str(posted.get(f"column-{place}", ""))
        if value and value not in set(Field):
            raise Invalid("intake.page.no_such_field", field=f"column-{place}", value=value)
        chosen.append(Field(value) if value else None)
    return chosen


def channel_of(posted: Mapping[str, Any], usual: str = "") -> str:
    """Return the chosen channel of rows without one, or else `usual`; online otherwise, as most ledgers are of the web."""
    value = str(posted.get("channel") or usual)
    return value if value in set(Channel) else str(Channel.ONLINE)


def doubles_of(posted: Mapping[str, Any]) -> str:
    """Return what becomes of doubles."""
    value = str(posted.get("doubles", ""))
    return value if value in DOUBLES else DOUBLES[0]


def head_row(posted: Mapping[str, Any]) -> int | None:
    """Return the row that a person says the heads stand in; 0 if there are none, None if nothing was said."""
    value = str(posted.get("head_row", "")).strip()
    return int(value) if value.isdecimal() and len(value) < 8 else None


def source_of(posted: Mapping[str, Any]) -> str:
    """Return the name under which the columns are kept; '' keeps nothing."""
    return " ".join(str(posted.get("source", "")).split())[:MOST_NAME]
