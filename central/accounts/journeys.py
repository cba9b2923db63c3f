"""A browser's way to the provider of single sign-on and back: what its return is checked by travels in a sealed cookie.

Nothing is kept here meanwhile, so nobody can fill the server by setting out; only the browser that set out comes back.
"""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NoBase64
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from central.accounts.oidc import Departure
from central.vault.errors import KeyGone, SealBroken
from central.vault.vault import Vault

COOKIE = "minyi_sso"
VAULT_KEY = "sso"
_PLACE = "cookie:sso"
#: So long somebody may take at the provider.
LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Journey:
    """Where to go on to afterwards; for joining accounts, `session` is the digest of the session that asked for it."""

    departure: Departure
    to: str
    session: str = ""


def sealed(vault: Vault, journey: Journey, *, now: datetime) -> str:
    """Return the cookie of a journey that begins now."""
    content = json.dumps({**asdict(journey), "until": int((now + LIFE).timestamp())}).encode()
    return urlsafe_b64encode(vault.seal(vault.named_key(VAULT_KEY), content, aad=_PLACE)).decode("ascii")


def opened(vault: Vault, cookie: str, *, now: datetime) -> Journey | None:
    """Return the journey of a cookie, None for one that is over, changed, or no journey at all."""
    try:
        read = json.loads(vault.open(urlsafe_b64decode(cookie), aad=_PLACE))
    except (SealBroken, KeyGone, NoBase64, ValueError):
        return None
    if read.pop("until") < now.timestamp():
        return None
    return Journey(Departure(**read.pop("departure")), **read)
