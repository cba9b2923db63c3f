"""`/calendar`: a year for everybody; notices and single days for an admin of the high court."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.accounts.edge import Now, ReadDb, Signed
from central.accounts.permissions import keeps_calendar
from central.deadlines import in_force
from central.web import render
from central.workdays import queries
from central.workdays.drafts import FIRST_YEAR, LAST_YEAR
from central.workdays.entry_router import router as entry
from central.workdays.year import year_of
from shared.clock import court_day

router = APIRouter(include_in_schema=False, prefix="/calendar")
router.include_router(entry)
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
