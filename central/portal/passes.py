"""What a browser holds after it showed the right code: a signed, short-lived pass to one petition, and nothing else."""

from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from itsdangerous import BadSignature, URLSafeTimedSerializer

from central.keys import signing_key

COOKIE = "minyi_track"
#: A worried person reads slowly; a shared computer forgets soon.
LIFE_SECONDS = 30 * 60


def issue(keys: Path, petition_id: UUID, code_version: str) -> str:
    """Return a pass. It ends with its time, or when a new code is issued."""
    return str(_serializer(keys).dumps([petition_id.hex, code_version]))


def read(keys: Path, text: str) -> tuple[UUID, str] | None:
    """Return petition and code version of a valid pass, else None."""
    try:
        petition, version = _serializer(keys).loads(text, max_age=LIFE_SECONDS)
    except (BadSignature, ValueError):
        return None
    return UUID(petition), version


def _serializer(keys: Path) -> URLSafeTimedSerializer:
    raw = signing_key(keys, "portal").private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return URLSafeTimedSerializer(raw, salt="minyi.track")
