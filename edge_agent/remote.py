"""What the centre may set in this box, put over its own configuration. Pure: checked before anything takes effect."""

from typing import NamedTuple

from edge_agent.settings import Group, Settings
from shared.hall_settings import HallSettings


class Place(NamedTuple):
    """Where a setting of the centre stands in the box's own; `group` empty: at the top."""

    group: str
    name: str


PLACES = {
    **{
        name: Place("hall", name)
        for name in (
            *("kinds", "appointments_in_a_row", "declared_in_a_row", "visit_minutes", "early_minutes"),
            *("late_seconds", "widen_seconds", "announce_times"),
        )
    },
    **{
        name: Place("kiosk", name)
        for name in ("idle_seconds", "warning_seconds", "hold_milliseconds", "same_code_seconds")
    },
    **{name: Place("", name) for name in ("language", "keep_days", "log_level")},
    "voice": Place("drivers", "voice"),
}


def applied(configured: Settings, values: HallSettings) -> Settings:
    """Return the box's settings with the centre's above them; raise `ValidationError` for what does not go together."""
    changes: dict[str, dict[str, object]] = {}
    for name, place in PLACES.items():
        value = getattr(values, name)
        if value is not None:
            changes.setdefault(place.group, {})[place.name] = value
    found: dict[str, object] = dict(changes.pop("", {}))
    for group, facts in changes.items():
        before: Group = getattr(configured, group)
        found[group] = type(before).model_validate({**dict(before), **facts})
    return configured.model_copy(update=found)
