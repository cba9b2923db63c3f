"""`/reception`: the roster, one day with its bookings and records, promises, days held; `/receptions`: the published days for everybody."""

from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid
from central.halls import board
from central.reception import booking_router, forms, petition_router, queries, service
from central.reception.queries import PromiseTab, Tab
from central.reception.rules import REQUIRED
from central.supervision import refusals
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
router.include_router(petition_router.router)
Text = Annotated[str, Query(max_length=40)]
Code = Annotated[str, Query(max_length=12)]


@router.get("/receptions")
def published(
    request: Request, db: ReadDb, now: Now, *, court: Code = "", at: Text = "", after: Text = ""
) -> Response:
    """Who receives visitors where and when (Regulation art. 18): for everybody, without a log-in."""
    today = court_day(now)
    chosen = courts.by_code(db, court) if court else None
    shown = queries.published(
        db, today=today, court_id=chosen.id if chosen else None, after=booking_router.place(at, after)
    )
    return render.page(
        request,
        "reception/public.html",
        shown=shown,
        courts=courts.everything(db),
        court=court,
        page_size=queries.PAGE,
        hours=_hours,
    )


@router.get("/reception")
def roster(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    tab: Text = "",
    court: Code = "",
    at: Text = "",
    after: Text = "",
) -> Response:
    """Days of the person's court and the courts in sight."""
    _readers(actor)
    known = Tab(tab) if tab in set(Tab) else Tab.COMING
    chosen = courts.by_code(db, court) if court else None
    shown = queries.listed(
        db,
        actor,
        tab=known,
        today=court_day(now),
        court_id=chosen.id if chosen else None,
        after=booking_router.place(at, after),
    )
    return render.page(
        request,
        "reception/roster.html",
        shown=shown,
        tab=known,
        tabs=list(Tab),
        court=court,
        courts=accounts.visible_courts(db, actor),
        may_plan=may(actor, Right.PLAN_RECEPTION),
        page_size=queries.PAGE,
        hours=_hours,
    )


@router.get("/reception/promises")
def promises(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, tab: Text = "", at: Text = "", after: Text = ""
) -> Response:
    """What was promised at receptions: open, late, settled."""
    _readers(actor)
    known, today = PromiseTab(tab) if tab in set(PromiseTab) else PromiseTab.OPEN, court_day(now)
    shown = queries.promised(db, actor, tab=known, today=today, after=booking_router.place(at, after))
    context: dict[str, Any] = {
        "shown": shown,
        "counts": queries.promise_counts(db, actor, today=today),
        "names": accounts.names(db, {each.row.person_id for each in shown}),
        "courts": {each.id: each for each in courts.some(db, {one.row.court_id for one in shown})},
    }
    keys = [each.petition.id for each in shown]
    access.shown(db, by=actor, what="promises", keys=keys, now=now, filter_={"tab": str(known)})
    return render.page(
        request,
        "reception/promises.html",
        tab=known,
        tabs=list(PromiseTab),
        page_size=queries.PAGE,
        **context,
    )


@router.get("/reception/leaders")
def leaders(
    request: Request, db: ReadDb, actor: Signed, now: Now, *, court: Code = "", year: Text = ""
) -> Response:
    """Days on which each leader of a court received visitors in a year, against the number that is asked for."""
    _readers(actor)
    visible = accounts.visible_courts(db, actor)
    chosen = next((each for each in visible if each.code == court), None)
    chosen = chosen or next((each for each in visible if each.id == actor.court_id), None)
    this = court_day(now).year
    known = int(year) if year.isdecimal() and year.isascii() and 2000 <= int(year) <= this else this
    return render.page(
        request,
        "reception/leaders.html",
        rows=queries.held(db, chosen.id, known) if chosen else [],
        court=chosen,
        courts=visible,
        year=known,
        this_year=this,
        required=REQUIRED,
    )


@router.get("/reception/new")
def ask(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The form of a day on the roster."""
    return _new(
        request, db, actor, {"day": court_day(now).isoformat(), "slot_minutes": "30", "per_slot": "1"}, {}
    )


@router.post("/reception")
def plan(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Put a day on the roster."""
    try:
        row = service.plan(db, form=forms.Plan.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _new(request, db, actor, posted, refusals.problems(error, partial(render.sentence, request)))
    except Conflict as error:
        db.rollback()
        return _new(
            request, db, actor, posted, {"start": render.sentence(request, error.key, error.values)}, 409
        )
    return render.see_other(f"/reception/{row.id}")


def _new(
    request: Request,
    s: Session,
    actor: Actor,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    if actor.court_id is None or not may(actor, Right.PLAN_RECEPTION):
        raise Forbidden("reception.planners_only")
    return render.page(
        request,
        "reception/new.html",
        status=status if problems else 200,
        values=values,
        problems=problems,
        leaders=[(str(one.id), one.name) for one in accounts.with_role(s, actor.court_id, Role.LEADER)],
    )


def _readers(actor: Actor) -> None:
    if not may(actor, Right.SEE_RECEPTION):
        raise Forbidden("reception.readers_only")


def _hours(row: Any) -> str:
    return f"{board.time_of_day(row.opens_at)}–{board.time_of_day(row.closes_at)}"


# Behind the pages above: `/reception/{day_id}` would take their names for days.
router.include_router(booking_router.router)
