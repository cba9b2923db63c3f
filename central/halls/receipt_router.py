"""`/hall/receipts`: receipts that the counters of one's court gave, and the petition behind a number."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central.accounts.edge import ReadDb, Signed
from central.accounts.permissions import Right, may
from central.errors import Forbidden, NotFound
from central.halls import receipts
from central.petitions import queries as petitions
from central.web import render

router = APIRouter(include_in_schema=False)
_PAGE = 50


@router.get("/hall/receipts")
def listed(
    request: Request,
    db: ReadDb,
    actor: Signed,
    *,
    number: Annotated[str, Query(max_length=60)] = "",
    before: datetime | None = None,
    last: UUID | None = None,
) -> Response:
    """List the court's receipts; a number leads to its petition, if there is one that the person may see."""
    if not may(actor, Right.SEE_HALL) or actor.court_id is None:
        raise Forbidden("halls.may_not_see")
    problem = ""
    if number.strip():
        row = receipts.by_number(db, number, court_id=actor.court_id)
        if row is not None and row.petition_id is not None:
            try:
                petitions.get(db, row.petition_id, actor=actor)
            except NotFound:
                row = None  # hidden and absent look the same
            else:
                return render.see_other(f"/petitions/{row.petition_id}")
        problem = "" if row else "halls.receipts.unknown"
        rows = [row] if row else []
    else:
        place = (before, last) if before and before.tzinfo and last else None
        rows = list(receipts.of_court(db, actor.court_id, before=place, limit=_PAGE))
    return render.page(
        request,
        "halls/receipts.html",
        rows=rows,
        number=number,
        problem=problem,
        more=len(rows) == _PAGE,
    )
