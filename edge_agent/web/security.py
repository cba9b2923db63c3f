"""What every answer carries, and which requests are not taken at all."""

import socket
from collections.abc import Collection
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from edge_agent.errors import BoxError, NotThere
from edge_agent.web.render import say_error

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " font-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with less, browsers hide the origin that posts are checked by
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_MAX_BODY = 16_384
_LONGEST_FIGURE = 10
_LONGEST_PATH = 200


class Elsewhere(BoxError):
    """The request came by a foreign name or from a page of another site."""

    status = 403


class TooLarge(BoxError):
    """A body that no form of ours has."""

    status = 413


def own_names(public_url: str) -> frozenset[str]:
    """Return the host names under which pages may reach this box; addresses in figures are always taken."""
    name = socket.gethostname().lower()
    return frozenset(
        {"localhost", name, f"{name}.local", (urlsplit(public_url).hostname or "").lower()} - {""}
    )


class Guard:
    """Adds the headers; refuses foreign names (a page elsewhere may point its own name here), posts, and large bodies."""

    def __init__(self, app: ASGIApp, *, names: Collection[str]) -> None:
        self._app = app
        self._names = names

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                asset = scope["path"].startswith("/static/")
                headers.setdefault("Cache-Control", "no-cache" if asset else "no-store")
            await send(message)

        refusal = self._refusal(scope)
        if refusal is not None:
            answer = await say_error(Request(scope), refusal)
            await answer(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)

    def _refusal(self, scope: Scope) -> BoxError | None:
        headers = Headers(scope=scope)
        if not _known(headers.get("host", ""), self._names):
            return Elsewhere("error.other_name")
        if len(scope["path"]) > _LONGEST_PATH:
            return NotThere("error.not_here")
        return None if scope["method"] in {"GET", "HEAD"} else _refused_post(headers)


def _refused_post(headers: Headers) -> BoxError | None:
    origin, host = headers.get("origin"), headers.get("host")
    if origin not in {None, f"http://{host}", f"https://{host}"}:
        return Elsewhere("error.other_origin")
    if headers.get("sec-fetch-site", "none") not in {"same-origin", "none"}:
        return Elsewhere("error.other_origin")
    if headers.get("transfer-encoding") or not _short(headers.get("content-length", "0")):
        return TooLarge("error.too_large")
    return None


def _short(length: str) -> bool:
    return length.isdecimal() and len(length) < _LONGEST_FIGURE and int(length) <= _MAX_BODY


def _known(host: str, names: Collection[str]) -> bool:
    """Say whether a Host header names this box: by an address in figures, or by one of its names."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
        ip_address(name)
    except ValueError:
        return host.rpartition(":")[0].lower() in names or host.lower() in names
    return True


def on_loopback(scope: dict[str, Any] | Scope) -> bool:
    """Say whether the caller is this machine."""
    client = scope.get("client")
    return client is not None and client[0] in {"127.0.0.1", "::1"}
