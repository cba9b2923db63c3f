"""A draft on its way from page to page: a sealed text in a hidden field. Nobody reads or changes it, and the court keeps none."""

import base64
import binascii
import zlib
from datetime import datetime
from uuid import UUID

from pydantic import ValidationError

from central.petitions.numbering import new_code
from central.submitting.drafts import Draft, is_over
from central.vault.errors import KeyGone, KeyUnknown, SealBroken
from central.vault.vault import Vault
from shared.ids import new_id

_KEY = "submission drafts"
_DRAFT, _DROP, _RECEIPT = "submission:draft", "submission:drop", "submission:receipt"
#: Unpacked; a petition at its longest stays far below.
_MOST = 1 << 20


def new(now: datetime) -> Draft:
    """Return an empty draft."""
    return Draft(id=new_id(), code=new_code(), began=now)


def seal(vault: Vault, draft: Draft) -> str:
    """Return the text for the hidden field."""
    return _sealed(vault, draft.model_dump_json().encode(), _DRAFT)


def opened(vault: Vault, text: str, now: datetime) -> Draft | None:
    """Return the draft, None if the text is none of ours or lay too long."""
    found = _opened(vault, text, _DRAFT)
    try:
        draft = Draft.model_validate_json(found) if found else None
    except ValidationError:
        return None
    return draft if draft is not None and not is_over(draft, now) else None


def drop(vault: Vault, draft: Draft) -> str:
    """Return the short text that lets files be sent for a draft, and nothing else."""
    return _sealed(vault, draft.id.bytes, _DROP)


def draft_of_drop(vault: Vault, text: str) -> UUID | None:
    """Return the draft that files are sent for."""
    found = _opened(vault, text, _DROP)
    return UUID(bytes=found) if found and len(found) == 16 else None


def receipt(vault: Vault, petition_id: UUID, code: str) -> str:
    """Return the text that shows a receipt again in the browser that sent the petition."""
    return _sealed(vault, f"{petition_id.hex} {code}".encode(), _RECEIPT)


def receipt_of(vault: Vault, text: str) -> tuple[UUID, str] | None:
    """Return petition and code of a receipt."""
    found = _opened(vault, text, _RECEIPT)
    if not found:
        return None
    petition, _, code = found.decode().partition(" ")
    return UUID(petition), code


def _sealed(vault: Vault, data: bytes, place: str) -> str:
    sealed = vault.seal(vault.named_key(_KEY), zlib.compress(data), aad=place)
    return base64.urlsafe_b64encode(sealed).decode()


def _opened(vault: Vault, text: str, place: str) -> bytes | None:
    try:
        packed = vault.open(base64.urlsafe_b64decode(text), aad=place)
        unpacking = zlib.decompressobj()
        found = unpacking.decompress(packed, _MOST)
    except (binascii.Error, ValueError, SealBroken, KeyGone, KeyUnknown, zlib.error):
        return None
    return found if unpacking.eof else None
