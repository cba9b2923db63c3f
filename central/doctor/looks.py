"""All looks, in the order in which somebody would put things right."""

from collections.abc import Iterator
from typing import Final

from central.doctor import files, stored
from central.doctor.findings import Finding, Level, Look, Machine, note, shown, wrong
from central.doctor.rules import rules
from central.ingest.door import BadAddress, door_of
from central.settings import Settings


def broker(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The broker of the boxes, where it is not our own."""
    if not settings.mqtt.url:
        return
    try:
        door = door_of(settings.mqtt)
        machine.reach(door.host, door.port)
    except BadAddress as error:
        yield wrong("broker", error.key, **error.values)
    except OSError as error:
        yield wrong("broker", "doctor.broker_unreachable", url=settings.mqtt.url, reason=shown(error))


def clock(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """The clock: deadlines and the log go by it."""
    del settings
    if not machine.kept_right():
        yield note("clock", "doctor.clock_alone")


LOOKS: Final[dict[str, tuple[Look, ...]]] = {
    "settings": (files.settings,),
    "data": (files.data,),
    "keys": (stored.keys,),
    "database": (stored.database,),
    "rules": (rules,),
    "log": (stored.log,),
    "broker": (broker,),
    "certificates": (files.certificates, stored.boxes),
    "backups": (files.backups,),
    "copies": (files.copies,),
    "clock": (clock,),
}


def examine(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """Yield what each look found; a look without anything wrong says that it is fine."""
    for name, looks in LOOKS.items():
        found = [finding for look in looks for finding in look(settings, machine)]
        yield from found
        if not any(finding.level is Level.WRONG for finding in found):
            yield Finding(name, Level.FINE, f"doctor.fine_{name}")
