"""What is done with the fleet, for callers outside: each act stands in the file named after its kind."""

from central.fleet.editing import advance, go_on, make_edition, make_group, move, stop
from central.fleet.issuing import issue, note_state
from central.fleet.logs import ask_log, note_tail, read_log

__all__ = [
    "advance",
    "ask_log",
    "go_on",
    "issue",
    "make_edition",
    "make_group",
    "move",
    "note_state",
    "note_tail",
    "read_log",
    "stop",
]
