"""`/keeping`: what becomes of petitions whose time is over; and the keeping of one petition, with its holds."""

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.casework import looks
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid
from central.keeping import queries, service
from central.keeping.forms import Answer, Because, Propose
from central.keeping.rules import Decision, State, rule_for, schedule, years_after
from central.petitions import queries as petitions
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)

#: Tabs of the page in the order of the course.
TABS = (State.DUE, State.PROPOSED, State.ANNOUNCED, State.ERASED, State.KEPT)


class Place(BaseModel):
    """Which tab of which court's page, and behind which row it goes on."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    state: State = State.DUE
    court: Annotated[str, Query(max_length=12)] = ""
    at: date | None = None
    after: UUID | None = None


def _place(request: Request) -> Place:
    """Return what the address says; what cannot be read is left out, as on other lists."""
    values = dict(request.query_params)
    try:
        return Place.model_validate(values)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return Place.model_validate({name: value for name, value in values.items() if name not in wrong})


@router.get("/keeping")
def overview(request: Request, db: ReadDb, actor: Signed, config: Config, now: Now) -> Response:
    """Petitions of a court by what became of them."""
    return _page(request, db, actor, config, now, _place(request))


@router.post("/keeping/propose")
def propose(
    request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Propose what becomes of the chosen petitions."""
    try:
        service.propose(db, form=Propose.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _again(request, db, actor, config, now, posted, error)
    return render.see_other(f"/keeping?state={State.PROPOSED}")


@router.post("/keeping/agree")
def agree(request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now) -> Response:
    """Agree to the chosen proposals: what is to be erased is erased."""
    return _answer(request, db, actor, posted, config, now, agreed=True)


@router.post("/keeping/refuse")
def refuse(
    request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Send the chosen proposals back."""
    return _answer(request, db, actor, posted, config, now, agreed=False)


@router.get("/petitions/{petition_id}/keeping")
def of_petition(
    request: Request, petition_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now
) -> Response:
    """How long this petition is kept, by which rule, and what holds it."""
    return _one(request, db, petition_id, actor, config, now)


@router.post("/petitions/{petition_id}/keeping/hold")
def hold(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Keep the petition from being erased."""
    return _held(request, petition_id, db, actor, posted, config, now, lift=False)


@router.post("/petitions/{petition_id}/keeping/lift")
def lift(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Lift the hold."""
    return _held(request, petition_id, db, actor, posted, config, now, lift=True)


def _answer(
    request: Request,
    db: WriteDb,
    actor: Actor,
    posted: dict[str, Any],
    config: Config,
    now: Now,
    *,
    agreed: bool,
) -> Response:
    try:
        service.answer(db, form=Answer.model_validate(posted), agree=agreed, by=actor, now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _again(request, db, actor, config, now, posted, error)
    return render.see_other(f"/keeping?state={State.PROPOSED}")


def _again(
    request: Request,
    db: WriteDb,
    actor: Actor,
    config: Config,
    now: Now,
    posted: dict[str, Any],
    error: ValidationError | Invalid | Conflict,
) -> Response:
    """Show the page once more with what was typed; nothing of the lot was carried out."""
    db.rollback()
    place = Place(state=State(posted["state"]) if posted.get("state") in set(TABS) else State.DUE)
    problems = _problems(request, error)
    return _page(request, db, actor, config, now, place, values=posted, problems=problems)


def _page(
    request: Request,
    db: ReadDb,
    actor: Actor,
    config: Config,
    now: Now,
    place: Place,
    *,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    if actor.court_id is None or not may(actor, Right.SEE_KEEPING):
        raise Forbidden("keeping.readers_only")
    court = courts.by_code(db, place.court) if place.court else courts.get(db, actor.court_id)
    behind = queries.After(place.at, place.after) if place.at and place.after else None
    shown = queries.listed(db, actor, court_id=court.id, state=place.state, after=behind)
    context: dict[str, Any] = {
        "shown": shown,
        "court": court,
        "courts": accounts.visible_courts(db, actor),
        "plan": schedule(config.keeping.schedule),
        "own": court.id == actor.court_id,
    }
    rows, narrowed = [each.petition.id for each in shown], {"keeping": place.state}
    access.shown(db, by=actor, what="keeping", keys=rows, now=now, filter_=narrowed)
    return render.page(
        request,
        "keeping/keeping.html",
        status=422 if problems else 200,
        tabs=TABS,
        state=place.state,
        decisions=list(Decision),
        may_propose=may(actor, Right.APPRAISE),
        may_agree=may(actor, Right.AGREE_TO_DISPOSAL),
        page_size=queries.PAGE,
        values=values or {},
        problems=problems or {},
        **context,
    )


def _held(
    request: Request,
    petition_id: UUID,
    db: WriteDb,
    actor: Actor,
    posted: dict[str, Any],
    config: Config,
    now: Now,
    *,
    lift: bool,
) -> Response:
    carry_out = service.lift if lift else service.hold
    try:
        carry_out(db, petition_id=petition_id, form=Because.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        problems = _problems(request, error)
        return _one(request, db, petition_id, actor, config, now, values=posted, problems=problems)
    return render.see_other(f"/petitions/{petition_id}/keeping")


def _one(
    request: Request,
    db: ReadDb,
    petition_id: UUID,
    actor: Actor,
    config: Config,
    now: Now,
    *,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    petition = petitions.get(db, petition_id, actor=actor)
    group = queries.group_size(db, petition_id) >= queries.GROUP
    plan = schedule(config.keeping.schedule)
    rule = rule_for(plan, state=petition.state, excused=petition.excuse is not None, group=group)
    years = rule.years if rule else None
    over = years_after(court_day(petition.closed_at), years) if petition.closed_at and years else None
    holds, course = queries.holds(db, petition_id), queries.of_petition(db, petition_id)
    people = {each for row in holds for each in (row.placed_by, row.lifted_by)}
    people |= {each for row in course for each in (row.proposed_by, row.decided_by)}
    context: dict[str, Any] = {
        "rule": rule,
        "version": plan.version,
        "over": over,
        "holds": holds,
        "course": course,
        "names": accounts.names(db, {each for each in people if each}),
        "may_hold": may(actor, Right.HOLD) and petition.erased_at is None,
        "running": queries.running_hold(db, petition_id),
    }
    looks.opened(db, petition, by=actor, now=now, what="keeping")
    return render.page(
        request,
        "keeping/petition.html",
        status=422 if problems else 200,
        petition=petition,
        values=values or {},
        problems=problems or {},
        **context,
    )


def _problems(request: Request, error: ValidationError | Invalid | Conflict) -> dict[str, str]:
    if isinstance(error, Invalid):
        return {error.field: render.sentence(request, error.key, error.values)}
    if isinstance(error, Conflict):
        return {"ids": render.sentence(request, error.key, error.values)}
    found: dict[str, str] = {}
    for each in error.errors():
        inner = each.get("ctx", {}).get("error")
        if isinstance(inner, Invalid):
            return _problems(request, inner)
        name = str(each["loc"][0]) if each["loc"] else "ids"
        key = {"ids": "keeping.choose_some", "years": "keeping.years_needed", "words": "keeping.words_needed"}
        found[name] = render.sentence(request, key.get(name, "keeping.choose_what"), {})
    return found
