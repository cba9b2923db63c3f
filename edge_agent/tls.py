"""The certificate under which screens in the hall reach the box: made by the box itself, or the court's own.

A browser takes the box's own one after a person has compared its SHA-256 once (`minyi-edge status` prints it), or after it
was put among the trusted ones of the court's machines. It is not the certificate of the line to the centre: browsers do not
take Ed25519.
"""

import hashlib
import socket
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from edge_agent.files import write_atomically
from edge_agent.settings import Http, Settings

FOLDER = "identity"
_CERT, _KEY = "screens.crt", "screens.key"
#: Browsers take no certificate that is valid for longer than 825 days.
_LASTS, _RENEWED_BEFORE = timedelta(days=800), timedelta(days=30)
#: A clock that is behind must not find the certificate not valid yet.
_BEFORE = timedelta(days=2)


class Files(NamedTuple):
    """Certificate and key as TLS reads them."""

    cert: Path
    key: Path


def wanted(http: Http) -> bool:
    """Say whether pages go out encrypted: as set, or by itself wherever others than this machine can reach the box."""
    if http.tls != "auto":
        return http.tls == "on"
    try:
        return not ip_address(http.host).is_loopback
    except ValueError:
        return http.host != "localhost"


def names_of(http: Http) -> list[str]:
    """Return the names and addresses by which screens may call the box."""
    own = socket.gethostname().lower()
    given = urlsplit(http.public_url).hostname or ""
    found = ["localhost", "127.0.0.1", own, f"{own}.local", given, http.host]
    return sorted({name for name in found if name and name not in {"0.0.0.0", "::"}} | set(_addresses()))  # nosec B104


def _addresses() -> Iterable[str]:
    """The addresses this machine's own name stands for."""
    try:
        return {
            str(found[4][0])
            for found in socket.getaddrinfo(socket.gethostname(), None)
            if "%" not in str(found[4][0])
        }
    except OSError:
        return ()


def files(settings: Settings, *, now: datetime) -> Files | None:
    """Return what TLS reads, made or renewed if need be; None when pages go out in clear. Raise OSError."""
    http = settings.http
    if not wanted(http):
        return None
    if http.cert_file is not None and http.key_file is not None:
        return Files(http.cert_file, http.key_file)
    folder = settings.data / FOLDER
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    found = Files(folder / _CERT, folder / _KEY)
    names = names_of(http)
    if not _good(found, names, now=now):
        key = _key(found.key)
        write_atomically(found.cert, certificate(key, names, box=settings.box, now=now))
    return found


def shown_digest(cert: Path) -> str:
    """Return the SHA-256 of a certificate as browsers show it, `AB:CD:...`."""
    read = x509.load_pem_x509_certificate(cert.read_bytes())
    return ":".join(f"{byte:02X}" for byte in hashlib.sha256(read.public_bytes(Encoding.DER)).digest())


def _good(found: Files, names: list[str], *, now: datetime) -> bool:
    try:
        read = x509.load_pem_x509_certificate(found.cert.read_bytes())
        listed = read.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (OSError, ValueError, x509.ExtensionNotFound):
        return False
    known = {str(one.value) for one in listed}
    return found.key.exists() and set(names) <= known and now < read.not_valid_after_utc - _RENEWED_BEFORE


def _key(path: Path) -> ec.EllipticCurvePrivateKey:
    """The key, drawn once: who trusts it by its key goes on trusting a renewed certificate."""
    if path.exists():
        read = load_pem_private_key(path.read_bytes(), None)
        if isinstance(read, ec.EllipticCurvePrivateKey):
            return read
    drawn = ec.generate_private_key(ec.SECP256R1())
    pem = drawn.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    write_atomically(path, pem, mode=0o600)
    return drawn


def certificate(key: ec.EllipticCurvePrivateKey, names: list[str], *, box: str, now: datetime) -> bytes:
    """Return a certificate (PEM) for `names`, signed by its own key."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"Minyi {box}")])
    listed = x509.SubjectAlternativeName([_general(name) for name in names])
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    start = now.astimezone(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - _BEFORE)
        .not_valid_after(start + _LASTS)
        .add_extension(listed, critical=False)
        .add_extension(usage, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(Encoding.PEM)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)
