"""TLS of the embedded broker: its certificate from the built-in authority, and who stands at the other end of a line."""

import ssl
from asyncio import StreamWriter
from pathlib import Path
from typing import Any, NamedTuple

from central.context import Context
from central.halls import authority, broker_files


class Shown(NamedTuple):
    """What a client showed to be let in: a name with a secret, or the name in a certificate with its serial number."""

    name: str
    secret: str = ""
    serial: str = ""


def server_context(context: Context) -> ssl.SSLContext:
    """Return TLS that lets only holders of a box certificate in; the broker gets a fresh certificate of its own."""
    settings, now = context.settings, context.clock.now()
    centre = authority.open_authority(settings.data / "keys", now=now)
    names = broker_files.names_for_boxes(settings)
    files = broker_files.write_server(settings.data / broker_files.FOLDER, centre, names, now=now)
    return _mutual(files.authority, files.certificate, files.key)


def shown_by(writer: StreamWriter) -> Shown | None:
    """Return the box that the certificate of the other end names; None without TLS or without a name."""
    certificate: dict[str, Any] | None = writer.get_extra_info("peercert")
    if not certificate:
        return None
    names = [value for part in certificate.get("subject", ()) for key, value in part if key == "commonName"]
    return Shown(names[0], serial=f"{int(certificate['serialNumber'], 16):x}") if len(names) == 1 else None


def _mutual(trusted: Path, certificate: Path, key: Path) -> ssl.SSLContext:
    found = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    found.minimum_version = ssl.TLSVersion.TLSv1_2
    found.verify_mode = ssl.CERT_REQUIRED
    found.load_verify_locations(trusted)
    found.load_cert_chain(certificate, key)
    return found
