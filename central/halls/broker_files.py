"""What a broker needs of the authority, as files in `broker/` of the data folder: whom to trust, whom no more, who it is itself.

The embedded broker reads them there; for Mosquitto a unit of systemd copies them and reloads it whenever they change.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from central.errors import Invalid
from central.halls.authority import Authority
from central.keys import write_private
from central.settings import Settings

#: Below the data folder.
FOLDER = "broker"


class BrokerFiles(NamedTuple):
    """Where the files lie."""

    authority: Path
    revoked: Path
    certificate: Path
    key: Path


def files_of(folder: Path) -> BrokerFiles:
    """Return the names of the files in a folder."""
    return BrokerFiles(
        folder / "ca.crt", folder / "revoked.crl", folder / "server.crt", folder / "server.key"
    )


def write_revoked(folder: Path, centre: Authority, serials: Iterable[str], *, now: datetime) -> Path:
    """Write the list of revoked certificates (serial numbers in hexadecimal) and return its path."""
    path = files_of(folder).revoked
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, centre.revocations((int(one, 16) for one in serials), now=now).encode())
    return path


def write_server(folder: Path, centre: Authority, names: Sequence[str], *, now: datetime) -> BrokerFiles:
    """Write a fresh server certificate for `names`, its key, and whom to trust."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    paper, found = centre.sign_server(names, now=now), files_of(folder)
    for path, text in (
        (found.authority, centre.pem),
        (found.certificate, paper.certificate),
        (found.key, paper.key),
    ):
        write_private(path, text.encode())
    return found


def address_for_boxes(settings: Settings) -> str:
    """Return the address of the broker as boxes are told it; raise `Invalid` when there is none to tell."""
    mqtt = settings.mqtt
    if mqtt.boxes_url:
        parts = urlsplit(mqtt.boxes_url)
        if parts.scheme != "mqtts" or not parts.hostname:
            raise Invalid("halls.boxes_url", url=mqtt.boxes_url)
        return mqtt.boxes_url
    if mqtt.url or not mqtt.embedded_tls_port:
        raise Invalid("halls.no_boxes_url")
    host = f"[{mqtt.embedded_host}]" if ":" in mqtt.embedded_host else mqtt.embedded_host
    return f"mqtts://{host}:{mqtt.embedded_tls_port}"


def names_for_boxes(settings: Settings) -> list[str]:
    """Return the names that the broker's certificate bears: as boxes call it, and as this machine calls itself."""
    mqtt = settings.mqtt
    told = urlsplit(mqtt.boxes_url).hostname or ""
    found = [name for name in (told, mqtt.embedded_host) if name and not _anywhere(name)]
    return list(dict.fromkeys([*found, "localhost", "127.0.0.1"]))


def _anywhere(name: str) -> bool:
    try:
        return ip_address(name).is_unspecified
    except ValueError:
        return False
