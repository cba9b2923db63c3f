"""How the machine itself is, for the centre's page of all boxes. Looked at every minute; what cannot be read is left out."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

from edge_agent.desk import Desk
from edge_agent.ports import PrintOutcome
from edge_agent.records import Ticket
from shared import wire

_HEAT = Path("/sys/class/thermal")
_MOST_ALARMS = 20


def of_machine(desk: Desk, *, heat: Path = _HEAT) -> Callable[[], wire.Figures]:
    """Return a function that looks once."""

    def look() -> wire.Figures:
        drivers = desk.settings.drivers
        with desk.box.lock:
            alarms = sorted(desk.box.alarms)
            last = max(desk.box.hall.tickets.values(), key=lambda ticket: ticket.taken_at, default=None)
        return wire.Figures(
            free_mb=shutil.disk_usage(desk.settings.data).free // 2**20,
            heat=_hottest(heat),
            camera=_camera(drivers.camera, alarms),
            printer=_printer(drivers.printer, last),
            alarms=tuple(alarms[:_MOST_ALARMS]),
        )

    return look


def _hottest(folder: Path) -> float | None:
    found = []
    for zone in folder.glob("thermal_zone*/temp"):
        with contextlib.suppress(OSError, ValueError):
            found.append(int(zone.read_text()) / 1000)
    return max((one for one in found if -100 <= one <= 300), default=None)


def _camera(driver: str, alarms: list[str]) -> wire.DeviceState:
    if driver == "none":
        return wire.DeviceState.ABSENT
    return wire.DeviceState.LOST if "alarm.device_lost" in alarms else wire.DeviceState.READY


def _printer(driver: str, last: Ticket | None) -> wire.DeviceState:
    """Judge by what became of the newest slip: nobody asks a printer for its health between two slips."""
    if driver == "none":
        return wire.DeviceState.ABSENT
    bad = last is not None and last.printed not in {None, PrintOutcome.PRINTED}
    return wire.DeviceState.LOST if bad else wire.DeviceState.READY
