"""Every MQTT topic, built and parsed here and nowhere else.

| topic | sender | retained | carries |
|---|---|---|---|
| `minyi/<box>/up/events` | box | no | `wire.Envelope`: one event of the box's journal |
| `minyi/<box>/up/urgent` | box | no | a copy of the `wire.Envelope` of a call for help that would have to wait behind others |
| `minyi/<box>/up/pages` | box | no | `pieces.PagePart`: a piece of pages kept at a counter, sealed to the centre |
| `minyi/<box>/up/presence` | box, its last will | yes | `wire.Presence` |
| `minyi/<box>/up/settings` | box | yes | `hall_settings.SettingsState`: which settings are in force, on trial, refused |
| `minyi/<box>/up/logs` | box | no | `logtail.Tail`: its last log lines, when the centre asked for them |
| `minyi/<box>/down/acks` | centre | no | `wire.Ack`, `wire.Acks` for several events, the only proof that they are kept; for none: back |
| `minyi/<box>/down/pages` | centre | no | `pieces.PagesHeld`: how far the centre has a batch of pages |
| `minyi/<box>/down/calls/<call>` | centre | yes | `wire.CallState`: what became of an assistance call; empty the day after it closed |
| `minyi/<box>/down/documents/<name>` | centre | yes | `wire.SignedDocument`: `roster`, `settings`, `receipts`, `logs` |

QoS is 1 throughout. A broker's PUBACK is no receipt: only `Ack` is.
"""

import re
from typing import NamedTuple
from uuid import UUID

#: A box is named by its court's code in Latin letters and a number: `ln0102-1`.
BOX_ID = re.compile(r"^[a-z]{1,4}[0-9]{0,4}-[0-9]{1,3}$")

ALL_EVENTS = "minyi/+/up/events"
ALL_URGENT = "minyi/+/up/urgent"
ALL_PAGES = "minyi/+/up/pages"
ALL_PRESENCE = "minyi/+/up/presence"
ALL_SETTINGS = "minyi/+/up/settings"
ALL_LOGS = "minyi/+/up/logs"
#: All that boxes say.
ALL_UP = (ALL_EVENTS, ALL_URGENT, ALL_PRESENCE, ALL_PAGES, ALL_SETTINGS, ALL_LOGS)


class Topic(NamedTuple):
    """A parsed topic: the box it belongs to and the rest of its path (`up/events`, `down/calls/<id>`)."""

    box: str
    path: str


def events(box: str) -> str:
    """Return the topic on which `box` sends its journal."""
    return f"minyi/{box}/up/events"


def urgent(box: str) -> str:
    """Return the topic on which `box` sends a call for help ahead of its journal."""
    return f"minyi/{box}/up/urgent"


def pages(box: str) -> str:
    """Return the topic on which `box` sends the pages kept at its counters, piece by piece."""
    return f"minyi/{box}/up/pages"


def pages_held(box: str) -> str:
    """Return the topic on which the centre says how far it has a batch of pages."""
    return f"minyi/{box}/down/pages"


def presence(box: str) -> str:
    """Return the retained topic that says whether `box` is on the line."""
    return f"minyi/{box}/up/presence"


def settings(box: str) -> str:
    """Return the retained topic on which `box` says which settings it follows."""
    return f"minyi/{box}/up/settings"


def logs(box: str) -> str:
    """Return the topic on which `box` answers a question for its last log lines."""
    return f"minyi/{box}/up/logs"


def acks(box: str) -> str:
    """Return the topic on which the centre acknowledges events of `box`."""
    return f"minyi/{box}/down/acks"


def call(box: str, call_id: UUID) -> str:
    """Return the retained topic of one assistance call."""
    return f"minyi/{box}/down/calls/{call_id}"


def calls(box: str) -> str:
    """Return the filter with which a box follows its assistance calls."""
    return f"minyi/{box}/down/calls/+"


def document(box: str, name: str) -> str:
    """Return the retained topic of the signed document `name`."""
    return f"minyi/{box}/down/documents/{name}"


def documents(box: str) -> str:
    """Return the filter with which a box follows its signed documents."""
    return f"minyi/{box}/down/documents/+"


def client_id(box: str) -> str:
    """Return the MQTT client id of a box that signs in by name and secret; by certificate the broker takes the box id."""
    return f"minyi-{box}"


def parse(topic: str) -> Topic | None:
    """Return box and path of a Minyi topic, or None for anything else."""
    head, _, rest = topic.partition("/")
    box, _, path = rest.partition("/")
    if head != "minyi" or not BOX_ID.match(box) or not path:
        return None
    return Topic(box, path)
