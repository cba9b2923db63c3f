"""Worklists: what waits for the person, at the court, below it; narrowed by the address, overdue and nearest first."""

from datetime import date, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from sqlmodel import Session

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, ReadDb, Signed, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.courts import queries as courts
from central.deadlines.levels import Level, shares_of
from central.deadlines.shipped import shipped_rules
from central.desk import queries
from central.petitions import queries as petitions
from central.petitions import worklists
from central.petitions.worklists import Measure, Tab, Wanted
from central.settings import Neglect
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)

#: For so long a registration is new.
NEW = timedelta(days=7)
Word = Annotated[str, Query(max_length=40)]


@router.get("/work")
def work(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    tab: Word = "",
    rule: Word = "",
    level: Word = "",
    handler: Word = "",
    department: Word = "",
    court: Annotated[str, Query(max_length=12)] = "",
    new: bool = False,
    due: date | None = None,
    after: UUID | None = None,
) -> Response:
    """One list with its filters; a filter that cannot be read narrows nothing."""
    chosen = {
        "tab": _tab(actor, tab),
        "rule": rule if rule in _rules() else "",
        "level": level if level in set(Level) else "",
        "handler": handler,
        "department": department,
        "court": court,
        "new": "true" if new else "",
    }
    measure = Measure(court_day(now), shares_of(context_of(request).settings.worklists))
    wanted = _wanted(db, actor, chosen, measure.today)
    place = petitions.AfterDue(due, after) if due and after else None
    rows = worklists.page(
        db, actor=actor, tab=Tab(chosen["tab"]), wanted=wanted, measure=measure, after=place
    )
    shown = {name: value for name, value in chosen.items() if value}
    access.shown(db, by=actor, what="work", keys=[row.id for row in rows], now=now, filter_=shown)
    return render.page(
        request,
        "desk/work.html",
        listed=queries.worked(db, rows, measure, _warns(request, actor)),
        tabs=queries.tabs(db, actor, measure.today),
        chosen=chosen,
        options=_options(db, actor, Tab(chosen["tab"])),
        rules=_rules(),
        levels=list(Level),
        # Ticked petitions become a batch: of the courts below, by those who assign to them.
        may_assign=chosen["tab"] == Tab.BELOW and may(actor, Right.ASSIGN_BATCH),
        today=measure.today,
        page_size=petitions.PAGE,
    )


def _wanted(db: Session, actor: Actor, chosen: dict[str, str], today: date) -> Wanted:
    return Wanted(
        rule=chosen["rule"] or None,
        level=Level(chosen["level"]) if chosen["level"] else None,
        handler_id=_id(chosen["handler"]),
        department_id=_id(chosen["department"]),
        court_id=_court(db, actor, chosen["court"]),
        since=today - NEW if chosen["new"] else None,
    )


def _warns(request: Request, actor: Actor) -> Neglect | None:
    return context_of(request).settings.neglect if may(actor, Right.SEE_NEGLECT) else None


def _rules() -> list[str]:
    return [rule.key for rule in shipped_rules().rules if rule.steers]


def _tab(actor: Actor, wish: str) -> str:
    return str(next((tab for tab in worklists.tabs_of(actor) if tab == wish), Tab.MINE))


def _id(text: str) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None


def _court(db: Session, actor: Actor, code: str) -> UUID | None:
    """Return the court a list is narrowed to; raise `NotFound` for one that is none or out of sight."""
    if not code:
        return None
    found = next((each for each in accounts.visible_courts(db, actor) if each.code == code), None)
    return found.id if found else courts.by_code(db, "-").id


def _options(db: Session, actor: Actor, tab: Tab) -> dict[str, Any]:
    """Return what the filters offer: people and departments of the own court, the courts below."""
    found: dict[str, Any] = {"courts": [], "handlers": [], "departments": []}
    if tab is Tab.BELOW:
        found["courts"] = [each for each in accounts.visible_courts(db, actor) if each.id != actor.court_id]
    if tab is Tab.COURT and actor.court_id is not None:
        people = accounts.active_of(db, actor.court_id)
        found["handlers"] = [one for one in people if Role.HANDLER in one.roles.split(",")]
        found["departments"] = courts.departments(db, actor.court_id)
    return found
