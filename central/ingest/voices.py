"""Who signed what: texts of an enrolled box are taken only under the key of its certificate, what goes down to it is signed."""

import threading
import time
from collections.abc import Iterable
from functools import lru_cache

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlmodel import Session

from central.context import Context
from central.halls import queries
from shared import sealed, topics

LOG = structlog.get_logger()
_KEYS = "minyi.box_keys"
#: So long the list of enrolled boxes is taken as it is.
_FRESH_SECONDS = 1.0
_PAPERS = "/down/documents/"


def learn(s: Session, boxes: Iterable[str]) -> None:
    """Read the keys of these boxes by one statement, for `heard`."""
    known: dict[str, list[Ed25519PublicKey] | None] = s.info.setdefault(_KEYS, {})
    new = sorted(set(boxes) - set(known))
    found = queries.keys_of(s, new) if new else {}
    known |= {box: [_key(text) for text in found[box]] if box in found else None for box in new}


def heard(s: Session, *, box: str, topic: str, payload: bytes) -> bytes | None:
    """Return what `box` said on `topic`: of an enrolled box only what it signed, else None. Others have no key to sign with."""
    learn(s, [box])
    keys = s.info[_KEYS][box]
    if keys is None:
        return payload
    try:
        return sealed.verified(topic, payload, keys).encode()
    except sealed.NotSigned:
        LOG.warning("message not signed by its box", box=box, topic=topic, size=len(payload))
        return None


class Voice:
    """Signs what goes down to enrolled boxes. Papers bear their own signature, an empty text takes a message away."""

    def __init__(self, context: Context, key: Ed25519PrivateKey) -> None:
        self._context = context
        self._key = key
        self._lock = threading.Lock()
        self._enrolled: set[str] = set()
        self._looked = float("-inf")

    def forget(self) -> None:
        """Look anew who is enrolled: a box has come on the line."""
        with self._lock:
            self._looked = float("-inf")

    def said(self, topic: str, text: str) -> str:
        """Return `text` as it goes out on `topic`."""
        place = topics.parse(topic)
        if not text or place is None or _PAPERS in topic or place.box not in self._boxes():
            return text
        return sealed.signed(topic, text, self._key)

    def _boxes(self) -> set[str]:
        with self._lock:
            if time.monotonic() - self._looked >= _FRESH_SECONDS:
                with self._context.read() as s:
                    self._enrolled = queries.enrolled_boxes(s)
                self._looked = time.monotonic()
            return self._enrolled


@lru_cache(maxsize=2048)
def _key(text: str) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text))
