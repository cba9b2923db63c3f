"""`/followups`: what waits for a call-back, what waits for the decision of a third person, and what petitioners said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, ReadDb, Signed
from central.accounts.permissions import Right, may
from central.courts.queries import Listed
from central.errors import Forbidden
from central.followup import queries
from central.followup.queries import Waiting, Wanted
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.web import render
from shared.clock import COURT_ZONE, court_day

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Tab:
    """One list with how many wait in it."""

    what: Waiting
    count: int
    overdue: int


@router.get("/followups")
def page(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    what: Annotated[str, Query(max_length=12)] = "",
    court: Annotated[str, Query(max_length=12)] = "",
    only: Annotated[str, Query(max_length=12)] = "",
    due: date | None = None,
    after: UUID | None = None,
) -> Response:
    """One list; a filter that cannot be read narrows nothing."""
    if not may(actor, Right.SEE_FOLLOW_UPS):
        raise Forbidden("followup.not_yours")
    today = court_day(now)
    seen = accounts.visible_courts(db, actor)
    chosen = next((each for each in seen if each.code == court), None)
    court_id = chosen.id if chosen else None
    tabs = [
        Tab(
            each,
            queries.count(db, actor=actor, what=each, wanted=Wanted(court_id)),
            queries.count(db, actor=actor, what=each, wanted=Wanted(court_id, today)),
        )
        for each in Waiting
    ]
    here = Waiting(what) if what in set(Waiting) else _first(tabs, overdue=only == "overdue")
    wanted = Wanted(court_id, today if only == "overdue" else None)
    place = petitions.AfterDue(due, after) if due and after else None
    rows = queries.waiting(db, actor=actor, what=here, wanted=wanted, after=place)
    shown = {"what": here.value, "court": chosen.code if chosen else "", "only": only}
    access.shown(
        db,
        by=actor,
        what="followups",
        keys=[row.id for row in rows],
        now=now,
        filter_={name: value for name, value in shown.items() if value},
    )
    return _shown(
        request, db, actor, today, seen=seen, tabs=tabs, here=here, chosen=chosen, rows=rows, shown=shown
    )


def _first(tabs: Sequence[Tab], *, overdue: bool) -> Waiting:
    """Return the first list in which anything waits: a leader's decision is not to hide behind an empty list of calls."""
    return next((each.what for each in tabs if (each.overdue if overdue else each.count)), Waiting.CALL)


def _shown(
    request: Request,
    db: ReadDb,
    actor: Signed,
    today: date,
    *,
    seen: Sequence[Listed],
    tabs: Sequence[Tab],
    here: Waiting,
    chosen: Listed | None,
    rows: Sequence[Petition],
    shown: dict[str, str],
) -> Response:
    at = chosen or next((each for each in seen if each.id == actor.court_id), None)
    return render.page(
        request,
        "followup/page.html",
        rows=rows,
        courts={each.id: each for each in seen},
        names=accounts.names(db, {row.next_person_id for row in rows if row.next_person_id}),
        tabs=tabs,
        what=here,
        chosen=shown,
        listed_courts=seen if len(seen) > 1 else [],
        at=at,
        year=today.year,
        figures=_figures(db, actor, at, today),
        page_size=petitions.PAGE,
    )


def _figures(db: ReadDb, actor: Signed, at: Listed | None, today: date) -> queries.Figures | None:
    if at is None:
        return None
    since = datetime.combine(date(today.year, 1, 1), time(0), COURT_ZONE)
    return queries.figures(db, actor=actor, court_id=at.id, since=since)
