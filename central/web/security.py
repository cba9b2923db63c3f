"""Headers of every answer, a limit on every body, and no act from a foreign page: pure ASGI, so that streams stay streams."""

import asyncio
import json
import re
from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central.web import render
from central.web.catalogue import catalogue
from shared.i18n import Lang

#: Scripts, styles and pictures from this server alone; nothing inline, nothing framed, nothing sent elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; object-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
HSTS = "max-age=31536000; includeSubDomains"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_BYTES = 2 * 2**20
#: As many figures of an announced length are read; more would be an exabyte.
_FIGURES = 18


class TooLarge(HTTPException):
    """The body went past its limit while it was read."""

    def __init__(self) -> None:
        super().__init__(413)


class TooSlow(HTTPException):
    """The next part of the body did not come in time."""

    def __init__(self) -> None:
        super().__init__(408)


class Guard:
    """Wraps the application. `limits` gives larger bodies to some paths, by a pattern of how they begin.

    `names` are the hosts under which it may be called, besides bare addresses; what comes under another name is refused, so that no
    foreign name can be made to point here. `body_seconds` is the longest pause while a body comes. `is_known` says whether whoever sends
    a request is signed in: only then more than `BODY_BYTES` are taken.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        secure: bool = False,
        limits: Mapping[str, int] | None = None,
        names: Collection[str] = (),
        body_seconds: float = 20,
        is_known: Callable[[Scope], bool] = lambda _: True,
    ) -> None:
        self._app = app
        self._secure = secure
        self._limits = dict(limits or {})
        self._names = frozenset(names)
        self._body_seconds = body_seconds
        self._is_known = is_known

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check the request, pass it on, dress the answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        out = self._dressed(scope, send)
        if not is_known_host(headers.get("host", ""), self._names):
            await refuse(scope, out, 400, "errors.foreign_host")
            return
        if "\x00" in scope["path"] or b"%00" in scope["query_string"]:
            # No word, number or name holds the null sign, and PostgreSQL takes it in no text.
            await refuse(scope, out, 400, "errors.bad_input")
            return
        if scope["method"] not in SAFE and is_foreign(headers):
            await refuse(scope, out, 403, "errors.foreign_form")
            return
        limit, length = self._limit(scope["path"]), _announced(headers)
        if length > limit:
            await refuse(scope, out, 413, "errors.too_large")
            return
        large = limit > BODY_BYTES and (length > BODY_BYTES or "content-length" not in headers)
        if large and scope["method"] not in SAFE and not await run_in_threadpool(self._is_known, scope):
            # Before a byte is read: strangers shall not fill the disk with what is refused in the end.
            await refuse(scope, out, 401, "errors.sign_in_to_send")
            return
        await self._app(scope, _limited(receive, limit, self._body_seconds), out)

    def _limit(self, path: str) -> int:
        return next((limit for start, limit in self._limits.items() if re.match(start, path)), BODY_BYTES)

    def _dressed(self, scope: Scope, send: Send) -> Send:
        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                found = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    found.setdefault(name, value)
                # RFC 6797 7.2: never over a line that is not secure itself.
                if self._secure and scope["scheme"] == "https":
                    found.setdefault("Strict-Transport-Security", HSTS)
                found.setdefault("Cache-Control", _caching(scope["path"]))
            await send(message)

        return dressed


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Say whether an unsafe request comes from another site's page. Programs with a token send no such headers and pass."""
    if headers.get("authorization"):
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = headers.get("origin")
    return origin is not None and urlsplit(origin).netloc != headers.get("host")


def is_known_host(host: str, names: Collection[str]) -> bool:
    """Say whether a request was sent to a name of this server, or to a bare address."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    try:
        ip_address(name)
    except ValueError:
        return name in names
    return True


def _caching(path: str) -> str:
    # Static files carry their digest in the address; everything else may hold somebody's petition.
    return "public, max-age=31536000, immutable" if path.startswith("/static/") else "no-store"


def _limited(receive: Receive, limit: int, seconds: float) -> Receive:
    taken, more = 0, True

    async def limited() -> Message:
        nonlocal taken, more
        try:
            # Behind the body only the end of the line is waited for, which may take as long as a stream lasts.
            message = await (asyncio.wait_for(receive(), seconds) if more else receive())
        except TimeoutError:
            raise TooSlow from None
        more = bool(message.get("more_body"))
        taken += len(message.get("body", b""))
        if taken > limit:
            raise TooLarge
        return message

    return limited


def _announced(headers: Mapping[str, str]) -> int:
    length = headers.get("content-length", "")
    return int(length[:_FIGURES]) if length.isascii() and length.isdigit() else 0


async def refuse(scope: Scope, send: Send, status: int, key: str) -> None:
    """Answer before any route with the sentence of a key."""
    # Before any route: the language of the page is not known yet, so both are given.
    text = "\n".join(catalogue().text(key, lang) for lang in Lang)
    kind, body = "text/plain; charset=utf-8", text.encode()
    if "text/html" in Headers(scope=scope).get("accept", ""):
        kind, body = "text/html; charset=utf-8", render.refused(key).encode()
    if scope["path"].startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": HTTPStatus(status).phrase,
            "status": status,
            "detail": text,
        }
        kind, body = "application/problem+json", json.dumps(problem, ensure_ascii=False).encode()
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
