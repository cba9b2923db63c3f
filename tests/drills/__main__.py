"""`python -m tests.drills NAME [--seed N] [--rounds N] [--engine E]`: the drills by their names in docs/drills.md."""

import fcntl
import socket
import struct
import sys
from importlib import import_module

from tests.drills.asked import main

#: Name, where it is, rounds of the full figure.
DRILLS = {
    "R1": ("killing:box", 1000),
    "R2": ("killing:centre", 300),
    "R3": ("power:run", 500),
    "R4": ("full:run", 5),
    "R5": ("clocks:run", 1000),
    "R6": ("backlog:run", 100_000),
    "R7": ("wires:run", 600),
    "R8": ("killing:box", 200),
    "S12": ("thief:run", 1),
    "S13": ("papers:run", 200),
    "O3": ("updates:run", 100),
    "O4": ("units:run", 1),
    "mailmerge": ("merging:run", 1000),
}
_SIOCGIFFLAGS, _SIOCSIFFLAGS, _IFF_UP = 0x8913, 0x8914, 0x1


def _loopback_up() -> None:
    """Bring the loopback device up: in a fresh network namespace it is down."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        asked = struct.pack("16sH14x", b"lo", 0)
        (flags,) = struct.unpack_from("16xH", fcntl.ioctl(sock, _SIOCGIFFLAGS, asked))
        if not flags & _IFF_UP:
            fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


if __name__ == "__main__":
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name not in DRILLS:
        sys.exit(f"Which drill? There are: {', '.join(DRILLS)}")
    where, rounds = DRILLS[name]
    module, _, function = where.partition(":")
    found = import_module(f"tests.drills.{module}")
    _loopback_up()
    sys.exit(main(name, getattr(found, function), rounds=rounds, about=found.__doc__, arguments=sys.argv[2:]))
