"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce (RFC 6749, 7636, 9700; OpenID Connect Core 3.1).

The provider says who somebody is and nothing else: no token of it is kept, no name or right is taken over. What a person may do
here stands in this server's own tables.
"""

import secrets
import ssl
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Protocol

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from central.errors import MinyiError
from central.settings import SingleSignOn

#: Signatures of identity tokens that are taken; none that a shared or no key could make (RFC 8725, 3.1).
ALGORITHMS = ("RS256", "PS256", "ES256", "ES384", "EdDSA")
#: How long what the provider says of itself is believed before it is asked again.
FRESH = timedelta(hours=1)
SECONDS = 10.0
#: Clocks of two machines differ by so much at the most, in seconds.
LEEWAY = 60


class NotKnown(MinyiError):
    """The provider did not say who it is, or said it in a way that cannot be trusted."""

    status: ClassVar[int] = 401


class ProviderAway(MinyiError):
    """The provider does not answer, or not as the standard has it."""

    status: ClassVar[int] = 503


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser is sent, and what its return is checked by."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom the provider vouches for. `methods` are those of the claim `amr`; `at` is when the person last proved it, if said."""

    issuer: str
    subject: str
    methods: frozenset[str] = frozenset()
    at: datetime | None = None


class Provider(Protocol):
    """Somebody who knows who people are."""

    def depart(self, *, back: str, now: datetime) -> Departure:
        """Return where to send a browser that is to come back to `back`; raise `ProviderAway`."""

    def identify(self, *, code: str, back: str, departure: Departure, now: datetime) -> Identity:
        """Return whom a `code` stands for; raise `ProviderAway` or `NotKnown`."""


class OpenIdProvider:
    """The provider of the settings. Safe to use from several threads."""

    def __init__(self, settings: SingleSignOn) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._said: dict[str, Any] = {}
        self._keys: KeySet | None = None
        self._asked: datetime | None = None

    def depart(self, *, back: str, now: datetime) -> Departure:
        """See `Provider`."""
        said = self._configuration(now)
        nonce, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        with self._client(back) as client:
            url, state = client.create_authorization_url(
                said["authorization_endpoint"],
                state=secrets.token_urlsafe(32),
                nonce=nonce,
                code_verifier=verifier,
            )
        return Departure(url, state, nonce, verifier)

    def identify(self, *, code: str, back: str, departure: Departure, now: datetime) -> Identity:
        """See `Provider`."""
        said = self._configuration(now)
        try:
            with self._client(back) as client:
                token = client.fetch_token(
                    said["token_endpoint"], code=code, code_verifier=departure.verifier, withhold_token=True
                )
        except AuthlibBaseError:
            raise NotKnown("accounts.sso.refused") from None
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway("accounts.sso.away") from None
        return self._read(token, departure, now)

    def _read(self, token: dict[str, Any], departure: Departure, now: datetime) -> Identity:
        issuer, client_id = self._settings.issuer, self._settings.client_id
        try:
            read = self._verified(str(token.get("id_token", "")), now)
            claims = CodeIDToken(
                read.claims,
                read.header,
                {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
                {"nonce": departure.nonce, "client_id": client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY)
        except (JoseError, AuthlibBaseError, ValueError, TypeError):
            raise NotKnown("accounts.sso.untrusted") from None
        subject = claims["sub"]
        if not isinstance(subject, str) or not 0 < len(subject) <= 255:
            raise NotKnown("accounts.sso.untrusted")
        at = claims.get("auth_time")
        proved = datetime.fromtimestamp(at, UTC) if isinstance(at, int) else None
        return Identity(issuer, subject, frozenset(map(str, claims.get("amr") or ())), proved)

    def _verified(self, text: str, now: datetime) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        try:
            return jwt.decode(text, key=self._key_set(now), registry=registry)
        except InvalidKeyIdError:
            # The provider changed its keys since.
            return jwt.decode(text, key=self._key_set(now, again=True), registry=registry)

    def _configuration(self, now: datetime) -> dict[str, Any]:
        """Return what the provider says of itself (OpenID Connect Discovery 1.0, 4)."""
        with self._lock:
            if self._asked is None or now - self._asked >= FRESH:
                issuer = self._settings.issuer
                said = self._get(issuer.rstrip("/") + "/.well-known/openid-configuration")
                needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
                if said.get("issuer") != issuer or not all(
                    isinstance(said.get(name), str) for name in needed
                ):
                    raise ProviderAway("accounts.sso.away")
                self._said, self._asked, self._keys = said, now, None
            return self._said

    def _key_set(self, now: datetime, *, again: bool = False) -> KeySet:
        said = self._configuration(now)
        with self._lock:
            if self._keys is None or again:
                self._keys = KeySet.import_key_set(self._get(said["jwks_uri"]))  # type: ignore[arg-type]
            return self._keys

    def _get(self, url: str) -> dict[str, Any]:
        try:
            with httpx2.Client(verify=self._trust(), timeout=SECONDS) as client:
                answer = client.get(url).raise_for_status().json()
        except (httpx2.HTTPError, ValueError):
            raise ProviderAway("accounts.sso.away") from None
        if not isinstance(answer, dict):
            raise ProviderAway("accounts.sso.away")
        return answer

    def _client(self, back: str) -> OAuth2Client:
        return OAuth2Client(
            self._settings.client_id,
            self._settings.client_secret.get_secret_value(),
            scope="openid",
            redirect_uri=back,
            code_challenge_method="S256",
            verify=self._trust(),
            timeout=SECONDS,
        )

    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=self._settings.ca_file)


def provider_of(settings: SingleSignOn) -> Provider | None:
    """Return the provider of the settings, None where there is none."""
    return OpenIdProvider(settings) if settings.issuer else None
