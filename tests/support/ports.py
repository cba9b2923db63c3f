"""Ports on the loopback address."""

import socket
from contextlib import closing

HOST = "127.0.0.1"


def free_port() -> int:
    """Return a TCP port of the loopback address that nobody listens on at this moment."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_STREAM)) as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def accepts(port: int, host: str = HOST) -> bool:
    """Say whether something accepts connections on the port."""
    try:
        socket.create_connection((host, port), timeout=1).close()
    except OSError:
        return False
    return True
