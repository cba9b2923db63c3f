"""The process that opens one foreign file: what it is asked, what it answers. Its two programs are `child_picture` and `child_pages`.

Asked by one JSON argument; the file comes on standard input, the remade one goes to an open file whose number is named.
Answer: one JSON line, `{"pages": 3, "removed": ["script"], "peak_kb": 90000}` or `{"refused": reason, ...}`; silence means
that it was killed.
"""

import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from central.documents import confine


class RefusedError(Exception):
    """The file cannot be taken; `reason` is a key below `documents.file.`."""

    def __init__(self, reason: str, **values: int) -> None:
        super().__init__(reason)
        self.said: dict[str, object] = {"refused": reason, **values}


@dataclass
class Asked:
    """One task: kind and limits, the file, and where the remade one goes."""

    kind: str
    pages: int
    megapixels: int
    dpi: int
    source: BinaryIO
    target: BinaryIO
    removed: set[str] = field(default_factory=set)

    def note(self, what: str) -> None:
        """Note what is left behind; a key below `documents.removed.`."""
        self.removed.add(what)


def run(make: Callable[[Asked], int]) -> None:
    """Confine this process, make the file anew by `make` (which returns its pages) and answer."""
    given = json.loads(sys.argv[1])
    target = given.pop("target")
    limits = {name: given.pop(name) for name in ("memory_mb", "seconds", "output_mb")}
    memory = Path("/proc/self/status").open(encoding="ascii")  # noqa: SIM115 opened before the walls go up
    try:
        confine.confine(**limits)
    except OSError:
        _say({"refused": "not_confined"})
        return
    with memory:
        asked = Asked(**given, source=sys.stdin.buffer, target=os.fdopen(target, "wb"))
        answer = _made(make, asked)
        _say(answer | {"peak_kb": _peak(memory.read())})


def _peak(status: str) -> int:
    """Return the most memory this process had in use, in KiB; what `getrusage` says counts its parent's as well."""
    return int(status.partition("VmHWM:")[2].split(maxsplit=1)[0])


def _made(make: Callable[[Asked], int], asked: Asked) -> dict[str, object]:
    try:
        pages = make(asked)
        asked.target.flush()
    except RefusedError as error:
        return error.said
    except MemoryError:
        return {"refused": "too_heavy"}
    except BaseException as error:  # noqa: BLE001 whatever a broken file does to a library, panics of its native half too
        # The remade file outgrew its limit, or the file is broken: Pillow and pikepdf speak in OSError as well.
        return {"refused": "too_heavy" if _is_full(error) else "damaged"}
    return {"pages": pages, "removed": sorted(asked.removed)}


def _is_full(error: BaseException) -> bool:
    return isinstance(error, OSError) and error.errno is not None


def _say(what: dict[str, object]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()
    # Libraries that a broken file upset are not asked to tidy up.
    os._exit(0)
