"""What a browser holds after it showed the right code: a signed, short-lived pass to one petition, and nothing else."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from fastapi.responses import Response
from itsdangerous import BadSignature, URLSafeSerializer

from central import cookies
from central.keys import signing_key
from central.settings import Settings

COOKIE = "minyi_track"
#: A worried person reads slowly; a shared computer forgets soon.
LIFE = timedelta(minutes=30)
#: The browser keeps an ended pass a while longer: it opens nothing, but what was typed meanwhile can be asked for and kept.
KEPT = timedelta(hours=12)


def issue(keys: Path, petition_id: UUID, code_version: str, *, now: datetime) -> str:
    """Return a pass. It ends with its time, or when a new code is issued."""
    ends = int((now + LIFE).timestamp())
    return str(_serializer(keys).dumps([petition_id.hex, code_version, ends]))


def read(keys: Path, text: str, *, now: datetime) -> tuple[UUID, str] | None:
    """Return petition and code version of a valid pass, else None."""
    try:
        petition, version, ends = _serializer(keys).loads(text)
    except (BadSignature, ValueError):
        return None
    return (UUID(petition), version) if now.timestamp() < ends else None


def hand_out(answer: Response, text: str, config: Settings) -> None:
    """Put a pass into the browser: no script reads it, no other site sends it."""
    cookies.put(answer, config.http, COOKIE, text, life=KEPT, samesite="strict")


def take_back(answer: Response, config: Settings) -> None:
    """Make the browser forget its pass."""
    cookies.drop(answer, config.http, COOKIE, samesite="strict")


def held(found: Mapping[str, str], config: Settings) -> str:
    """Return the pass among the cookies of a request, or ""."""
    return cookies.read(found, config.http, COOKIE)


def _serializer(keys: Path) -> URLSafeSerializer:
    raw = signing_key(keys, "portal").private_bytes(Encoding.Raw, PrivateFormat.Raw, NoEncryption())
    return URLSafeSerializer(raw, salt="minyi.track")
