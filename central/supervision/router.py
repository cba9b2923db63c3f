"""`/supervision`: orders by what is to be done about them, and one order about several petitions at once."""

from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, ValidationError

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid
from central.supervision import petition_router, queries, refusals, service
from central.supervision.forms import Orders
from central.supervision.periods import Use, shipped
from central.supervision.queries import Tab
from central.supervision.states import Reason
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
router.include_router(petition_router.router)


class Place(BaseModel):
    """Which tab, narrowed how, behind which row; what cannot be read is left out."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    tab: Tab = Tab.ANSWER
    court: Annotated[str, Query(max_length=12)] = ""
    reason: Annotated[str, Query(max_length=20)] = ""
    due: date | None = None
    at: datetime | None = None
    after: UUID | None = None

    @property
    def behind(self) -> queries.After | None:
        """The row behind which the page goes on."""
        if self.after is None or (self.at is not None and self.at.tzinfo is None):
            return None
        return queries.After(self.after, self.due, self.at)


def place_of(request: Request) -> Place:
    """Return what the address says, without what cannot be read."""
    values = dict(request.query_params)
    try:
        return Place.model_validate(values)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return Place.model_validate({name: value for name, value in values.items() if name not in wrong})


@router.get("/supervision")
def overview(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """Orders about petitions the person may see, by tab."""
    if not may(actor, Right.SEE_SUPERVISION):
        raise Forbidden("supervision.readers_only")
    place, today = place_of(request), court_day(now)
    court = courts.by_code(db, place.court) if place.court else None
    reason = place.reason if place.reason in set(Reason) else ""
    narrowed = queries.Narrowed(court.id if court else None, reason)
    shown = queries.listed(db, actor, tab=place.tab, today=today, narrowed=narrowed, after=place.behind)
    context: dict[str, Any] = {
        "shown": shown,
        "counts": queries.counts(db, actor, today=today, narrowed=narrowed),
        "courts": accounts.visible_courts(db, actor),
    }
    chosen = {"tab": str(place.tab), "court": place.court, "reason": reason}
    keys = [each.petition.id for each in shown]
    access.shown(db, by=actor, what="supervision", keys=keys, now=now, filter_=chosen)
    return render.page(
        request,
        "supervision/list.html",
        tab=place.tab,
        tabs=list(Tab),
        reasons=list(Reason),
        chosen=chosen,
        page_size=queries.PAGE,
        may_order=may(actor, Right.SUPERVISE),
        **context,
    )


@router.get("/supervision/new")
def ask(request: Request, actor: Signed) -> Response:
    """The form of one order about several petitions."""
    return _new(request, actor_may=may(actor, Right.SUPERVISE), values={}, problems={})


@router.post("/supervision")
def order(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Give the order about each petition, all or none."""
    try:
        service.order_several(db, form=Orders.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        found = refusals.problems(error, partial(render.sentence, request))
        return _new(request, actor_may=may(actor, Right.SUPERVISE), values=posted, problems=found)
    except Conflict as error:
        db.rollback()
        found = {"numbers": render.sentence(request, error.key, error.values)}
        return _new(request, actor_may=True, values=posted, problems=found, status=409)
    return render.see_other("/supervision")


def _new(
    request: Request,
    *,
    actor_may: bool,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 422,
) -> Response:
    if not actor_may:
        raise Forbidden("supervision.supervisors_only")
    return render.page(
        request,
        "supervision/new.html",
        status=status if problems else 200,
        values=values,
        problems=problems,
        reasons=list(Reason),
        periods=shipped().of(Use.ORDER),
    )
