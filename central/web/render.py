"""Data becomes a page. Knows no domain: templates, sentences and navigation are found or registered."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup
from starlette.routing import Match

from central import cookies
from central.actor import Actor, Role
from central.fields import clean_text
from central.settings import Http
from central.web import words
from central.web.catalogue import ROOT, catalogue
from shared.clock import court_day
from shared.i18n import Lang

STATIC = Path(__file__).parent / "static"
LANG_COOKIE = "lang"
SIZE_COOKIE = "size"
_YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the staff's navigation, shown to those who have one of `roles`."""

    key: str
    href: str
    icon: str
    roles: frozenset[Role]
    current: bool = False


#: Filled by the application.
NAV: list[NavItem] = []
#: Counts what the person has not read yet, for the top bar; filled by the application.
UNREAD: list[Callable[[Request, Actor], int]] = []


def page(request: Request, template: str, /, status: int = 200, **context: Any) -> HTMLResponse:
    """Return a rendered page. `context` is what the template needs beyond what every page has."""
    response = HTMLResponse(_environment().get_template(template).render(_base(request) | context), status)
    _remember(request, response)
    return response


def refused(key: str) -> str:
    """Return the page of a refusal before any route, in all languages: whose it is is not known yet."""
    words = {
        lang: [catalogue().text(each, lang) for each in (key, "errors.back", "errors.to_home")]
        for lang in Lang
    }
    title = catalogue().text("shell.public_name", Lang.ZH)
    found = _environment().get_template("web/refused.html")
    return found.render(title=title, sentences=words, static=static)


def see_other(url: str) -> RedirectResponse:
    """Return the redirect after a form that was carried out: reload repeats nothing."""
    return RedirectResponse(url, 303)


def lang_of(request: Request) -> Lang:
    """Return the language of the page: asked for in the address, remembered, or the browser's first; Chinese otherwise."""
    for wish in (
        request.query_params.get("lang"),
        cookies.read(request.cookies, _http(request), LANG_COOKIE),
    ):
        if wish in set(Lang):
            return Lang(wish)
    first = request.headers.get("accept-language", "").split(",")[0].strip().lower()
    return Lang.EN if first.startswith("en") else Lang.ZH


def size_of(request: Request) -> str:
    """Return the text size of the petitioner's pages: `normal` or `large`."""
    for wish in (
        request.query_params.get("size"),
        cookies.read(request.cookies, _http(request), SIZE_COOKIE),
    ):
        if wish in {"normal", "large"}:
            return wish
    return "normal"


def with_query(request: Request, **changes: object) -> str:
    """Return the present path with some query parameters set, or taken out where the value is None."""
    query = dict(parse_qsl(request.url.query))
    query |= {name: str(value) for name, value in changes.items() if value is not None}
    kept = {name: value for name, value in query.items() if changes.get(name, value) is not None}
    return request.url.path + ("?" + urlencode(kept) if kept else "")


def same_page(request: Request, **changes: object) -> str:
    """Return the present address with some parameters set; the first page where it can be sent to but not opened."""
    if request.method == "GET" or _opens(request):
        return with_query(request, **changes)
    return "/?" + urlencode({name: str(value) for name, value in changes.items()})


def _opens(request: Request) -> bool:
    scope = dict(request.scope, method="GET")
    return any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)


def _base(request: Request) -> dict[str, Any]:
    lang = lang_of(request)
    actor: Actor | None = getattr(request.state, "actor", None)
    other = Lang.EN if lang is Lang.ZH else Lang.ZH
    return {
        "request": request,
        "lang": lang,
        "t": partial(_text, lang),
        "has": catalogue().has,
        "actor": actor,
        "csrf": getattr(request.state, "csrf", ""),
        "nav": _nav(actor, request.url.path),
        "static": static,
        "path": request.url.path,
        "query": partial(with_query, request),
        "other_lang_url": same_page(request, lang=other),
        "same_page": partial(same_page, request),
        "size": size_of(request),
        "unread": partial(_unread, request, actor),
        "keys": partial(_keys, lang),
        "now_day": court_day(request.app.state.context.clock.now()),
    }


def _unread(request: Request, actor: Actor | None) -> int:
    return sum(count(request, actor) for count in UNREAD) if actor else 0


@cache
def _keys(lang: Lang) -> Markup:
    found = _environment().get_template("web/keys.html").render(t=partial(_text, lang))
    return Markup(found)  # noqa: S704 escaped by our own template # nosec B704


def _text(lang: Lang, key: str, **values: object) -> str:
    """Return a sentence as plain text: what a macro made is escaped already, and the page escapes the sentence as a whole."""
    plain = {name: v.unescape() if isinstance(v, Markup) else v for name, v in values.items()}
    return catalogue().text(key, lang, **plain)


def _nav(actor: Actor | None, path: str) -> list[NavItem]:
    if actor is None:
        return []
    mine = [item for item in NAV if actor.has(*item.roles)]
    return [replace(item, current=path == item.href or path.startswith(item.href + "/")) for item in mine]


def _remember(request: Request, response: HTMLResponse) -> None:
    """Keep an explicit choice of language or text size."""
    for name, allowed in ((LANG_COOKIE, set(Lang)), (SIZE_COOKIE, {"normal", "large"})):
        wish = request.query_params.get(name)
        if wish and wish in allowed:
            cookies.put(response, _http(request), name, wish, life=_YEAR)


def _http(request: Request) -> Http:
    found: Http = request.app.state.context.settings.http
    return found


@cache
def _environment() -> Environment:
    folders = {path.parent.name: FileSystemLoader(path) for path in ROOT.glob("*/templates")}
    environment = Environment(
        loader=PrefixLoader(folders),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,  # else each page asks the disk about a dozen files
    )
    environment.filters.update(date=_date, datetime=_datetime, due=_due, clean=clean_text, number=_number)
    return environment


@pass_context
def _date(context: Context, day: date) -> str:
    if isinstance(day, datetime):  # kept in UTC, where eight hours of each day are still the day before
        day = court_day(day)
    return words.day_words(day, context["now_day"], context["lang"])


@pass_context
def _datetime(context: Context, at: datetime) -> str:
    return words.moment_words(at, context["now_day"], context["lang"])


@pass_context
def _due(context: Context, due_on: date) -> words.DueWords:
    return words.due_words(due_on, context["now_day"], context["lang"])


def _number(value: int) -> str:
    return f"{value:,}"


@cache
def static(name: str) -> str:
    """Return the address of a static file; it changes with the file, so that browsers may keep it for ever."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"


def sentence(request: Request, key: str, values: Mapping[str, object]) -> str:
    """Return the sentence of an error in the language of the request."""
    return catalogue().text(key, lang_of(request), **values)
