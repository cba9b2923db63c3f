"""What every answer carries, and which posts are not taken at all."""

from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
        " font-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with less, browsers hide the origin that posts are checked by
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}
_MAX_BODY = 16_384


class Guard:
    """Adds the headers; refuses posts from other sites and bodies no form of ours has."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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

        refusal = _refusal(scope)
        if refusal is not None:
            await JSONResponse({"error": refusal[1]}, status_code=refusal[0])(scope, receive, with_headers)
            return
        await self._app(scope, receive, with_headers)


def _refusal(scope: Scope) -> tuple[int, str] | None:
    headers = Headers(scope=scope)
    if scope["method"] in {"GET", "HEAD"}:
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return 403, "error.other_origin"
    length = headers.get("content-length", "0")
    if headers.get("transfer-encoding") or not length.isdigit() or int(length) > _MAX_BODY:
        return 413, "error.bad_input"
    return None


def on_loopback(scope: dict[str, Any] | Scope) -> bool:
    """Say whether the caller is this machine."""
    client = scope.get("client")
    return client is not None and client[0] in {"127.0.0.1", "::1"}
