"""One way to turn a value into bytes, so that a hash or a signature means the same on both sides and in ten years."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def canonical(value: Json) -> str:
    """Return `value` as JSON with sorted keys, no blanks and no escapes beyond the necessary."""
    return _ENCODER.encode(value)


def sha256_hex(text: str) -> str:
    """Return the SHA-256 of the UTF-8 bytes of `text`, 64 lower-case hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
