"""How a new box proves that it may join, and the centre that it is the one: over any line, with one code.

The code is 32 bytes in base32: 16 random ones, from which an Ed25519 key is derived, and the first 16 of SHA-256 over the public
key of the centre's certificate authority. The code itself never travels: the box signs its request with the derived key, of which
the centre keeps the public half alone, and believes only an answer signed by the authority that the code names. Whoever stands
between them without the code can neither join nor speak as the centre.
"""

import base64
import binascii
import hashlib
import secrets
from typing import Annotated, NamedTuple

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import Field

from shared.wire import Message, Short

PATH = "/boxes/enrolment"
#: Longest request, in bytes.
MOST_BYTES = 16_384
_SECRET_BYTES = 16
_PIN_BYTES = 16
_ASK = b"minyi enrolment request 1\n"
_GRANT = b"minyi enrolment answer 1\n"
_GROUP = 4

Pem = Annotated[str, Field(max_length=4000)]


class BadCode(ValueError):
    """The text is no enrolment code: letters are missing or wrong."""


class NotTheCentre(ValueError):
    """The answer is not from the centre that made the code."""


class Ask(Message):
    """A box asks to join. `code` is the public half of the code's key in hexadecimal, `proof` (base64) covers box and request."""

    code: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    box: Short
    csr: Pem
    proof: Annotated[str, Field(max_length=100)]


class Grant(Message):
    """The answer: `body` is the exact text of a `Granted` that `signature` (base64, ECDSA over SHA-256) covers."""

    body: Annotated[str, Field(max_length=40_000)]
    signature: Annotated[str, Field(max_length=200)]
    authority: Pem


class Granted(Message):
    """What a box needs for its line. Keys are base64; no document with a serial up to `documents_above` is good any more."""

    box: Short
    court_name: Annotated[str, Field(max_length=64)] = ""
    certificate: Pem
    broker: Annotated[str, Field(max_length=200)]
    trusted_keys: tuple[str, ...]
    sealing_key: str = ""
    documents_above: Annotated[int, Field(ge=0)] = 0


class Code(NamedTuple):
    """A code taken apart: the key that it stands for, and what the centre's authority is known by."""

    key: Ed25519PrivateKey
    pin: bytes

    @property
    def public(self) -> str:
        """The public half in hexadecimal: all the centre keeps of a code."""
        return self.key.public_key().public_bytes_raw().hex()


def new_code(authority: x509.Certificate) -> str:
    """Return the text of a fresh code for the centre of `authority`, in groups of four letters."""
    raw = secrets.token_bytes(_SECRET_BYTES) + pin_of(authority)
    letters = base64.b32encode(raw).decode().rstrip("=")
    return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))


def read_code(text: str) -> Code:
    """Take a code apart, hyphens, blanks and small letters allowed; raise `BadCode`."""
    letters = "".join(sign for sign in text.upper() if sign not in "- \t\r\n")
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as error:
        raise BadCode from error
    if len(raw) != _SECRET_BYTES + _PIN_BYTES:
        raise BadCode
    derived = HKDF(SHA256(), 32, salt=None, info=b"minyi enrolment code 1").derive(raw[:_SECRET_BYTES])
    return Code(Ed25519PrivateKey.from_private_bytes(derived), raw[_SECRET_BYTES:])


def pin_of(authority: x509.Certificate) -> bytes:
    """Return what a code says of an authority: 16 bytes of the hash of its public key."""
    public = authority.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return hashlib.sha256(public).digest()[:_PIN_BYTES]


def ask(code: Code, *, box: str, csr: str) -> Ask:
    """Return the request of `box`, proven by the code."""
    proof = code.key.sign(_asked(box, csr))
    return Ask(code=code.public, box=box, csr=csr, proof=base64.b64encode(proof).decode())


def proven(request: Ask) -> bool:
    """Say whether whoever sent `request` has the code it names."""
    try:
        proof = base64.b64decode(request.proof, validate=True)
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(request.code))
        key.verify(proof, _asked(request.box, request.csr))
    except (InvalidSignature, ValueError):
        return False
    return True


def grant(granted: Granted, *, authority: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Grant:
    """Return the signed answer of the centre."""
    body = granted.model_dump_json()
    signature = key.sign(_GRANT + body.encode(), ec.ECDSA(SHA256()))
    pem = authority.public_bytes(Encoding.PEM).decode()
    return Grant(body=body, signature=base64.b64encode(signature).decode(), authority=pem)


def opened(answer: Grant, *, code: Code, key: Ed25519PublicKey) -> Granted:
    """Return what the centre grants to the box with `key`; raise `NotTheCentre` unless it is the centre of the code."""
    try:
        authority = x509.load_pem_x509_certificate(answer.authority.encode())
        public = authority.public_key()
        signature = base64.b64decode(answer.signature, validate=True)
        if not secrets.compare_digest(pin_of(authority), code.pin) or not isinstance(
            public, ec.EllipticCurvePublicKey
        ):
            raise NotTheCentre
        public.verify(signature, _GRANT + answer.body.encode(), ec.ECDSA(SHA256()))
        granted = Granted.model_validate_json(answer.body)
        certificate = x509.load_pem_x509_certificate(granted.certificate.encode())
        certificate.verify_directly_issued_by(authority)
    except (InvalidSignature, ValueError, TypeError) as error:
        raise NotTheCentre from error
    if certificate.public_key() != key:
        raise NotTheCentre
    return granted


def _asked(box: str, csr: str) -> bytes:
    return _ASK + box.encode() + b"\n" + csr.encode()
