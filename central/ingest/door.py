"""Where the broker is and as whom the centre speaks there."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from central.errors import MinyiError
from central.settings import Mqtt

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class BadAddress(MinyiError):
    """`mqtt.url` names no broker."""

    status = 500


class Door(NamedTuple):
    """Address of a broker with the centre's name and password."""

    host: str
    port: int
    username: str = ""
    password: str = ""
    tls: bool = False
    ca_file: Path | None = None
    embedded: bool = False


def door_of(mqtt: Mqtt) -> Door:
    """Return the broker that the settings name; raise `BadAddress` for what is no address of one."""
    parts = urlsplit(mqtt.url)
    try:
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError):
        raise BadAddress("ingest.bad_address", url=mqtt.url) from None
    if not parts.hostname:
        raise BadAddress("ingest.bad_address", url=mqtt.url)
    return Door(
        host=parts.hostname,
        port=port,
        username=mqtt.username,
        password=mqtt.password.get_secret_value(),
        tls=parts.scheme == "mqtts",
        ca_file=mqtt.ca_file,
    )
