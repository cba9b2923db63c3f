"""What a look found, and what the looks need of the machine."""

import ctypes
import shutil
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from central.settings import Settings
from shared.clock import Clock, SystemClock

#: Seconds that a server on the line gets to answer.
PATIENCE = 3.0
#: What adjtimex(2) returns of a clock that nothing keeps right, and the room it writes its answer to.
_TIME_ERROR, _TIMEX_BYTES = 5, 512


class Level(StrEnum):
    """How much it matters."""

    FINE = "fine"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence of the catalogue: `key` with `values`, found by the look called `look`."""

    look: str
    level: Level
    key: str
    values: dict[str, object] = field(default_factory=dict)


def reach(host: str, port: int) -> None:
    """Open a connection and close it; raise `OSError` if nobody answers."""
    socket.create_connection((host, port), timeout=PATIENCE).close()


def free(path: Path) -> tuple[int, int]:
    """Return free and all bytes of the disk on which `path` lies."""
    usage = shutil.disk_usage(path)
    return usage.free, usage.total


def kept_right() -> bool:
    """Say whether something keeps this machine's clock right, as far as the system knows."""
    return bool(ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)) != _TIME_ERROR)


@dataclass(frozen=True)
class Machine:
    """The machine as the looks see it; tests pass in another."""

    clock: Clock = field(default_factory=SystemClock)
    free: Callable[[Path], tuple[int, int]] = free
    reach: Callable[[str, int], None] = reach
    kept_right: Callable[[], bool] = kept_right


Look: TypeAlias = Callable[[Settings, Machine], Iterator[Finding]]


def wrong(look: str, key: str, **values: object) -> Finding:
    """Return something that must be put right."""
    return Finding(look, Level.WRONG, key, values)


def note(look: str, key: str, **values: object) -> Finding:
    """Return something to know; it makes nothing fail."""
    return Finding(look, Level.NOTE, key, values)


def shown(error: BaseException) -> str:
    """Return the first line of an error, or its kind."""
    text = getattr(error, "strerror", None) or str(getattr(error, "orig", error))
    return text.splitlines()[0] if text else type(error).__name__
