"""The box's own last log lines, in memory alone and bounded, as a person at the centre may ask for them.

They begin with the start of the process; older ones are in the machine's journal. A line keeps its event, its level, its time
and the facts named in `PLAIN`; any other fact is covered, and of an error only its kind and the places in the program stay.
"""

import json
import re
import threading
from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from shared import logtail
from shared.logtail import COVER, MOST_LINES

#: Facts of log calls that speak of the machine. A new one is added here or stays covered; a test reads every call.
PLAIN = frozenset({
    "alarm", "batch", "batches", "bits", "box", "current", "device", "edition", "event", "event_id",
    "events", "expected", "fault", "fields", "good", "got", "host", "level", "number", "outcome",
    "path", "phase", "port", "reason", "record", "records", "seconds", "seq", "serial", "set_aside",
    "size", "target", "timestamp", "topic", "trials", "under_way", "version",
})  # fmt: skip
#: Facts that are known to stay covered, each because it can carry text from outside.
COVERED = frozenset({"certificate", "name", "said"})
_PLACE = re.compile(r'File "[^"]*?([\w./-]{1,80})", line (\d+), in (\w+)')
_KIND = re.compile(r"^([A-Za-z_][\w.]*)(?::|$)", re.MULTILINE)


def plain(facts: Mapping[str, Any]) -> str:
    """Return one line of JSON that may leave the box."""
    kept = {
        name: _error(str(value)) if name == "exception" else _value(value) if name in PLAIN else COVER
        for name, value in facts.items()
    }
    return json.dumps(kept, ensure_ascii=True)[: logtail.MOST_SIGNS]


def _value(value: Any) -> Any:
    if value is None or isinstance(value, bool | float):
        return value
    found = logtail.masked(str(value))
    return value if isinstance(value, int) and found == str(value) else found


def _error(trace: str) -> str:
    """Return where an error came from and what kind it was, without its words and without lines of the program."""
    places = [f"{file}:{line} {name}" for file, line, name in _PLACE.findall(trace)]
    kinds = _KIND.findall(trace)
    return logtail.masked(" < ".join([*(kinds[-1:] or ["?"]), *reversed(places[-8:])]))


class LogRing:
    """A stage of the log: notes each line as it passes. `since` is when it began."""

    def __init__(self, since: datetime) -> None:
        self.since = since
        self._lock = threading.Lock()
        self._lines: deque[str] = deque(maxlen=MOST_LINES)

    def __call__(self, _logger: Any, _method: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """Note a line and hand it on unchanged."""
        line = plain(facts)
        with self._lock:
            self._lines.append(line)
        return facts

    def last(self, count: int) -> list[str]:
        """Return up to `count` of the newest lines within the bound of one answer, oldest first."""
        with self._lock:
            lines = list(self._lines)
        return logtail.last(lines, count)
