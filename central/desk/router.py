"""Today, lists, registration."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central import fields
from central.access import service as access
from central.access.models import Look
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.casework import documents
from central.casework.uploads import Files, Kept
from central.courts import queries as courts
from central.custody import forms as custody_forms
from central.custody import service as custody
from central.deadlines.kinds import PetitionKind
from central.deadlines.levels import shares_of
from central.desk import document_router, doubts, queries, refusals
from central.desk import fields as field_specs
from central.desk.fields import Choice
from central.documents.service import Prepared, Store
from central.errors import Forbidden, Invalid, NotFound
from central.petitions import forms, service
from central.petitions import queries as petitions
from central.petitions.invariants import INVARIANTS
from central.petitions.models import Channel, Petition
from central.petitions.numbering import parse_number, shown_code
from central.petitions.papers import Paper
from central.petitions.states import State
from central.petitions.worklists import Measure
from central.sorting import ahead, scheme
from central.sorting import forms as sorting_forms
from central.sorting import service as sorting
from central.supervision.today import waiting
from central.web import render
from shared.clock import court_day
from shared.ids import new_id

router = APIRouter(include_in_schema=False)
#: Longest phone or identity number that is looked up.
MOST_CONTACT = 60


@router.get("/today")
def today(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    due: date | None = None,
    after: UUID | None = None,
) -> Response:
    """The person's worklist, under the court's invariants."""
    place = petitions.AfterDue(due, after) if due and after else None
    measure = Measure(court_day(now), shares_of(context_of(request).settings.worklists))
    work = queries.work(db, actor, after=place, measure=measure)
    tiles = queries.tiles(db, actor) if may(actor, Right.SEE_INVARIANTS) else []
    access.shown(db, by=actor, what="today", keys=_ids(work.listed.rows), now=now)
    return render.page(
        request,
        "desk/today.html",
        tiles=tiles,
        work=work,
        tabs=queries.tabs(db, actor, measure.today),
        waiting=waiting(db, queries.lines(actor, measure.today)),
        today=court_day(now),
        page_size=petitions.PAGE,
    )


@router.get("/petitions")
def newest(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    court: Annotated[str, Query(max_length=12)] = "",
    state: Annotated[str, Query(max_length=24)] = "",
    channel: Annotated[str, Query(max_length=12)] = "",
    only_open: bool = False,
    overdue: bool = False,
    at: str = "",
    after: UUID | None = None,
) -> Response:
    """Petitions the person may see, newest first. Filters stay in the address."""
    filter_ = petitions.Filter(
        court_id=courts.by_code(db, court).id if court else None,
        state=State(state) if state in set(State) else None,
        channel=channel if channel in set(Channel) else None,
        only_open=only_open,
        overdue_on=court_day(now) if overdue else None,
    )
    rows = petitions.newest(db, actor=actor, filter_=filter_, after=_place(at, after))
    listed, visible = queries.listed(db, rows), accounts.visible_courts(db, actor)
    chosen: dict[str, Any] = {
        "court": court,
        "state": state,
        "channel": channel,
        "only_open": only_open,
        "overdue": overdue,
    }
    access.shown(db, by=actor, what="list", keys=_ids(rows), now=now, filter_=chosen)
    return render.page(
        request,
        "desk/petitions.html",
        listed=listed,
        courts=visible,
        chosen=chosen,
        states=list(State),
        channels=list(Channel),
        today=court_day(now),
        page_size=petitions.PAGE,
    )


def _ids(rows: Sequence[Petition]) -> list[UUID]:
    return [row.id for row in rows]


def _place(at: str, after: UUID | None) -> petitions.After | None:
    """Return the key a page goes on behind; one that cannot be read starts at the top."""
    moment = fields.moment_of(at)
    return petitions.After(moment, after) if moment and after else None


@router.get("/find")
def find(db: ReadDb, actor: Signed, now: Now, q: Annotated[str, Query(max_length=60)] = "") -> Response:
    """Go to the petition with a receipt number. What was typed and is no number is not written down: it may be a name."""
    number = parse_number(q, province=actor.court_code[:1])
    found = petitions.visible_number(db, number, actor=actor) if number else None
    keys = [found] if found else []
    access.shown(
        db, by=actor, what="number", keys=keys, now=now, how=Look.SEARCHED, filter_={"number": number}
    )
    if found is None:
        raise NotFound("desk.number_not_found", number=q)
    return render.see_other(f"/petitions/{found}")


@router.post("/petitions/contact")
def contact(request: Request, db: ReadDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Petitions with a phone or identity number. It is posted: neither addresses nor logs hold it, nor does the record of the look."""
    value = str(posted.get("contact", "")).strip()[:MOST_CONTACT]
    found = petitions.with_contact(db, value, actor=actor) if value else []
    access.shown(db, by=actor, what="contact", keys=_ids(found), now=now, how=Look.SEARCHED)
    return render.page(
        request,
        "desk/contact.html",
        listed=queries.listed(db, found),
        several=len(accounts.visible_courts(db, actor)) > 1,
        page_size=petitions.PAGE,
        today=court_day(now),
    )


