"""The certificate of the PAdES signature: the court's own (PKCS#12, by setting), else one this installation makes for itself.

The self-made one lies in the key folder as `letter-signer.pem` (0600): key, certificate, and the authority that signed it.
A reader of PDFs shows it as valid and of an unknown issuer until its certificate is trusted there.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import NameOID

from central.errors import MinyiError
from central.keys import write_private

FILE = "letter-signer.pem"
_AUTHORITY_DAYS, _SIGNER_DAYS = 7300, 1095
_BACK = timedelta(days=1)
#: RFC 9336: the certificate is for signing documents.
_DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")


class SignerUnusable(MinyiError):
    """The certificate that is set cannot be used."""

    status = 500


class Signer(NamedTuple):
    """A key with its certificate and those above it, DER."""

    key: bytes
    certificate: bytes
    chain: tuple[bytes, ...]

    @property
    def until(self) -> datetime:
        """When the certificate ends."""
        return x509.load_der_x509_certificate(self.certificate).not_valid_after_utc

    def pem(self) -> str:
        """Return certificate and chain, to be published: no secret."""
        found = (x509.load_der_x509_certificate(each) for each in (self.certificate, *self.chain))
        return "".join(each.public_bytes(Encoding.PEM).decode() for each in found)

    def parts(self) -> tuple[asn1_keys.PrivateKeyInfo, asn1_x509.Certificate, list[asn1_x509.Certificate]]:
        """Return the parts as the signing library takes them."""
        chain = [asn1_x509.Certificate.load(each) for each in self.chain]
        return asn1_keys.PrivateKeyInfo.load(self.key), asn1_x509.Certificate.load(self.certificate), chain


def open_signer(keys: Path, *, now: datetime, p12: Path | None = None, password: str = "") -> Signer:
    """Return the signer that is set, or the installation's own, made on first use and anew when its certificate ended."""
    if p12 is not None:
        return _of_p12(p12, password)
    path = keys / FILE
    if path.exists():
        found = _of_pem(path.read_bytes())
        if found.until > now:
            return found
        # What it signed is still checked: its certificate is in every letter.
        path.rename(keys / f"letter-signer-{found.until:%Y%m%d}.pem")
    keys.mkdir(parents=True, exist_ok=True, mode=0o700)
    beside = path.with_name(f"{FILE}.{os.getpid()}")
    write_private(beside, _made(now))
    try:
        os.link(beside, path)
    except FileExistsError:
        pass  # another process was first: its certificate is the one
    finally:
        beside.unlink()
    return _of_pem(path.read_bytes())


def _of_p12(path: Path, password: str) -> Signer:
    try:
        found = pkcs12.load_pkcs12(path.read_bytes(), password.encode() if password else None)
    except (OSError, ValueError) as error:
        raise SignerUnusable("letters.p12_unusable", path=path, reason=str(error)[:100]) from None
    if found.key is None or found.cert is None:
        raise SignerUnusable("letters.p12_unusable", path=path, reason="-")
    return Signer(
        found.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        found.cert.certificate.public_bytes(Encoding.DER),
        tuple(each.certificate.public_bytes(Encoding.DER) for each in found.additional_certs),
    )


def _of_pem(pem: bytes) -> Signer:
    key = load_pem_private_key(pem, None)
    own, *chain = x509.load_pem_x509_certificates(pem)
    return Signer(
        key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()),
        own.public_bytes(Encoding.DER),
        tuple(each.public_bytes(Encoding.DER) for each in chain),
    )


def _made(now: datetime) -> bytes:
    above, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, own_name = _name("Minyi letters (self-made authority)"), _name("Minyi letters")
    root = _builder(root_name, root_name, above.public_key(), now, _AUTHORITY_DAYS, authority=True)
    root_signed = root.sign(above, SHA256())
    leaf = _builder(own_name, root_name, own.public_key(), now, _SIGNER_DAYS, authority=False)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([_DOCUMENT_SIGNING]), critical=False)
    above_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(above.public_key())
    signed = leaf.add_extension(above_id, critical=False).sign(above, SHA256())
    # The authority's key is not kept: it signs this one certificate and no other.
    return b"".join(
        [
            own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
            signed.public_bytes(Encoding.PEM),
            root_signed.public_bytes(Encoding.PEM),
        ]
    )


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    public: ec.EllipticCurvePublicKey,
    now: datetime,
    days: int,
    *,
    authority: bool,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - _BACK)
    builder = builder.not_valid_after(now + timedelta(days=days))
    length = 0 if authority else None
    builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=length), critical=True)
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
    usage = x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    return builder.add_extension(usage, critical=True)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
