"""Is a file what a court signed? Offline, with published keys alone."""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from central.letters import sealing
from central.letters.keyring import Published
from central.letters.sealing import Damaged, NoSeal


class Verdict(StrEnum):
    """What the check found; `letters.verify.<value>` says it in words."""

    GENUINE = "genuine"
    CHANGED = "changed"
    NO_SEAL = "no_seal"
    UNKNOWN_KEY = "unknown_key"
    BAD_SIGNATURE = "bad_signature"


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict with what the file says of itself; believe that only if it is genuine."""

    verdict: Verdict
    sha256: str
    letter_id: UUID | None = None
    key_id: str = ""


def check(content: bytes, keys: Sequence[Published], *, signature: bytes | None = None) -> Checked:
    """Check the seal in a file, and a detached signature (its file's content) where one is given."""
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        seal = sealing.read(content)
    except NoSeal:
        return Checked(Verdict.NO_SEAL, sha256)
    except Damaged:
        return Checked(Verdict.CHANGED, sha256)
    found = sealing.holds(seal, keys)
    if found is None:
        return Checked(Verdict.UNKNOWN_KEY, sha256, seal.letter_id, seal.key_id)
    if not found:
        return Checked(Verdict.CHANGED, sha256, seal.letter_id, seal.key_id)
    if signature is not None and not _detached(signature, content, seal.letter_id, keys):
        return Checked(Verdict.BAD_SIGNATURE, sha256, seal.letter_id, seal.key_id)
    return Checked(Verdict.GENUINE, sha256, seal.letter_id, seal.key_id)


def signature_file(*, letter_id: UUID, sha256: str, key_id: str, signature: str) -> str:
    """Return the detached signature as a file of its own."""
    told = {"letter": letter_id.hex, "sha256": sha256, "key": key_id, "ed25519": signature}
    return json.dumps({"minyi_letter_signature": told}, indent=1) + "\n"


def _detached(text: bytes, content: bytes, letter_id: UUID, keys: Sequence[Published]) -> bool:
    try:
        told = json.loads(text)["minyi_letter_signature"]
        signature = base64.b64decode(told["ed25519"], validate=True)
    except (ValueError, KeyError, TypeError, binascii.Error):
        return False
    digest = hashlib.sha256(content).digest()
    message = sealing.detached(letter_id, digest)
    return told.get("sha256") == digest.hex() and any(each.holds(signature, message) for each in keys)
