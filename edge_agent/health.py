"""How the box is, for `minyi-edge status`, the watchdog and Prometheus."""

from typing import Any

from edge_agent import tickets
from edge_agent.desk import Desk

#: Alarms that make the box unwell; the others want a person, but the hall is served.
_SERIOUS = frozenset({"alarm.cannot_keep"})


def report(desk: Desk) -> dict[str, Any]:
    """Return status ("ok" or "unwell"), line, journal and alarms. A dead line is no illness."""
    counts = desk.outbox.counts()
    state = desk.link.state if desk.link else None
    with desk.box.lock:
        alarms = [
            {"key": a.key, "detail": a.detail, "since": a.since.isoformat()} for a in desk.box.alarms.values()
        ]
        hall = desk.box.today(desk.clock.now())
        waiting = len(tickets.waiting(hall))
        calls = sum(1 for call in hall.calls.values() if call.open)
    return {
        "status": "unwell" if _SERIOUS & {alarm["key"] for alarm in alarms} else "ok",
        "box": desk.settings.box,
        "line": "off" if state is None else "up" if state.up else "down",
        "line_since": state.since if state else None,
        "events_waiting": counts.waiting,
        "events_parked": counts.parked,
        "visitors_waiting": waiting,
        "calls_open": calls,
        "alarms": alarms,
    }


def metrics(desk: Desk) -> str:
    """Return the figures in Prometheus' text format."""
    found = report(desk)
    figures = {
        "minyi_edge_line_up": ("1 when connected to the broker", int(found["line"] == "up")),
        "minyi_edge_events_waiting": ("Events the centre has not acknowledged", found["events_waiting"]),
        "minyi_edge_events_parked": ("Events the centre refused", found["events_parked"]),
        "minyi_edge_visitors_waiting": ("Visitors who wait", found["visitors_waiting"]),
        "minyi_edge_calls_open": ("Calls for help not closed", found["calls_open"]),
        "minyi_edge_alarms": ("Alarms that stand", len(found["alarms"])),
    }
    lines = []
    for name, (meaning, value) in figures.items():
        lines += [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", f"{name} {value}"]
    return "\n".join([*lines, ""])
