"""What passes a broker and lies on disks that may be stolen: texts signed by who wrote them, bodies sealed to who may read them.

A signature covers the topic as well, so a text of one box or direction is none elsewhere. A seal is X25519 with a fresh key for each
body, HKDF-SHA-256 and AES-256-GCM, bound to the box and the event: the sealer itself cannot open it again.
"""

import base64
import secrets
from collections.abc import Iterable
from uuid import UUID

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import TypeAdapter, ValidationError

from shared import wire

_SIGNED = b"minyi line 1\n"
_SEALED = b"minyi sealed body 1"
_KEY_BYTES = 32
_NONCE_BYTES = 12
_BODY: TypeAdapter[wire.Body] = TypeAdapter(wire.Body)


class NotSigned(ValueError):
    """The payload bears no signature of anybody who may write there."""


class NotSealed(ValueError):
    """The body was not sealed to this key, for this box and event, or was changed."""


def signed(topic: str, text: str, key: Ed25519PrivateKey) -> str:
    """Return `text` for `topic`, signed."""
    signature = base64.b64encode(key.sign(_covered(topic, text))).decode()
    return wire.Signed(body=text, signature=signature).model_dump_json()


def verified(topic: str, payload: bytes, keys: Iterable[Ed25519PublicKey]) -> str:
    """Return the text that came on `topic`, signed by one of `keys`; raise `NotSigned`."""
    try:
        found = wire.Signed.model_validate_json(payload)
        signature = base64.b64decode(found.signature, validate=True)
    except (ValidationError, ValueError) as error:
        raise NotSigned from error
    for key in keys:
        try:
            key.verify(signature, _covered(topic, found.body))
        except InvalidSignature:
            continue
        return found.body
    raise NotSigned


def seal(body: wire.Body, key: X25519PublicKey, *, box: str, event_id: UUID) -> wire.SealedBody:
    """Return `body` so that only the holder of the private half of `key` can read it."""
    hidden = seal_bytes(_BODY.dump_json(body), key, bound=_bound(box, event_id))
    return wire.SealedBody(of=body.type, data=base64.b64encode(hidden).decode())


def seal_bytes(content: bytes, key: X25519PublicKey, *, bound: bytes) -> bytes:
    """Return `content` so that only the holder of the private half of `key` can read it, who must know what it is `bound` to."""
    own, nonce = X25519PrivateKey.generate(), secrets.token_bytes(_NONCE_BYTES)
    public = own.public_key().public_bytes_raw()
    return public + nonce + _cipher(own.exchange(key), public, key).encrypt(nonce, content, bound)


def unseal_bytes(hidden: bytes, key: X25519PrivateKey, *, bound: bytes) -> bytes:
    """Return the content; raise `NotSealed`."""
    public, nonce = hidden[:_KEY_BYTES], hidden[_KEY_BYTES : _KEY_BYTES + _NONCE_BYTES]
    try:
        cipher = _cipher(key.exchange(X25519PublicKey.from_public_bytes(public)), public, key.public_key())
        return cipher.decrypt(nonce, hidden[_KEY_BYTES + _NONCE_BYTES :], bound)
    except (InvalidTag, ValueError) as error:
        raise NotSealed from error


def bound_to_page(box: str, digest: str) -> bytes:
    """Return what the seal of a page is bound to: its box and the digest of its picture."""
    return f"page\n{box}\n{digest}".encode()


def unseal(body: wire.SealedBody, key: X25519PrivateKey, *, box: str, event_id: UUID) -> wire.Body:
    """Return the body; raise `NotSealed`."""
    try:
        raw = base64.b64decode(body.data, validate=True)
        found = _BODY.validate_json(unseal_bytes(raw, key, bound=_bound(box, event_id)))
    except ValueError as error:  # NotSealed and ValidationError are ones
        raise NotSealed from error
    if found.type != body.of:
        raise NotSealed
    return found


def _covered(topic: str, text: str) -> bytes:
    return _SIGNED + topic.encode() + b"\n" + text.encode()


def _bound(box: str, event_id: UUID) -> bytes:
    return f"{box}\n{event_id}".encode()


def _cipher(agreed: bytes, public: bytes, to: X25519PublicKey) -> AESGCM:
    salt = public + to.public_bytes_raw()
    return AESGCM(HKDF(SHA256(), _KEY_BYTES, salt=salt, info=_SEALED).derive(agreed))
