"""Providers of single sign-on: a real one as a process, and one that tells lies."""

import hmac
import json
import sys
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from central.settings import SingleSignOn
from tests.support.ports import HOST, free_port
from tests.support.processes import Child, answers

BACK = "http://testserver/login/sso/back"


class RealProvider:
    """An OpenID provider in a process of its own, in which this server is registered as it would be in a court."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self.issuer = f"http://{HOST}:{port}"
        command = [
            sys.executable,
            "-W",
            "ignore",
            "-m",
            "oidc_provider_mock",
            "--port",
            str(port),
            "--host",
            HOST,
        ]
        wishes = ["--require-registration", "true", "--require-nonce", "true"]
        self._child = Child([*command, *wishes], log=folder / "provider.log").start()
        well_known = self.issuer + "/.well-known/openid-configuration"
        self._child.wait_for(lambda: answers(well_known), what="the provider answers")

    def register(self, back: str = BACK) -> SingleSignOn:
        """Return the settings of a server that was registered at the provider."""
        made = (
            httpx2.post(self.issuer + "/oauth2/clients", json={"redirect_uris": [back]})
            .raise_for_status()
            .json()
        )
        return SingleSignOn(
            issuer=self.issuer, client_id=made["client_id"], client_secret=made["client_secret"]
        )

    def sign_in(self, url: str, subject: str) -> str:
        """Sign in at the provider's page `url` as `subject`; return the address the browser is sent back to."""
        answer = httpx2.post(url, data={"sub": subject})
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    def deny(self, url: str) -> str:
        """Give up at the provider's page; return the address the browser is sent back to."""
        return str(httpx2.post(url, data={"action": "deny"}).headers["location"])

    def stop(self) -> None:
        """End the process."""
        self._child.kill()


@dataclass
class LyingProvider:
    """A provider that answers as `claims`, `key` and `header` have it. Set `issuer` once it is served."""

    issuer: str = ""
    key: Any = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "1"}))
    header: dict[str, str] = field(default_factory=lambda: {"alg": "RS256", "kid": "1"})
    #: Changes what the token says; None drops a claim.
    claims: dict[str, Any] = field(default_factory=dict)
    #: Changes what the provider says of itself.
    said: dict[str, Any] = field(default_factory=dict)
    published: Any = None
    asked: list[dict[str, str]] = field(default_factory=list)
    token_status: int = 200
    break_off: Callable[[str], str] = str

    def __post_init__(self) -> None:
        self.published = self.key

    @property
    def app(self) -> Starlette:
        """The provider as an application."""
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._configuration),
                Route("/jwks", self._keys),
                Route("/authorize", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    def _configuration(self, _: Request) -> Response:
        own = {"issuer": self.issuer, "authorization_endpoint": self.issuer + "/authorize"}
        more = {"token_endpoint": self.issuer + "/token", "jwks_uri": self.issuer + "/jwks"}
        return JSONResponse({**own, **more, **self.said})

    def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self.published.as_dict(private=False)]})

    def _authorize(self, request: Request) -> Response:
        query = dict(request.query_params)
        self.asked.append(query)
        return RedirectResponse(
            query["redirect_uri"] + "?" + urlencode({"code": "c0de", "state": query["state"]})
        )

    async def _token(self, request: Request) -> Response:
        self.asked.append(dict(parse_qsl((await request.body()).decode())))
        now, query = int(time.time()), self.asked[0]
        honest = {"iss": self.issuer, "sub": "wang", "aud": query["client_id"], "nonce": query["nonce"]}
        claims = {**honest, "iat": now, "exp": now + 300, **self.claims}
        token = jwt.encode(
            self.header,
            {name: value for name, value in claims.items() if value is not None},
            self.key,
        )
        body = {"access_token": "a", "token_type": "Bearer", "id_token": self.break_off(token)}
        return JSONResponse(
            body if self.token_status == 200 else {"error": "invalid_grant"}, self.token_status
        )


def query_of(url: str) -> dict[str, str]:
    """Return the query of an address."""
    return dict(parse_qsl(urlsplit(url).query))


def unsigned(token: str) -> str:
    """Return a token as if none were to be signed (RFC 8725, 2.1)."""
    return f"{_part(json.dumps({'alg': 'none'}).encode())}.{token.split('.')[1]}."


def shared(token: str, key: RSAKey) -> str:
    """Return a token signed with the public key taken for a shared one: the oldest trick with signed tokens (RFC 8725, 2.1)."""
    content = f"{_part(json.dumps({'alg': 'HS256', 'kid': '1'}).encode())}.{token.split('.')[1]}"
    return f"{content}.{_part(hmac.digest(key.as_pem(private=False), content.encode(), 'sha256'))}"


def _part(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def _other_key(liar: LyingProvider) -> None:
    liar.key = RSAKey.generate_key(2048, {"kid": "1"})


def _unsigned(liar: LyingProvider) -> None:
    liar.break_off = unsigned


def _shared(liar: LyingProvider) -> None:
    liar.break_off = lambda token: shared(token, liar.published)


def _changed(liar: LyingProvider) -> None:
    def changed(token: str) -> str:
        head, _, tail = token.split(".")
        said = {"iss": liar.issuer, "sub": "wang", "aud": "minyi", "exp": 9_999_999_999, "iat": 1}
        return ".".join((head, urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("="), tail))

    liar.break_off = changed


def _says(**claims: object) -> Callable[[LyingProvider], None]:
    return lambda liar: liar.claims.update(claims)


LIES = {
    "signed with another key": _other_key,
    "not signed": _unsigned,
    "signed with the public key as a shared one": _shared,
    "changed after signing": _changed,
    "of another issuer": _says(iss="http://somebody.else"),
    "for another server": _says(aud="other"),
    "for another server as well, without saying who asked": _says(aud=["minyi", "other"]),
    "asked for by another server": _says(aud=["minyi", "other"], azp="other"),
    "over": _says(exp=1_600_000_000),
    "from the future": _says(iat=9_000_000_000),
    "of another round": _says(nonce="another"),
    "without a round": _says(nonce=None),
    "without a subject": _says(sub=None),
    "with an empty subject": _says(sub=""),
    "with a subject that is none": _says(sub=["wang"]),
    "no token at all": lambda liar: setattr(liar, "break_off", lambda _: ""),
    "refused": lambda liar: setattr(liar, "token_status", 400),
}
