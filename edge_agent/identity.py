"""Who this box is to the centre: one file (0600) with the key it made itself, its certificate, and whom it believes.

What is set in the configuration stands above it. TLS reads certificate and key from files, so those are written out beside it.
"""

import base64
import json
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pydantic import Field, SecretStr, ValidationError

from edge_agent.files import write_atomically
from edge_agent.settings import Group, Settings
from shared.enrolment import Granted

FOLDER = "identity"
_FILE = "identity.json"
_NEXT = "next.key"


class Identity(Group):
    """The box's key (Ed25519, base64), what the centre granted for it, and the certificate of the centre's authority (PEM)."""

    key: SecretStr
    authority: Annotated[str, Field(max_length=4000)]
    granted: Granted

    @property
    def private(self) -> Ed25519PrivateKey:
        """The key, ready to sign."""
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.key.get_secret_value()))

    @property
    def sealing_key(self) -> X25519PublicKey | None:
        """To whom the bodies of events are sealed."""
        text = self.granted.sealing_key
        return X25519PublicKey.from_public_bytes(base64.b64decode(text)) if text else None


class Files(NamedTuple):
    """What TLS reads: whom to trust, and certificate with key."""

    authority: Path
    own: Path


def load(data: Path) -> Identity | None:
    """Return the identity kept in a data folder, or None for a box that is not enrolled; raise OSError for a broken one."""
    path = data / FOLDER / _FILE
    if not path.exists():
        return None
    try:
        return Identity.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise OSError(f"{path} cannot be read; enroll this box again") from error


def keep(data: Path, identity: Identity) -> None:
    """Keep an identity whole or not at all; what the next one was prepared with is forgotten."""
    facts = identity.model_dump(mode="json") | {"key": identity.key.get_secret_value()}
    _write(data, _FILE, json.dumps(facts).encode())
    (data / FOLDER / _NEXT).unlink(missing_ok=True)


def next_key(data: Path) -> Ed25519PrivateKey:
    """Return the key for the next certificate. It is kept until it has one: an answer can get lost."""
    path = data / FOLDER / _NEXT
    if not path.exists():
        _write(data, _NEXT, Ed25519PrivateKey.generate().private_bytes_raw())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


def made(key: Ed25519PrivateKey, *, authority: str, granted: Granted) -> Identity:
    """Return an identity of its parts."""
    text = base64.b64encode(key.private_bytes_raw()).decode()
    return Identity(key=SecretStr(text), authority=authority, granted=granted)


def request(key: Ed25519PrivateKey, *, box: str) -> str:
    """Return the certificate request (PEM) for a key."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, box)])
    signed = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, None)
    return signed.public_bytes(Encoding.PEM).decode()


def write_files(data: Path, identity: Identity) -> Files:
    """Write out what TLS reads, and return where."""
    private = identity.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    authority = _write(data, "ca.crt", identity.authority.encode())
    return Files(authority, _write(data, "box.pem", identity.granted.certificate.encode() + private))


def applied(settings: Settings, identity: Identity | None) -> Settings:
    """Return the settings with what the centre granted put where the configuration says nothing."""
    if identity is None:
        return settings
    files, granted = write_files(settings.data, identity), identity.granted
    line: dict[str, Any] = {"url": settings.mqtt.url or granted.broker}
    if settings.mqtt.cert_file is None:
        line |= {"cert_file": files.own, "key_file": files.own}
    if settings.mqtt.ca_file is None:
        line["ca_file"] = files.authority
    hall = {"court_name": settings.hall.court_name or granted.court_name}
    return settings.model_copy(
        update={
            "mqtt": settings.mqtt.model_copy(update=line),
            "hall": settings.hall.model_copy(update=hall),
            "trusted_keys": settings.trusted_keys or granted.trusted_keys,
        }
    )


def _write(data: Path, name: str, content: bytes) -> Path:
    path = data / FOLDER / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_atomically(path, content, mode=0o600)
    return path
