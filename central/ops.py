"""For those who run it: is it alive, is it ready, how is it doing."""

from math import nan

from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest
from sqlalchemy import text

from central.accounts.edge import context_of
from central.copies import told
from central.db import at_head

router = APIRouter(include_in_schema=False)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Histogram(
    "minyi_request_seconds", "Time to answer, by route and status", ["method", "route", "status"]
)
COMMITS = Counter("minyi_commits_total", "Units of work committed by requests")
HALL_EVENTS = Counter("minyi_hall_events_total", "Hall events by verdict", ["verdict"])
BEHIND = Gauge(
    "minyi_copies_behind_seconds", "Age of the newest state in the continuous copies; NaN: none are made"
)
BROKEN = Gauge("minyi_invariant_broken", "Petitions breaking an invariant at the last check", ["number"])


@router.get("/healthz")
def healthz() -> dict[str, str]:
    """Say that the process answers; touches nothing else."""
    return {"status": "ok"}


@router.get("/readyz")
def readyz(request: Request, response: Response) -> dict[str, str]:
    """Say whether requests can be served: database there, schema the one this program knows."""
    try:
        # A reader: on SQLite it does not wait for the one writer.
        with context_of(request).read() as s:
            connection = s.connection()
            connection.execute(text("SELECT 1"))
            ready = at_head(connection)
    except Exception as error:  # noqa: BLE001 whatever is wrong with the database, the answer is the same
        response.status_code = 503
        return {"status": "unavailable", "database": type(error).__name__}
    response.status_code = 200 if ready else 503
    return {"status": "ok" if ready else "unavailable", "schema": "current" if ready else "outdated"}


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """Return the figures in Prometheus' text format. They name routes and counts, nobody's petition."""
    context = context_of(request)
    last = told.read(context.settings.data)
    BEHIND.set(nan if last is None else (context.clock.now() - last.until).total_seconds())
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
