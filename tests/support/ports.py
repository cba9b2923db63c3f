"""Ports on the loopback address."""

import secrets
import socket
from contextlib import closing

HOST = "127.0.0.1"


#: Below the range from which the system gives ports to outgoing connections: what is stopped and started again finds its port free.
_LOWEST, _HIGHEST = 12_000, 32_000
_given: set[int] = set()


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on at this moment, and that was not given out before."""
    while True:
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST)
        if port in _given:
            continue
        with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
        _given.add(port)
        return port


def accepts(port: int, host: str = HOST) -> bool:
    """Say whether something accepts connections on the port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
