"""`/calendar/moved/NUMBER`: the due dates that an entry into the calendar moved, court by court, as far as one may see them."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.accounts.edge import ReadDb, Signed
from central.fields import LAST_DAY
from central.recounting import queries as others
from central.web import render
from central.workdays import queries

router = APIRouter(include_in_schema=False, prefix="/calendar")
#: Seconds after which the page of a running recount asks again.
AGAIN = "3"
Day = Annotated[date | None, Query(le=LAST_DAY)]


@router.get("/moved/{number}")
def moved(
    request: Request,
    number: int,
    db: ReadDb,
    actor: Signed,
    *,
    court: Annotated[str, Query(max_length=12)] = "",
    past: Annotated[bool, Query()] = False,
    due: Day = None,
    after: UUID | None = None,
    other_due: Day = None,
    other: UUID | None = None,
    rest_due: Day = None,
    rest: UUID | None = None,
) -> Response:
    """What an entry moved at one court: clocks of petitions, other due dates, and typed days that are rest days now."""
    entered = queries.by_number(db, number if number < 2**31 else 0)
    seen = queries.courts_seen(db, actor)
    chosen = next((each for each in seen if each.code == court), None)
    chosen = chosen or next((each for each in seen if each.id == actor.court_id), None)
    which: dict[str, Any] = {
        "notice_id": entered.notice.id,
        "court_id": chosen.id if chosen else actor.court_id,
    }
    place = queries.After(due, after) if due and after else None
    beside = others.After(other_due, other) if other_due and other else None
    resting = others.After(rest_due, rest) if rest_due and rest else None
    counts = {flag: queries.count_moved(db, actor, past=flag, **which) for flag in (False, True)}
    answer = render.page(
        request,
        "recounting/moved.html",
        entered=entered,
        courts=seen,
        court=chosen,
        past=past,
        counts=counts,
        most=queries.MOST,
        rows=queries.moved(db, actor, past=past, after=place, **which),
        others=others.listed(db, actor, moved=True, after=beside, **which),
        resting=others.listed(db, actor, moved=False, after=resting, **which),
        page_size=queries.PAGE,
    )
    if entered.recount is not None and entered.recount.ended_at is None:
        answer.headers["Refresh"] = AGAIN
    return answer
