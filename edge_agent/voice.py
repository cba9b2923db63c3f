"""How an enrolled box speaks through a broker that it need not trust: what it says is signed, and only the centre is heard."""

from collections.abc import Sequence

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared import sealed

log = structlog.get_logger()
#: Papers bear their own signature, which stays with them.
_PAPERS = "/down/documents/"


class Voice:
    """Signs with `key`, hears `centre`. Without a key (a box with a password) texts pass as they are."""

    def __init__(self, key: Ed25519PrivateKey | None, centre: Sequence[Ed25519PublicKey]) -> None:
        self._key = key
        self._centre = centre

    def said(self, topic: str, text: str) -> str:
        """Return `text` as it goes out on `topic`."""
        return text if self._key is None else sealed.signed(topic, text, self._key)

    def heard(self, topic: str, payload: bytes) -> bytes | None:
        """Return what the centre said on `topic`, or None for what nobody of the centre signed."""
        if self._key is None or _PAPERS in topic:
            return payload
        try:
            return sealed.verified(topic, payload, self._centre).encode()
        except sealed.NotSigned:
            # An empty one only tidies away what was signed as closed the day before.
            (log.debug if not payload else log.warning)("message_not_signed", topic=topic, size=len(payload))
            return None
