"""Where a page of search goes on, as a sealed text for the link: one that stopped early may stop at a petition its reader may not see."""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime
from uuid import UUID

from central.petitions.queries import After
from central.vault.errors import KeyGone, SealBroken
from central.vault.vault import Vault

_KEY, _PLACE = "search places", "search:place"


def sealed(vault: Vault, place: After) -> str:
    """Return the text of a place."""
    content = f"{place.received_at.isoformat()} {place.petition_id.hex}".encode()
    return urlsafe_b64encode(vault.seal(vault.named_key(_KEY), content, aad=_PLACE)).decode("ascii")


def opened(vault: Vault, text: str) -> After | None:
    """Return the place, None for a text that is none of ours."""
    try:
        moment, _, key = vault.open(urlsafe_b64decode(text), aad=_PLACE).decode().partition(" ")
        return After(datetime.fromisoformat(moment), UUID(key))
    except (SealBroken, KeyGone, binascii.Error, ValueError):
        return None
