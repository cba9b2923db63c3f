"""The one place where a refusal becomes a page or problem+json, in the language of whoever asked."""

import uuid
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from central import fields
from central.errors import AsksFirst, Invalid, MinyiError, SignInNeeded
from central.web import render

LOG = structlog.get_logger()


def install(app: FastAPI) -> None:
    """Register the handlers."""
    app.add_exception_handler(MinyiError, _refusal)
    app.add_exception_handler(RequestValidationError, _bad_input)
    app.add_exception_handler(ValidationError, _bad_input)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(Exception, _unexpected)


def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, MinyiError)  # noqa: S101 registered for this class
    if isinstance(error, SignInNeeded) and not _is_api(request) and request.method == "GET":
        return render.see_other(f"/login?to={request.url.path}")
    if isinstance(error, AsksFirst) and not _is_api(request) and request.method == "GET":
        return render.see_other(f"{error.page}?{urlencode({'to': str(request.url.path)})}")
    text = render.sentence(request, error.key, error.values)
    named = [{"field": error.field, "message": text}] if isinstance(error, Invalid) and error.field else None
    return _answer(request, error.status, text, named)


def _bad_input(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError | ValidationError)  # noqa: S101 registered for these
    if not _is_api(request) and all(each["loc"][:1] == ("path",) for each in error.errors()):
        return _answer(request, HTTPStatus.NOT_FOUND, render.sentence(request, "errors.not_found", {}))
    text = render.sentence(request, "errors.bad_input", {})
    named = [
        {"field": ".".join(str(part) for part in each["loc"]), "message": _message(request, each)}
        for each in error.errors()
    ]
    return _answer(request, HTTPStatus.UNPROCESSABLE_ENTITY, text, named)


def _message(request: Request, each: Mapping[str, Any]) -> str:
    """Return what is wrong with one value in the asked language; where it is one of a list, with that list."""
    said = render.sentence(request, *fields.problem(each))
    choices = each.get("ctx", {}).get("expected") if each["type"] in {"enum", "literal_error"} else None
    return f"{said} ({choices.replace(' or ', ', ')})" if choices else said


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 registered for this class
    key = {
        404: "errors.not_found",
        405: "errors.method",
        408: "errors.too_slow",
        413: "errors.too_large",
    }.get(error.status_code, "errors.other")
    answer = _answer(request, error.status_code, render.sentence(request, key, {}))
    answer.headers.update(error.headers or {})
    return answer


def _unexpected(request: Request, error: Exception) -> Response:
    ident = uuid.uuid4().hex[:12]
    LOG.error("unexpected", id=ident, path=request.url.path, exc_info=error)
    return _answer(request, 500, render.sentence(request, "errors.unexpected", {"id": ident}))


def _answer(request: Request, status: int, text: str, named: list[dict[str, Any]] | None = None) -> Response:
    if _is_api(request):
        return _problem(status, text, named)
    return render.page(
        request, "web/error.html", status=status, code=status, sentence=text, fields=named or []
    )


def _problem(status: int, text: str, named: list[dict[str, Any]] | None) -> Response:
    """Return RFC 9457 problem details."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": text,
    }
    if named:
        body["errors"] = named
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else None
    return JSONResponse(body, status, headers, media_type="application/problem+json")


def _is_api(request: Request) -> bool:
    return request.url.path.startswith("/api/")
