"""One notification to one device: sealed to its browser (RFC 8291), under this server's name (RFC 8292), to allowed push services alone."""

import base64
import json
import os
import ssl
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import http_ece
import httpx2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from central.accounts.push_devices import decoded
from central.settings import Push

#: A push service keeps a notification for a device that is off for so long; later it helps nobody.
KEPT = timedelta(minutes=5)
#: The word of this server is good for so long: push services take at most a day.
_GOOD = timedelta(hours=12)
_PORTS = {"https": 443, "http": 80}
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_AGAIN = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})


@dataclass(frozen=True, slots=True)
class Address:
    """Where a device is reached."""

    endpoint: str
    p256dh: str
    auth: str


class NotPushed(Exception):
    """It did not go out; `code` says why, without an address."""

    def __init__(self, code: object) -> None:
        super().__init__(str(code)[:20])
        self.code = str(code)[:20]


class Gone(NotPushed):
    """The push service knows the device no more."""


class Refused(NotPushed):
    """It will not pass."""


class Failed(NotPushed):
    """It may pass: it is tried again."""


def may_reach(endpoint: str, hosts: Collection[str]) -> bool:
    """Say whether an address lies at one of the push services that may be spoken to. What a browser sends could be any address."""
    try:
        at = urlsplit(endpoint)
        host, port = (at.hostname or "").lower(), at.port or _PORTS.get(at.scheme, 0)
    except ValueError:
        return False
    if at.username is not None or at.password is not None or not host:
        return False
    if at.scheme != "https" and not (at.scheme == "http" and host in _HERE):
        return False
    return any(_fits(host, port, _PORTS[at.scheme], one.lower()) for one in hosts)


def _fits(host: str, port: int, usual: int, allowed: str) -> bool:
    name, _, wanted = allowed.partition(":")
    if port != (int(wanted) if wanted.isdigit() else usual):
        return False
    return host.endswith(name) if name.startswith(".") else host == name


def public_text(key: ec.EllipticCurvePrivateKey) -> str:
    """Return the public half of the server's key as browsers take it: base64url without padding."""
    raw = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


class Pusher:
    """Sends notifications. One for a round of the worker; several threads may use it."""

    def __init__(self, settings: Push, key: ec.EllipticCurvePrivateKey) -> None:
        self._set = settings
        self._key = key
        self._client = httpx2.Client(
            timeout=settings.seconds,
            verify=ssl.create_default_context(cafile=str(settings.ca_file) if settings.ca_file else None),
            follow_redirects=False,
            trust_env=False,
            proxy=settings.proxy or None,
        )

    def close(self) -> None:
        """Close the lines."""
        self._client.close()

    def send(self, to: Address, told: Mapping[str, str], *, topic: str, now: datetime) -> str:
        """Hand `told` to the device's push service; return its answer; raise `Gone`, `Refused` or `Failed`."""
        if not may_reach(to.endpoint, self._set.hosts):
            raise Refused("host")
        headers = {
            **self._named(to.endpoint, now),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(int(KEPT.total_seconds())),
            "Urgency": "high",
            "Topic": topic,
        }
        try:
            # The answer's body is not read: it says nothing we need, and could be of any size.
            with self._client.stream(
                "POST", to.endpoint, content=sealed(to, told), headers=headers
            ) as answer:
                status = answer.status_code
        except (httpx2.HTTPError, OSError) as error:
            raise Failed(type(error).__name__) from error
        if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
            return str(status)
        if status in _GONE:
            raise Gone(status)
        if status < HTTPStatus.INTERNAL_SERVER_ERROR and status not in _AGAIN:
            raise Refused(status)
        raise Failed(status)

    def _named(self, endpoint: str, now: datetime) -> dict[str, str]:
        at = urlsplit(endpoint)
        claims = {"sub": self._set.contact, "aud": f"{at.scheme}://{at.netloc}"}
        signed: dict[str, str] = Vapid02(self._key).sign({**claims, "exp": int((now + _GOOD).timestamp())})
        return {"Authorization": signed["Authorization"]}


def sealed(to: Address, told: Mapping[str, str]) -> bytes:
    """Return `told` as JSON that the device's browser alone can open."""
    content: bytes = http_ece.encrypt(
        json.dumps(told, ensure_ascii=False).encode(),
        salt=os.urandom(16),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=decoded(to.p256dh),
        auth_secret=decoded(to.auth),
        version="aes128gcm",
    )
    return content
