"""Both signatures of a letter, put into the file and taken out again. Pure but for the keys.

PAdES (pyHanko) covers every byte but its own hole. The Ed25519 seal lies in that hole, as an unsigned attribute of the PAdES
container, and covers every byte outside and the container itself: with the hole's one allowed form, not a byte is free.
"""

import hashlib
import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers.cms_embedder import PdfCMSEmbedder, SigIOSetup, SigMDPSetup, SigObjSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject

from central.letters import containers, der_bytes
from central.letters.keyring import Published, id_of, raw_of
from central.letters.signer import Signer

FIELD = "CourtSignature"
#: Our attribute: an arc of a UUID (ITU-T X.667), which needs no registration.
OID = "2.25.190867172783619924697701662193411059371"
_SEAL, _FILE = b"minyi-letter-seal-1\0", b"minyi-letter-file-1\0"
#: Key (8 bytes), letter (16), signature (64).
_LENGTH = 88
_UNSIGNED = b"\xa1"
#: Room in the hole beside certificates, in bytes of DER.
_ROOM = 3000
_RANGE = re.compile(rb"/ByteRange ?\[ ?0 (\d+) (\d+) (\d+) *\]")


class Sealed(NamedTuple):
    """A finished letter: the file, its SHA-256, the detached signature over that."""

    content: bytes
    sha256: str
    signature: bytes
    key_id: str


class Seal(NamedTuple):
    """What the seal in a file says: which key, which letter. `holds` once the key was tried."""

    key_id: str
    letter_id: UUID
    signature: bytes
    message: bytes


class NoSeal(ValueError):
    """The file bears no seal of a letter."""


class Damaged(ValueError):
    """The file bears a seal, and is not as it was when that was made."""


class _Writer(IncrementalPdfFileWriter):
    """Adds the signature and leaves the metadata as they were set: the marks of PDF/A and PDF/UA, and no clock of its own."""

    def _update_meta(self) -> None:
        pass


def sign(
    pdf: bytes, *, letter_id: UUID, key: Ed25519PrivateKey, signer: Signer, name: str, now: datetime
) -> Sealed:
    """Return a set letter with both signatures in it, and the detached one."""
    room = _ROOM + len(signer.certificate) + sum(map(len, signer.chain))
    writer = _Writer(io.BytesIO(pdf))
    steps: Any = PdfCMSEmbedder(new_field_spec=SigFieldSpec(FIELD)).write_cms(FIELD, writer)
    next(steps)
    placeholder = SignatureObject(
        timestamp=now, subfilter=SigSeedSubFilter.PADES, bytes_reserved=2 * room, name=name
    )
    lock = SigMDPSetup(md_algorithm="sha256", certify=True, docmdp_perms=MDPPerm.NO_CHANGES)
    steps.send(SigObjSetup(sig_placeholder=placeholder, mdp_setup=lock))
    prepared, output = steps.send(SigIOSetup(md_algorithm="sha256", output=io.BytesIO()))
    bare = containers.container(signer, prepared.document_digest)
    message = _message(letter_id, prepared.document_digest, bare)
    raw = raw_of(key)
    payload = bytes.fromhex(id_of(raw)) + letter_id.bytes + key.sign(message)
    steps.send(_with(bare, payload))
    content: bytes = output.getvalue()
    digest = hashlib.sha256(content).digest()
    return Sealed(content, digest.hex(), key.sign(detached(letter_id, digest)), id_of(raw))


def detached(letter_id: UUID, digest: bytes) -> bytes:
    """Return what the detached signature signs."""
    return _FILE + letter_id.bytes + digest


def read(content: bytes) -> Seal:
    """Return the seal in a file with what it must have signed; raise `NoSeal` or `Damaged`."""
    found = list(_RANGE.finditer(content))
    if not content.startswith(b"%PDF-") or not found:
        raise NoSeal
    first, behind, rest = (int(each) for each in found[0].groups())
    if len(found) != 1 or behind + rest != len(content) or not first < behind:
        raise Damaged
    der = _container(content[first:behind])
    try:
        bare, payload = _payload(der)
    except ValueError:
        raise Damaged from None
    if payload is None:
        raise NoSeal if bare is der else Damaged
    letter_id = UUID(bytes=payload[8:24])
    digest = hashlib.sha256(content[:first] + content[behind:]).digest()
    return Seal(payload[:8].hex(), letter_id, payload[24:], _message(letter_id, digest, bare))


def holds(seal: Seal, keys: Sequence[Published]) -> bool | None:
    """Say whether the seal was made over this file with one of the keys; None if none of them is the one it names."""
    named = [each for each in keys if each.id == seal.key_id]
    return any(each.holds(seal.signature, seal.message) for each in named) if named else None


def _message(letter_id: UUID, digest: bytes, bare: bytes) -> bytes:
    return _SEAL + letter_id.bytes + digest + bare


def _container(hole: bytes) -> bytes:
    """Return the container out of the hole; the hole has one form only: capital hexadecimal, padded with zeros."""
    try:
        inside = bytes.fromhex(hole[1:-1].decode("ascii"))
        der = inside[: der_bytes.end_of(inside, 0)]
    except ValueError:
        raise Damaged from None
    padded = der + bytes(len(inside) - len(der))
    if hole != b"<" + padded.hex().upper().encode() + b">":
        raise Damaged
    return der


def _payload(der: bytes) -> tuple[bytes, bytes | None]:
    """Return the container without our attribute, and what that says (None if it has none); raise `ValueError`."""
    unsigned = der_bytes.last_of(der, der_bytes.SIGNER_INFO)
    if unsigned[:1] != _UNSIGNED:
        return der, None
    bare = der_bytes.replaced(der, der_bytes.SIGNER_INFO, b"")
    payload = unsigned[-_LENGTH:]
    # Compared as a whole: it has one form only.
    return bare, payload if _attribute(payload) == unsigned and _with(bare, payload) == der else None


def _with(bare: bytes, payload: bytes) -> bytes:
    return der_bytes.appended(bare, der_bytes.SIGNER_INFO, _attribute(payload))


def _attribute(payload: bytes) -> bytes:
    attribute = cms.CMSAttribute({"type": OID, "values": [core.OctetString(payload)]})
    return der_bytes.wrapped(_UNSIGNED[0], attribute.dump())
