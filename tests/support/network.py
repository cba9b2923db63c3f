"""The run has no network: only the loopback address and sockets of this machine can be reached from test code."""

import ipaddress
import socket
import sys
from typing import Any

_LOCAL_NAMES = {"", "localhost", "localhost.localdomain", "ip6-localhost", socket.gethostname()}


class NetworkUsed(AssertionError):
    """A test tried to leave the machine."""


def is_local(host: object) -> bool:
    """Say whether `host`, as passed to the socket functions, names this machine."""
    if host is None:
        return True
    name = host.decode() if isinstance(host, bytes) else str(host)
    if name in _LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _watch(name: str, values: tuple[Any, ...]) -> None:
    if name == "socket.getaddrinfo":
        host = values[0]
    elif name in {"socket.connect", "socket.sendto"}:
        if values[0].family not in {socket.AF_INET, socket.AF_INET6}:
            return
        host = values[1][0]
    else:
        return
    if not is_local(host):
        raise NetworkUsed(f"tests may not reach {host!r}: only the loopback address is open")


def close() -> None:
    """Refuse every later look-up, connection and datagram to another machine, in this process, for good."""
    sys.addaudithook(_watch)
