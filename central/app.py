"""The web application: the one file that imports every router."""

import time
from functools import partial

import structlog
from fastapi import FastAPI
from starlette.datastructures import State
from starlette.middleware.gzip import GZipMiddleware
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from central import context as contexts
from central import memory, ops
from central.accounts.edge import is_known
from central.accounts.oidc import provider_of
from central.accounts.routers import everything as accounts
from central.actor import Role
from central.api.document_router import router as api_documents
from central.api.router import router as api
from central.api.search_router import router as api_search
from central.api.sorting_router import router as api_sorting
from central.approvals.router import router as approvals
from central.asks.router import router as asks
from central.batches.router import router as batches
from central.commands.common import rule_book
from central.context import Context
from central.custody.router import router as custody
from central.deadlines.router import router as deadlines
from central.delivery.router import router as delivery
from central.desk.access_router import router as desk_access
from central.desk.petition_router import router as desk_petition
from central.desk.router import router as desk
from central.desk.scan_router import router as desk_scan
from central.desk.work_router import router as desk_work
from central.exports.router import router as exports
from central.fleet.router import router as fleet
from central.followup.router import router as followup
from central.halls.router import router as halls
from central.hot.router import router as hot
from central.instructions.router import router as instructions
from central.intake.router import router as intake
from central.keeping.router import router as keeping
from central.letters.router import router as letters
from central.litigation.router import router as litigation
from central.mailmerge.router import router as mailmerge
from central.matters.router import router as matters
from central.messages.router import router as messages
from central.neglect.router import router as neglect
from central.notifications import router as notices
from central.obligations.router import router as obligations
from central.packaged.router import router as packaged
from central.portal.edge_router import is_held
from central.portal.letter_router import router as portal_letters
from central.portal.review_router import router as portal_review
from central.portal.router import router as portal
from central.portal.satisfaction_router import router as portal_satisfaction
from central.reception.router import router as reception
from central.recounting.router import router as recounting
from central.reviews.router import router as reviews
from central.search.router import router as search
from central.settings import Settings
from central.sorting.quality_router import router as sorting_quality
from central.sorting.router import router as sorting
from central.submitting.routers import everything as submitting
from central.supervision.router import router as supervision
from central.web import error_pages, render, styleguide
from central.web.narrow import Narrow
from central.web.refusals import Refusals
from central.web.security import BODY_BYTES, Guard
from central.web.turns import Turns
from central.wording.router import router as wording
from central.workdays.router import router as workdays

LOG = structlog.get_logger()

_EVERYONE = frozenset(Role)
_DESK = frozenset({Role.REGISTRAR})
_READERS = _DESK | {Role.HANDLER, Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}
_APPROVING = (_READERS - {Role.AUDITOR}) | {Role.COURT_ADMIN}
_KEEPERS = _DESK | {Role.LEADER, Role.SUPERVISOR, Role.AUDITOR}
_HALL = _DESK | {Role.HALL_STAFF, Role.LEADER, Role.COURT_ADMIN, Role.SUPERVISOR}

NAVIGATION = [
    render.NavItem("today", "/today", "today", _EVERYONE),
    render.NavItem("register", "/register", "register", _DESK),
    render.NavItem("assist", "/assist", "pen", _DESK),
    render.NavItem("petitions", "/petitions", "work", _READERS),
    render.NavItem("search", "/search", "search", _READERS),
    render.NavItem("work", "/work", "today", _READERS),
    render.NavItem("asks", "/asks", "mail", _READERS),
    render.NavItem("deliveries", "/deliveries", "send", _DESK | {Role.HANDLER, Role.LEADER}),
    render.NavItem("custody", "/custody", "archive", _DESK | {Role.HANDLER, Role.LEADER}),
    render.NavItem("supervision", "/supervision", "bell", _READERS),
    render.NavItem("obligations", "/obligations", "clock", _KEEPERS),
    render.NavItem("followups", "/followups", "people", _KEEPERS),
    render.NavItem("reviews", "/reviews", "work", _KEEPERS),
    render.NavItem("notifications", "/notifications", "clock", _EVERYONE),
    render.NavItem("mailmerge", "/mailmerge", "mail", _DESK | {Role.HANDLER, Role.LEADER, Role.SUPERVISOR}),
    render.NavItem("batches", "/batches", "send", _READERS),
    render.NavItem("reception", "/reception", "people", _READERS | {Role.HALL_STAFF, Role.COURT_ADMIN}),
    render.NavItem("packages", "/packages", "archive", _READERS),
    render.NavItem("instructions", "/instructions", "pen", frozenset(Role) - {Role.AUDITOR, Role.PETITIONER}),
    render.NavItem("neglect", "/neglect", "clock", frozenset({Role.HANDLER, Role.LEADER, Role.SUPERVISOR})),
    render.NavItem("hot", "/hot", "bell", _KEEPERS),
    render.NavItem(
        "sorting",
        "/sorting/quality",
        "ok",
        frozenset({Role.LEADER, Role.SUPERVISOR, Role.AUDITOR, Role.COURT_ADMIN}),
    ),
    render.NavItem("wording", "/wording", "pen", _READERS | {Role.COURT_ADMIN}),
    render.NavItem("approvals", "/approvals", "check", _APPROVING),
    render.NavItem("exports", "/exports", "download", _READERS),
    render.NavItem("keeping", "/keeping", "archive", _KEEPERS),
    render.NavItem("access", "/access", "lock", frozenset({Role.AUDITOR})),
    render.NavItem("hall", "/hall", "hall", _HALL),
    render.NavItem("calendar", "/calendar", "clock", _EVERYONE),
    render.NavItem("staff", "/staff", "people", frozenset({Role.COURT_ADMIN})),
    render.NavItem("ledgers", "/intake/ledgers", "upload", _DESK | {Role.COURT_ADMIN}),
]

