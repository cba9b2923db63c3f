"""The PAdES container (CMS) of a letter: made by pyHanko once for a certificate, then its digest and signature put in anew.

Two containers of one certificate differ in two places: the digest of the document among the signed attributes, and the signature
over those. Building the rest again for each letter took most of the time of signing.
"""

import asyncio
from functools import lru_cache
from typing import NamedTuple

from asn1crypto import cms
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from pyhanko.sign.signers import SimpleSigner
from pyhanko_certvalidator.registry import SimpleCertificateStore

from central.letters import der_bytes
from central.letters.signer import Signer

_SET, _OCTETS = 0x31, 0x04
_BLANK = bytes(range(32))


class _Pattern(NamedTuple):
    """A container made for a digest of no document: itself, its signed attributes, and the key that signs them."""

    der: bytes
    attributes: bytes
    key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


def container(signer: Signer, digest: bytes) -> bytes:
    """Return the container over a document with this SHA-256, without our attribute."""
    pattern = _pattern(signer)
    if pattern is None:
        return _made(signer, digest)
    # Both stand in the container once: `_pattern` looked.
    changed = pattern.attributes.replace(_BLANK, digest)
    signature = der_bytes.wrapped(_OCTETS, _signature(pattern.key, changed))
    der = pattern.der.replace(_BLANK, digest)
    return der_bytes.replaced(der, der_bytes.SIGNER_INFO, signature)


def _made(signer: Signer, digest: bytes) -> bytes:
    secret, certificate, chain = signer.parts()
    store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
    store.register_multiple(chain)
    pades = SimpleSigner(signing_cert=certificate, signing_key=secret, cert_registry=store)
    made: bytes = asyncio.run(pades.async_sign(digest, "sha256", use_pades=True)).dump()
    return made


@lru_cache(maxsize=8)
def _pattern(signer: Signer) -> _Pattern | None:
    """Return the pattern of a certificate; None for a key, or a way of signing, that is not known here: then pyHanko signs each."""
    key = load_der_private_key(signer.key, None)
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey):
        return None
    der = _made(signer, _BLANK)
    info = cms.ContentInfo.load(der)["content"]["signer_infos"][0]
    attributes = (
        bytes([_SET]) + info["signed_attrs"].dump()[1:]
    )  # RFC 5652, 5.4: signed with the tag of a set
    if der.count(_BLANK) != 1 or attributes.count(_BLANK) != 1:
        return None
    last = der_bytes.last_of(der, der_bytes.SIGNER_INFO)
    if last != der_bytes.wrapped(_OCTETS, info["signature"].native):
        return None
    return _Pattern(der, attributes, key) if _holds(key, info["signature"].native, attributes) else None


def _signature(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, data: bytes) -> bytes:
    if isinstance(key, rsa.RSAPrivateKey):
        return key.sign(data, padding.PKCS1v15(), SHA256())
    return key.sign(data, ec.ECDSA(SHA256()))


def _holds(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, signature: bytes, data: bytes) -> bool:
    try:
        if isinstance(key, rsa.RSAPrivateKey):
            key.public_key().verify(signature, data, padding.PKCS1v15(), SHA256())
        else:
            key.public_key().verify(signature, data, ec.ECDSA(SHA256()))
    except InvalidSignature:
        return False
    return True
