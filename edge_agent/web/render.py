"""Pages from templates, and the one place where an error becomes a page or JSON."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from edge_agent.desk import Desk
from edge_agent.errors import BoxError, PinNeeded
from edge_agent.web.sessions import Sessions
from shared.i18n import Lang

HERE = Path(__file__).parent
LANGUAGE_COOKIE = "minyi_language"
_HTTP_SENTENCES = {400: "error.bad_input", 404: "error.not_here", 405: "error.not_here"}


class Pages:
    """What handlers need: the desk, the sessions, the templates."""

    def __init__(self, desk: Desk, sessions: Sessions) -> None:
        self.desk = desk
        self.sessions = sessions
        self._templates = jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    def language(self, request: Request) -> Lang:
        """Return the language of a request: asked for in the address, kept in a cookie, or the setting."""
        asked = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE, "")
        return Lang(asked) if asked in set(Lang) else Lang(self.desk.settings.language)

    def fragment(self, template: str, lang: Lang, **values: Any) -> str:
        """Return a part of a page. Templates have `t` and `say` for sentences and `settings` for the hall's figures."""
        return self._templates.get_template(template).render(
            t=lambda key, **more: self.desk.t(key, lang, **more),
            say=self.desk.t,
            lang=lang.value,
            other=Lang.EN.value if lang is Lang.ZH else Lang.ZH.value,
            languages=(Lang.ZH, Lang.EN),
            settings=self.desk.settings,
            voice=self.desk.speech.ready,
            **values,
        )

    def outcome(self, told: dict[str, Any], lang: Lang) -> str:
        """Draw what a visitor is told: a ticket (`told["ticket"]`) or a refusal (`told["refused"]`)."""
        name = "kiosk_result.html" if told.get("ticket") else "kiosk_refused.html"
        return self.fragment(name, lang, ticket=told.get("ticket"), refused=told.get("refused"))

    def page(
        self, request: Request, template: str, *, status: int = 200, screen: str = "counter", **values: Any
    ) -> Response:
        """Return a whole page; `screen` names its style sheet."""
        lang = self.language(request)
        facts = {"path": request.url.path, "screen": screen, **values}
        html = self.fragment(template, lang, **facts)
        response = HTMLResponse(html, status_code=status)
        if request.query_params.get("lang") == lang.value:
            response.set_cookie(LANGUAGE_COOKIE, lang.value, max_age=365 * 86400, samesite="strict")
        return response

    def sign_in(
        self, request: Request, *, then: str, by: str = "", error: BoxError | None = None
    ) -> Response:
        """Return the sign-in page, after a failed try with its sentence and the name as typed."""
        said = self.desk.t(error.key, self.language(request), **error.values) if error else ""
        status = error.status if error else 200
        return self.page(
            request, "sign_in.html", status=status, next=then, by=by, said=said, path="/counter/sign-in"
        )


def pages_of(request: Request) -> Pages:
    """Return the pages of the app that got this request."""
    found: Pages = request.app.state.pages
    return found


def wants_json(request: Request) -> bool:
    """Say whether the caller is a script, rather than a form of a page without one."""
    return "application/json" in request.headers.get("accept", "")


async def say_error(request: Request, error: Exception) -> Response:
    """Render any error: a sentence that says what to do, as JSON for scripts, as a page otherwise."""
    key, values, status = _spelled(error)
    pages = pages_of(request)
    message = pages.desk.t(key, pages.language(request), **values)
    if wants_json(request):
        return JSONResponse({"error": key, "message": message}, status_code=status)
    if isinstance(error, PinNeeded) and request.method == "GET":
        asked = request.query_params.get("lang", "")
        more = {"lang": asked} if asked in set(Lang) else {}
        query = urlencode({"next": request.url.path, **more}, safe="/")
        return RedirectResponse(f"/counter/sign-in?{query}", status_code=303)
    return pages.page(request, "error.html", status=status, message=message, back=_back(request))


def _spelled(error: Exception) -> tuple[str, dict[str, object], int]:
    if isinstance(error, BoxError):
        return error.key, error.values, error.status
    if isinstance(error, HTTPException):
        return _HTTP_SENTENCES.get(error.status_code, "error.bad_input"), {}, error.status_code
    return "error.broken", {}, 500


def _back(request: Request) -> str:
    head = request.url.path.split("/")
    return "/".join(head[:3]) if request.url.path.startswith("/counter/") else "/"
