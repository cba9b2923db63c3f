"""Who stands at a counter: a PIN, and a name or badge that the visitor is shown. No accounts, they are the centre's."""

import base64
import binascii
import hmac
import json
from collections import deque
from datetime import datetime, timedelta

from edge_agent.errors import BoxError, PinNeeded, TooMany
from edge_agent.sealing import BrokenSeal, Sealer
from shared.canonical import sha256_hex

COOKIE = "minyi_counter"
_LASTS = timedelta(hours=12)
#: Wrong PINs within `_WINDOW`: from one machine, and from all of them. One cannot lock out the others.
_WRONG, _WRONG_IN_ALL, _WINDOW = 5, 30, timedelta(minutes=5)
_LONGEST_NAME = 64


class WrongPin(BoxError):
    """The PIN does not fit."""

    status = 403


class Sessions:
    """Sealed cookies: they outlive a restart of the box and end with the day or with the PIN."""

    def __init__(self, sealer: Sealer, pin: str) -> None:
        self._sealer = sealer
        self._pin = pin
        self._about = ("counter-session", sha256_hex(pin))
        self._wrong: deque[tuple[str, datetime]] = deque(maxlen=_WRONG_IN_ALL)

    def sign_in(self, *, pin: str, by: str, caller: str, now: datetime) -> str:
        """Return the cookie of a new session of the machine `caller`; raise `WrongPin`, `TooMany` or a `BoxError` with what is missing."""
        if not self._pin:
            raise BoxError("error.pin_unset")
        lately = [who for who, at in self._wrong if abs(now - at) < _WINDOW]
        if len(lately) >= _WRONG_IN_ALL or lately.count(caller) >= _WRONG:
            raise TooMany("error.pin_throttled", minutes=int(_WINDOW.total_seconds() // 60))
        if not hmac.compare_digest(pin.strip().encode(), self._pin.encode()):
            self._wrong.append((caller, now))
            raise WrongPin("error.pin_wrong")
        name = " ".join(by.split())[:_LONGEST_NAME]
        if not name:
            raise BoxError("error.name_needed")
        facts = json.dumps({"by": name, "until": (now + _LASTS).isoformat()})
        return base64.urlsafe_b64encode(self._sealer.seal(facts, *self._about)).decode()

    def who(self, cookie: str | None, *, now: datetime) -> str:
        """Return the name of a session; raise `PinNeeded`."""
        try:
            sealed = base64.urlsafe_b64decode((cookie or "").encode())
            facts = json.loads(self._sealer.open(sealed, *self._about))
        except (binascii.Error, BrokenSeal, ValueError):
            raise PinNeeded("error.pin_needed") from None
        if datetime.fromisoformat(facts["until"]) < now:
            raise PinNeeded("error.pin_needed")
        return str(facts["by"])
