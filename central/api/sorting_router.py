"""Categories behind JSON and a token: the scheme, what a petition was sorted as, what is proposed, and the choice."""

from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session

from central.accounts.edge import Bearer, Now, ReadDb, WriteDb
from central.accounts.permissions import Right, may
from central.api import problems, schemas
from central.api.problems import only_json
from central.api.router import Reason, given
from central.casework import looks
from central.errors import Forbidden
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.sorting import ahead, forms, proposing, queries, scheme, service

router = APIRouter(
    prefix="/api/v1", tags=["categories"], responses=problems.RESPONSES, dependencies=[Depends(only_json)]
)
_OF = "/petitions/{petition_id}/category"


@router.get("/categories")
def categories(_: Bearer) -> schemas.SchemeOut:
    """Return the scheme in force: every category that can be chosen, in its order."""
    known = scheme.current()
    return schemas.SchemeOut(
        version=known.version, categories=[schemas.category(each) for each in known.categories.values()]
    )


@router.get(_OF)
def get_category(
    request: Request, petition_id: UUID, db: ReadDb, actor: Bearer, now: Now, reason: Reason = None
) -> schemas.SortedOut:
    """Return what a petition was sorted as, and what is proposed for its text, with the words that speak for it."""
    petition = petitions.get(db, petition_id, actor=actor)
    answer = _sorted(db, petition)
    if petition.erased_at is None:
        ways, text = ahead.ways_of(request), proposing.text_of(petition.subject, petition.text)
        said = proposing.category(db, text, data=ways.data, least=ways.least)
        answer.proposed = schemas.proposed(said)
    looks.opened(db, petition, by=actor, now=now, what="sorting", given=given(reason))
    return answer


@router.post(_OF, dependencies=[Depends(ahead.of_petition_called)])
def choose_category(
    request: Request,
    petition_id: UUID,
    form: forms.Choose,
    db: WriteDb,
    actor: Bearer,
    now: Now,
    reason: Reason = None,
) -> schemas.SortedOut:
    """Choose the category of a petition, by its code, its name or its whole path."""
    petition = petitions.get(db, petition_id, actor=actor)
    if not may(actor, Right.SORT):
        raise Forbidden("sorting.choosers_only")
    looks.opened(db, petition, by=actor, now=now, what="sorting", given=given(reason))
    service.choose(db, petition_id=petition_id, form=form, by=actor, now=now, ways=ahead.ways_of(request))
    db.flush()  # what is returned is read back
    return _sorted(db, petition)


def _sorted(s: Session, petition: Petition) -> schemas.SortedOut:
    row = queries.of_petition(s, petition.id)
    found = queries.category_of(row)
    return schemas.SortedOut(
        category=schemas.category(found) if found else None,
        scheme=row.scheme if row else None,
        chosen_at=row.at if row else None,
    )
