"""Cookies: behind TLS each is this host's alone (`__Host-`: given to no other host, taken from none), and no script reads it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Literal

from starlette.responses import Response

from central.settings import Http

SameSite = Literal["lax", "strict"]


def name_of(http: Http, base: str) -> str:
    """Return the name under which a browser keeps a cookie."""
    return f"__Host-{base}" if http.secure else base


def read(found: Mapping[str, str], http: Http, base: str) -> str:
    """Return the value of a cookie among those of a request, or ""."""
    return found.get(name_of(http, base), "")


def put(
    answer: Response,
    http: Http,
    base: str,
    value: str,
    *,
    life: timedelta | None = None,
    samesite: SameSite = "lax",
) -> None:
    """Let the browser keep a cookie for `life`, or until it is closed."""
    answer.set_cookie(
        name_of(http, base),
        value,
        max_age=None if life is None else int(life.total_seconds()),
        path="/",
        httponly=True,
        secure=http.secure,
        samesite=samesite,
    )


def drop(answer: Response, http: Http, base: str, *, samesite: SameSite = "lax") -> None:
    """Let the browser forget a cookie."""
    answer.delete_cookie(name_of(http, base), path="/", httponly=True, secure=http.secure, samesite=samesite)
