"""`/hot`: issues of a quarter with what, where, how many, since when and how they grew; each opens to the petitions behind it."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, ReadDb, Signed
from central.accounts.permissions import Right, may
from central.courts import queries as courts
from central.errors import Forbidden, NotFound
from central.hot import queries
from central.hot.rules import Quarter, latest, running
from central.hot.service import QUARTERS
from central.web import render
from shared.clock import court_day

router = APIRouter(prefix="/hot", include_in_schema=False)
#: Of the drawing.
WIDTH, HEIGHT, MOST_BARS = 600, 18, 12


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the drawing."""

    words: str
    count: int
    width: int
    y: int


@router.get("")
def page(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    period: Annotated[str, Query(max_length=8)] = "",
    court: Annotated[str, Query(max_length=12)] = "",
) -> Response:
    """The issues of a quarter."""
    if not may(actor, Right.SEE_HOT):
        raise Forbidden("hot.readers_only")
    known = latest(court_day(now), QUARTERS)
    quarter = next((each for each in known if str(each) == period), known[0])
    found = queries.listed(db, actor=actor, quarter=quarter, court=court)
    run = queries.run_of(db, quarter)
    visible = accounts.visible_courts(db, actor)
    filter_ = {"period": str(quarter), "court": court}
    access.shown(db, by=actor, what="hot", keys=[each.id for each in found], now=now, filter_=filter_)
    return render.page(
        request,
        "hot/list.html",
        issues=found,
        bars=bars(found),
        width=WIDTH,
        height=HEIGHT,
        quarter=quarter,
        quarters=known,
        courts=visible,
        court=court,
        run=run,
    )


@router.get("/{issue_id}")
def one(request: Request, issue_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The petitions behind an issue, those the person may see."""
    if not may(actor, Right.SEE_HOT):
        raise Forbidden("hot.readers_only")
    quarter = _quarter(db, issue_id)
    issue = next(
        (each for each in queries.listed(db, actor=actor, quarter=quarter) if each.id == issue_id), None
    )
    if issue is None:
        raise NotFound
    rows = queries.behind(db, issue_id, actor=actor)
    days = queries.weeks(db, issue_id, actor=actor)
    places = {row.id: row for row in courts.some(db, {row.court_id for row in rows})}
    access.shown(
        db, by=actor, what="hot", keys=[row.id for row in rows], now=now, filter_={"issue": issue_id.hex}
    )
    return render.page(
        request,
        "hot/issue.html",
        issue=issue,
        rows=rows,
        places=places,
        weeks=by_week(days, quarter),
        quarter=quarter,
        page_size=queries.PAGE,
    )


def _quarter(s: ReadDb, issue_id: UUID) -> Quarter:
    row = queries.issue(s, issue_id)
    if row is None:
        raise NotFound
    year, _, number = row.quarter.partition("Q")
    return Quarter(int(year), int(number))


def bars(issues: list[queries.Issue]) -> list[Bar]:
    """Return the largest issues as bars."""
    most = max((each.count for each in issues), default=1)
    return [
        Bar(" ".join(each.words[:2]), each.count, round(each.count / most * WIDTH * 0.55), i * (HEIGHT + 6))
        for i, each in enumerate(issues[:MOST_BARS])
    ]


def by_week(days: list[date], quarter: Quarter) -> list[tuple[date, int]]:
    """Return weeks of the quarter with how many came by their end, the running total, where it tells nobody's few."""
    counted = Counter((day - quarter.first).days // 7 for day in days)
    weeks = [(quarter.first + timedelta(days=7 * week), counted[week]) for week in range(14)]
    return running([each for each in weeks if each[0] <= quarter.last])
