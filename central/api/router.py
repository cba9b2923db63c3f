"""Register, list, get, act, receipts, events: the same services as the pages, behind JSON and a token."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response

from central import fields
from central.access import service as access
from central.access.forms import GiveReason, of_header
from central.accounts.edge import Bearer, Now, ReadDb, WriteDb
from central.actor import Role
from central.api import once, problems, schemas
from central.api.paging import after_of, cursor_of
from central.api.problems import only_json
from central.casework import acts, looks
from central.casework import queries as casework
from central.courts import queries as courts
from central.petitions import forms, queries, service
from central.petitions.models import Channel
from central.petitions.numbering import shown_code
from central.petitions.states import State
from central.sorting import ahead
from central.sorting import forms as sorting_forms
from central.sorting import service as sorting
from central.sorting.queries import category_of, of_petition

router = APIRouter(
    prefix="/api/v1", tags=["petitions"], responses=problems.RESPONSES, dependencies=[Depends(only_json)]
)

Once = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=200, description="sent again, it registers once"
    ),
]


Reason = Annotated[
    str | None,
    Header(
        alias="Access-Reason",
        max_length=1000,
        description="why, for a petition that is not the caller's own work: supervision, audit, asked, standing_in, "
        "same_matter or other; words behind a semicolon, percent-encoded. It holds for eight hours",
    ),
]


def given(reason: str | None) -> GiveReason | None:
    """Return the reason of the header, if one was sent."""
    return of_header(reason) if reason else None


def _meant(request: Request, actor: Bearer, form: schemas.Register) -> schemas.Register:
    if actor.has(Role.REGISTRAR) and form.category is not None:
        ahead.ask(request, form.subject, form.text)
    return form


@router.post(
    "/petitions",
    status_code=201,
    responses={200: {"model": schemas.Registered, "description": "registered earlier with the same key"}},
)
def register(
    request: Request,
    form: Annotated[schemas.Register, Depends(_meant)],
    db: WriteDb,
    actor: Bearer,
    now: Now,
    response: Response,
    key: Once = None,
) -> schemas.Registered:
    """Register a petition at the caller's court. Sent again with the same petition_id or Idempotency-Key, it registers once."""
    form = once.keyed(form, key, actor)
    petition, code = once.register(db, form=form, by=actor, now=now)
    if code is None:
        response.status_code = 200
    elif form.category is not None:
        chosen, ways = sorting_forms.Choose(category=form.category), ahead.ways_of(request)
        sorting.at_registration(db, petition=petition, form=chosen, by=actor, now=now, ways=ways)
    return schemas.Registered(petition=schemas.row(petition), code=shown_code(code) if code else None)


@router.get("/petitions")
def list_petitions(
    db: ReadDb,
    actor: Bearer,
    now: Now,
    *,
    court: Annotated[fields.CourtCode | None, Query(description="court code")] = None,
    state: State | None = None,
    channel: Channel | None = None,
    only_open: bool = False,
    after: Annotated[str | None, Query(description="cursor of the page before", max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> schemas.Page:
    """Return petitions the caller may see, newest first."""
    court_id = courts.by_code(db, court).id if court else None
    filter_ = queries.Filter(court_id=court_id, state=state, channel=channel, only_open=only_open)
    rows = queries.newest(db, actor=actor, filter_=filter_, after=after_of(after), limit=limit)
    following = cursor_of(rows[-1]) if len(rows) == limit else None
    keys = [row.id for row in rows]
    access.shown(
        db,
        by=actor,
        what="api_list",
        keys=keys,
        now=now,
        filter_={"court": court, "state": state, "channel": channel, "only_open": only_open},
    )
    return schemas.Page(items=[schemas.row(row) for row in rows], next=following)


@router.get("/petitions/{petition_id}")
def get_petition(
    petition_id: UUID, db: ReadDb, actor: Bearer, now: Now, reason: Reason = None
) -> schemas.PetitionOut:
    """Return one petition with demands, clocks and reply."""
    found = casework.whole(db, petition_id, actor=actor)
    answer = schemas.whole(found, category_of(of_petition(db, petition_id)))
    looks.opened(db, found.petition, by=actor, now=now, what="api", given=given(reason))
    return answer


@router.get("/petitions/{petition_id}/events")
def get_events(
    petition_id: UUID, db: ReadDb, actor: Bearer, now: Now, reason: Reason = None
) -> list[schemas.EventOut]:
    """Return everything that happened to one petition, in order."""
    found = casework.whole(db, petition_id, actor=actor)
    answer = [schemas.EventOut.model_validate(line) for line in found.timeline]
    looks.opened(db, found.petition, by=actor, now=now, what="api_events", given=given(reason))
    return answer


@router.post("/petitions/{petition_id}/acts")
def act(
    petition_id: UUID, request: schemas.ActRequest, db: WriteDb, actor: Bearer, now: Now
) -> schemas.PetitionOut:
    """Carry out one act of the table (docs/life.md) and return the petition as it stands then."""
    acts.perform(
        db,
        petition_id=petition_id,
        act=schemas.act_of(request.act),
        values=request.fields,
        by=actor,
        now=now,
        version=request.version,
    )
    db.flush()  # what is returned is read back
    found = casework.of(db, queries.found(db, petition_id))
    return schemas.whole(found, category_of(of_petition(db, petition_id)))


@router.post("/petitions/{petition_id}/receipt")
def reissue(
    petition_id: UUID, form: forms.ReissueCode, db: WriteDb, actor: Bearer, now: Now
) -> schemas.Receipt:
    """Give a new secret code after the caller checked who asks; the old code ends."""
    code = service.reissue_code(db, petition_id=petition_id, form=form, by=actor, now=now)
    return schemas.Receipt(number=queries.found(db, petition_id).number, code=shown_code(code))
