"""The built-in certificate authority: signs what boxes and brokers show each other. Its key stays in the key folder (0600).

Kept as one file, `keys/boxes-ca.pem`, made on first use: EC P-256, so that every TLS library takes it. Box certificates carry the
box id as their common name; they are told from server certificates by their use alone, so neither can stand in for the other.
"""

import os
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from central.errors import Invalid
from central.keys import write_private

FILE = "boxes-ca.pem"
NAME = "Minyi hall boxes"
BOX_DAYS = 400
SERVER_DAYS = 730
_AUTHORITY_DAYS = 7300
#: Clocks of boxes go wrong: what is signed counts from the day before.
_BACK = timedelta(days=1)


class Paper(NamedTuple):
    """A certificate with its private key, both PEM."""

    certificate: str
    key: str


class Authority:
    """Signs certificates and the list of revoked ones. Times are aware UTC."""

    def __init__(self, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> None:
        self.certificate = certificate
        self.key = key

    @property
    def pem(self) -> str:
        """The authority's own certificate: what boxes and brokers trust."""
        return self.certificate.public_bytes(Encoding.PEM).decode()

    def sign_box(self, *, box: str, public: Ed25519PublicKey, now: datetime) -> x509.Certificate:
        """Return a client certificate of `BOX_DAYS` in which `box` is the common name."""
        builder = self._builder(box, now, BOX_DAYS).public_key(public)
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=True
        )
        return self._signed(builder)

    def sign_server(self, names: Sequence[str], *, now: datetime) -> Paper:
        """Return a server certificate of `SERVER_DAYS` for host names and addresses, and its fresh key."""
        key = ec.generate_private_key(ec.SECP256R1())
        builder = self._builder(names[0], now, SERVER_DAYS).public_key(key.public_key())
        builder = builder.add_extension(
            x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=True
        )
        found = self._signed(builder.add_extension(_alternatives(names), critical=False))
        return Paper(found.public_bytes(Encoding.PEM).decode(), _private(key))

    def revocations(self, serials: Iterable[int], *, now: datetime) -> str:
        """Return the signed list (PEM) of revoked certificates.

        It is good as long as the authority is: brokers get a new one at every revocation, and an old one must not lock
        every hall out.
        """
        until = self.certificate.not_valid_after_utc
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now - _BACK).next_update(until)
        for serial in serials:
            one = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now)
            builder = builder.add_revoked_certificate(one.build())
        return builder.sign(self.key, SHA256()).public_bytes(Encoding.PEM).decode()

    def _builder(self, name: str, now: datetime, days: int) -> x509.CertificateBuilder:
        builder = _dated(name, now, min(now + timedelta(days=days), self.certificate.not_valid_after_utc))
        ours = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        builder = builder.issuer_name(self.certificate.subject).add_extension(ours, critical=False)
        return builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)

    def _signed(self, builder: x509.CertificateBuilder) -> x509.Certificate:
        return builder.add_extension(_usage(authority=False), critical=True).sign(self.key, SHA256())


def open_authority(keys: Path, *, now: datetime) -> Authority:
    """Return the authority of the key folder, made on first use; of two processes that make it at once, one wins."""
    path = keys / FILE
    if not path.exists():
        keys.mkdir(parents=True, exist_ok=True, mode=0o700)
        _make(path, now=now)
    pem = path.read_bytes()
    key = load_pem_private_key(pem, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Invalid("halls.authority_strange", path=path)
    return Authority(x509.load_pem_x509_certificate(pem), key)


def key_in(csr: str) -> Ed25519PublicKey | None:
    """Return the key that a certificate request (PEM) is for and signed with, or None. Nothing else in it is believed."""
    try:
        request = x509.load_pem_x509_csr(csr.encode())
        public = request.public_key()
    except (ValueError, TypeError):
        return None
    return public if isinstance(public, Ed25519PublicKey) and request.is_signature_valid else None


def serial_text(certificate: x509.Certificate) -> str:
    """Return the serial number as brokers and the database write it: hexadecimal, small letters."""
    return f"{certificate.serial_number:x}"


def _make(path: Path, *, now: datetime) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _dated(NAME, now, now + timedelta(days=_AUTHORITY_DAYS)).public_key(key.public_key())
    builder = builder.issuer_name(_name(NAME)).add_extension(_usage(authority=True), critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    made = builder.add_extension(own, critical=False).sign(key, SHA256())
    beside = path.with_name(f"{FILE}.{os.getpid()}")
    write_private(beside, _private(key).encode() + made.public_bytes(Encoding.PEM))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was first: its authority is the one
    finally:
        beside.unlink()


def _dated(name: str, now: datetime, until: datetime) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(_name(name)).serial_number(x509.random_serial_number())
    return builder.not_valid_before(now - _BACK).not_valid_after(until)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text[:64])])


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _alternatives(names: Sequence[str]) -> x509.SubjectAlternativeName:
    return x509.SubjectAlternativeName([_alternative(name) for name in names])


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _private(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
