"""`/calendar`: a year for everybody; notices and single days for an admin of the high court; the due dates that moved."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.accounts.edge import Now, ReadDb, Signed
from central.accounts.permissions import keeps_calendar
from central.deadlines import in_force
from central.fields import LAST_DAY
from central.web import render
from central.workdays import queries
from central.workdays.drafts import FIRST_YEAR, LAST_YEAR
from central.workdays.entry_router import router as entry
from central.workdays.year import year_of
from shared.clock import court_day

router = APIRouter(include_in_schema=False, prefix="/calendar")
router.include_router(entry)
#: Seconds after which the page of a running recount asks again.
AGAIN = "3"
Asked = Annotated[int | None, Query(ge=FIRST_YEAR, le=LAST_YEAR)]


@router.get("")
def show(request: Request, db: ReadDb, actor: Signed, now: Now, year: Asked = None) -> Response:
    """One year: its months, holidays and worked weekends, and what was entered for it."""
    chosen = year or court_day(now).year
    found = in_force.in_force(db)
    return render.page(
        request,
        "workdays/calendar.html",
        shown=year_of(found, chosen),
        version=found.calendar.version,
        entries=queries.of_year(db, chosen),
        may_keep=keeps_calendar(actor),
        first=FIRST_YEAR,
        last=LAST_YEAR,
    )


@router.get("/moved/{number}")
def moved(
    request: Request,
    number: int,
    db: ReadDb,
    actor: Signed,
    *,
    court: Annotated[str, Query(max_length=12)] = "",
    past: Annotated[bool, Query()] = False,
    due: Annotated[date | None, Query(le=LAST_DAY)] = None,
    after: UUID | None = None,
) -> Response:
    """The due dates of one court that an entry moved, as far as one may see the petitions."""
    entered = queries.by_number(db, number if number < 2**31 else 0)
    seen = queries.courts_seen(db, actor)
    chosen = next((each for each in seen if each.code == court), None)
    chosen = chosen or next((each for each in seen if each.id == actor.court_id), None)
    which: dict[str, Any] = {
        "notice_id": entered.notice.id,
        "court_id": chosen.id if chosen else actor.court_id,
    }
    place = queries.After(due, after) if due and after else None
    counts = {flag: queries.count_moved(db, actor, past=flag, **which) for flag in (False, True)}
    answer = render.page(
        request,
        "workdays/moved.html",
        entered=entered,
        courts=seen,
        court=chosen,
        past=past,
        counts=counts,
        most=queries.MOST,
        rows=queries.moved(db, actor, past=past, after=place, **which),
        page_size=queries.PAGE,
    )
    if entered.recount is not None and entered.recount.ended_at is None:
        answer.headers["Refresh"] = AGAIN
    return answer