#: Where passwords, one-time codes and receipt codes are tried by whoever comes.
GUESSED = (
    "/login",
    "/login/second",
    "/login/second/passkey",
    "/reset",
    "/track",
    "/track/again",
    "/sign",
    "/screen",
)
GUESS_BYTES = 64 * 2**10
#: Where whoever comes may send a whole file: from a page without script, few at a time.
STRANGERS_FILES = "/submit/files"
#: Anybody may send these too; each writes, and shows a page. They have turns of their own, so no flood of guesses keeps a petition out.
SUBMITTED = ("/submit",)

#: A request is matched against one route after the other: what programs ask for all day stands first.
ROUTERS = (
    ops.router,
    api,
    api_documents,
    api_search,
    api_sorting,
    portal,
    portal_letters,
    letters,
    portal_satisfaction,
    portal_review,
    accounts,
    desk,
    desk_access,
    desk_petition,
    notices.router,
    desk_work,
    search,
    desk_scan,
    deadlines,
    exports,
    matters,
    sorting,
    sorting_quality,
    hot,
    messages,
    neglect,
    followup,
    reviews,
    obligations,
    keeping,
    supervision,
    workdays,
    recounting,
    reception,
    packaged,
    litigation,
    instructions,
    batches,
    mailmerge,
    asks,
    wording,
    approvals,
    delivery,
    custody,
    submitting,
    intake,
    halls,
    fleet,
)


def build(context: Context) -> ASGIApp:
    """Return the application on a built context, with its guard around it."""
    return guarded(routes(context), context)


def guarded(app: FastAPI, context: Context) -> ASGIApp:
    """Return the bare application on a context with its guard around it."""
    settings = context.settings
    narrow = Narrow(app, STRANGERS_FILES, at_once=settings.submitting.uploads_at_once)
    guard = Guard(
        Measured(Turns(Turns(narrow, SUBMITTED), GUESSED)),
        secure=settings.http.secure,
        limits=body_limits(settings),
        names=settings.http.names,
        body_seconds=settings.http.body_seconds,
        is_known=partial(_is_known, context),
    )
    return Refusals(guard)


def _is_known(context: Context, scope: Scope) -> bool:
    """Say whether large bodies are taken: from staff and programs, from petitioners on their own page, and through the narrow door."""
    if scope["path"] == STRANGERS_FILES:
        return True
    return (scope["path"].startswith("/track/") and is_held(context, scope)) or is_known(context, scope)


def body_limits(settings: Settings) -> dict[str, int]:
    """Return the bytes of a body by the beginning of a path (a regular expression), where it brings files."""
    files = settings.documents.max_petition_mb * 2**20 + BODY_BYTES
    return {
        # Those pages alone: what lies below them, as `/track/petition/supplement`, brings photos.
        **{f"{path}$": GUESS_BYTES for path in GUESSED},
        "/intake/": settings.imports.max_file_mb * 2**20,
        f"{STRANGERS_FILES}$": settings.documents.max_file_mb * 2**20 + BODY_BYTES,
        "/register$": files,
        "/track/petition/supplement$": files,
        "/track/petition/review$": files,
        "/track/petition/typed/": files,
        "/verify$": files,
        "/petitions/[^/]+/documents$": files,
        "/api/v1/petitions/[^/]+/documents$": files,
    }


def routes(context: Context) -> FastAPI:
    """Return the bare application: every route, its errors, its static files."""
    app = FastAPI(
        title="Minyi", version="1", docs_url=None, redoc_url=None, openapi_url="/api/v1/openapi.json"
    )
    put(app, context)
    render.NAV[:] = NAVIGATION
    render.UNREAD[:] = [notices.unread]
    for router in ROUTERS:
        app.include_router(router)
    if context.settings.environment != "production":
        app.include_router(styleguide.router)
    # Compressed, for telephones on slow lines. Pages are not: with typed words beside a token their length would tell of it.
    app.mount("/static", GZipMiddleware(StaticFiles(directory=render.STATIC)), name="static")
    error_pages.install(app)
    return app


def put(app: FastAPI, context: Context) -> None:
    """Let an application that serves nobody work on this context from now on."""
    app.state = State({"context": context, "provider": provider_of(context.settings.sso)})


def from_environment() -> ASGIApp:
    """Return the application on the settings in force: the factory for several web processes."""
    memory.close()  # a new process does not inherit it
    settings = Settings()
    return build(contexts.build(settings, rules=rule_book(settings)))


class Measured:
    """Times every request by route, not by address: figures name no petition."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note how long its answer took to begin."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = time.perf_counter()

        async def noted(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", "none")
                # A caller can make up methods, but no series of figures.
                method = scope["method"] if scope["method"] in ops.METHODS else "other"
                labels = (method, route, str(message["status"]))
                ops.REQUESTS.labels(*labels).observe(time.perf_counter() - begun)
            await send(message)

        await self._app(scope, receive, noted)
