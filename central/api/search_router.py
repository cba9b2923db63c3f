"""Full text search behind JSON and a token: the same service as the page."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request

from central import fields
from central.access import service as access
from central.access.models import Look
from central.accounts.edge import Bearer, Now, ReadDb
from central.api import problems, schemas
from central.api.paging import after_of, cursor_of_place
from central.api.problems import only_json
from central.courts import queries as courts
from central.petitions.models import Channel
from central.petitions.queries import Filter
from central.petitions.states import State
from central.search import grammar, service
from central.search.queries import Hit
from central.search.router import index_of, names

router = APIRouter(
    prefix="/api/v1", tags=["petitions"], responses=problems.RESPONSES, dependencies=[Depends(only_json)]
)


@router.get("/search")
def search(
    request: Request,
    db: ReadDb,
    actor: Bearer,
    now: Now,
    *,
    q: Annotated[str, Query(max_length=400, description="words as on the search page; docs/search.md")],
    court: Annotated[fields.CourtCode | None, Query(description="court code")] = None,
    state: State | None = None,
    channel: Channel | None = None,
    only_open: bool = False,
    after: Annotated[str | None, Query(description="cursor of the page before", max_length=200)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> schemas.SearchPage:
    """Return what matches of what the caller may see, newest first, with the places where it was found."""
    query = grammar.parse(q, names=names(), province=actor.court_code[:1])
    filter_ = Filter(
        court_id=courts.by_code(db, court).id if court else None,
        state=state,
        channel=channel,
        only_open=only_open,
    )
    answer = service.search(
        db,
        index=index_of(request),
        query=query,
        actor=actor,
        filter_=filter_,
        after=after_of(after),
        limit=limit,
    )
    found = answer.found
    hits = found.hits if found else []
    chosen = {"court": court, "state": state, "channel": channel, "only_open": only_open}
    keys = [hit.petition.id for hit in hits]
    access.shown(db, by=actor, what="api_search", keys=keys, now=now, how=Look.SEARCHED, filter_=chosen)
    return schemas.SearchPage(
        items=[_hit(hit) for hit in hits],
        count=found.count if found else None,
        counted_all=found.counted_all if found else False,
        behind=answer.behind,
        next=cursor_of_place(found.after) if found and found.after else None,
    )


def _hit(hit: Hit) -> schemas.SearchHit:
    return schemas.SearchHit(
        petition=schemas.row(hit.petition),
        place=hit.place.name.lower() if hit.place else None,
        snippet=[schemas.SearchPiece(text=piece.text, hit=piece.hit) for piece in hit.snippet],
    )
