"""Tell systemd that the service is ready, alive, stopping (sd_notify protocol). Without systemd it does nothing."""

import os
import socket


def notify(state: str) -> None:
    """Send one state, as `READY=1` or `WATCHDOG=1`, to the socket systemd named."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect("\0" + address[1:] if address.startswith("@") else address)
        sock.sendall(state.encode())


def watchdog_seconds() -> float | None:
    """Return how often systemd wants to hear from us (half its limit), or None."""
    limit = os.environ.get("WATCHDOG_USEC")
    return int(limit) / 2_000_000 if limit else None