@router.get("/invariants/{number}")
def invariant(request: Request, number: int, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The petitions behind the count of an invariant."""
    if not may(actor, Right.SEE_INVARIANTS):
        raise Forbidden("desk.invariants_only")
    known = next((each for each in INVARIANTS if each.number == number), None)
    if known is None:
        raise NotFound
    rows = petitions.breaking(db, known, actor=actor)
    listed, tile = queries.listed(db, rows), queries.tiles(db, actor)[number - 1]
    access.shown(db, by=actor, what="invariant", keys=_ids(rows), now=now, filter_={"invariant": known.key})
    return render.page(
        request,
        "desk/invariant.html",
        invariant=known,
        listed=listed,
        tile=tile,
        today=court_day(now),
    )


@dataclass(frozen=True, slots=True)
class Taking:
    """What a registration from a scan adds: files of its own, what is noted when it is done, what stands beside the form."""

    more: Callable[[], list[Prepared]] = list
    done: Callable[[UUID], None] = lambda _: None
    beside: Mapping[str, Any] = field(default_factory=dict)


@router.get("/register")
def register_form(request: Request, actor: Signed, now: Now, channel: str = "letter") -> Response:
    """The short form."""
    _registrars_only(actor.has(Role.REGISTRAR))
    return register_page(request, start_values(channel, now), {})


def start_values(channel: str, now: datetime) -> dict[str, Any]:
    """Return what stands in an empty form."""
    values = {"petition_id": str(new_id()), "channel": channel, "received_on": court_day(now).isoformat()}
    return values | {"id_kind": str(Paper.CITIZEN)}


@router.post("/register", dependencies=[Depends(ahead.of_form)])
def register(
    request: Request,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    files: Files,
    store: Kept,
    now: Now,
) -> Response:
    """Take the petition in and show its number and code, this once. A file that is refused keeps no petition out."""
    return take(request, db, actor, posted, files, store, now, Taking())


def take(
    request: Request,
    db: Session,
    actor: Actor,
    posted: dict[str, Any],
    files: Files,
    store: Store,
    now: datetime,
    taking: Taking,
) -> Response:
    """Register what a form says, on its own or beside a scan."""
    _registrars_only(actor.has(Role.REGISTRAR))
    posted = forms.gathered(posted)
    typed, paper = custody_forms.taken_out(posted)
    typed, category = sorting_forms.taken_out(typed)
    try:
        form = forms.Register.model_validate(typed)
        came = custody_forms.Receive.model_validate(paper) if paper.get("pages") else None
        chosen = sorting_forms.Choose.model_validate(category) if category.get("category") else None
        good, refused = documents.prepared(files, store.limits)
        good += taking.more()
        done = service.register(db, form=form, by=actor, now=now)
        if came is not None and done.code is not None:
            custody.receive(db, petition_id=done.petition.id, form=came, by=actor, now=now)
        if chosen is not None and done.code is not None:
            ways = ahead.ways_of(request)
            sorting.at_registration(db, petition=done.petition, form=chosen, by=actor, now=now, ways=ways)
    except (ValidationError, Invalid) as error:
        db.rollback()
        problems = _of_paper(error, refusals.problems(error, partial(render.sentence, request)))
        return register_page(request, posted, problems, status=422, **taking.beside)
    taking.done(done.petition.id)
    kept, late = documents.attach(
        db, store=store, petition_id=done.petition.id, files=good, by=actor, now=now
    )
    code = shown_code(done.code) if done.code else None
    context: dict[str, Any] = {
        "petition": done.petition,
        "code": code,
        "again": code is None,
        "reissued": False,
    }
    context |= {"kept": kept, "refused": document_router.refused_lines(request, refused + late)}
    context |= doubts.of_form(db, form, today=court_day(now))
    return render.page(request, "desk/registered.html", status=201, **context)


def _of_paper(error: ValidationError | Invalid, found: dict[str, str]) -> dict[str, str]:
    """Return the sentences with those about paper under the names of the form."""
    key = error.key if isinstance(error, Invalid) else ""
    about = isinstance(error, ValidationError) and error.title == custody_forms.Receive.__name__
    if not (about or key.startswith("custody.")):
        return found
    return {custody_forms.PREFIX + name: sentence for name, sentence in found.items()}


def register_page(
    request: Request,
    values: dict[str, Any],
    problems: dict[str, str],
    status: int = 200,
    *,
    template: str = "desk/register.html",
    action: str = "/register",
    **beside: Any,
) -> Response:
    """Return the form, alone or beside what `template` shows."""
    return render.page(
        request,
        template,
        status=status,
        action=action,
        **beside,
        values=values,
        people=values.get("people", []),
        problems=problems,
        channels=[each for each in Channel if each is not Channel.ONLINE],
        papers=[Choice(""), *(Choice(each, f"petitions.paper.{each}") for each in Paper)],
        kinds=[Choice(each, f"deadlines.kind.{each}") for each in PetitionKind],
        categories=list(scheme.current().categories.values()),
        reach=field_specs.describe(forms.Reachable)[3:],
        most_mb=context_of(request).settings.documents.max_file_mb,
    )


def _registrars_only(allowed: bool) -> None:  # noqa: FBT001 a plain condition
    if not allowed:
        raise Forbidden("desk.registrars_only")
