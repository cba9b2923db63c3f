"""Rebuild rows from events: pure, no database."""

import json
from collections.abc import Iterable
from typing import Any, Protocol, TypeAlias

#: (table, key) -> (columns, stream, id of the last event that touched the row)
Rows: TypeAlias = dict[tuple[str, str], tuple[dict[str, Any], str, int]]


class Logged(Protocol):
    """What a fold reads of an event."""

    @property
    def id(self) -> int:
        """Place in the global order."""
        ...

    @property
    def stream(self) -> str:
        """Stream of the event."""
        ...

    @property
    def data(self) -> str:
        """Canonical JSON with `rows`."""
        ...


def fold(rows: Rows, events: Iterable[Logged]) -> Rows:
    """Apply the row changes of `events` in order to `rows` and return it. Columns set to nothing are left out."""
    for event in events:
        for change in _changes(event.data):
            place = (change["t"], change["k"])
            if "d" in change:
                rows.pop(place, None)
                continue
            columns = change["s"]
            if place in rows:
                columns = rows[place][0] | columns
            if None in columns.values():
                columns = {k: v for k, v in columns.items() if v is not None}
            rows[place] = (columns, event.stream, event.id)
    return rows


def _changes(data: str) -> list[dict[str, Any]]:
    """Return the row changes of an event. A damaged event is reported by its hash; its rows then differ as well."""
    try:
        found = json.loads(data)["rows"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [change for change in found if _is_change(change)] if isinstance(found, list) else []


def _is_change(change: object) -> bool:
    return (
        isinstance(change, dict)
        and isinstance(change.get("t"), str)
        and isinstance(change.get("k"), str)
        and ("d" in change or isinstance(change.get("s"), dict))
    )
