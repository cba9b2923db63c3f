"""`/messages`: what did not get through to petitioners of one's court, and having it tried again."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from central import fields
from central.access import service as access
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.errors import Forbidden
from central.messages import queries, service
from central.web import render

router = APIRouter(prefix="/messages", include_in_schema=False)


@router.get("")
def failed(
    request: Request,
    db: ReadDb,
    actor: Signed,
    now: Now,
    *,
    at: Annotated[str, Query(max_length=40)] = "",
    after: UUID | None = None,
) -> Response:
    """Messages that did not get through, the latest first."""
    if not may(actor, Right.SEE_DELIVERIES):
        raise Forbidden("messages.readers_only")
    moment = fields.moment_of(at)
    rows = queries.parked(db, actor, after=queries.After(moment, after) if moment and after else None)
    access.shown(db, by=actor, what="messages", keys=[petition.id for _, petition in rows], now=now)
    return render.page(request, "messages/list.html", rows=rows, page_size=queries.PAGE)


@router.post("/{message_id}/again")
def again(message_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Have a message tried again."""
    service.try_again(db, message_id=message_id, by=actor, now=now)
    return render.see_other("/messages")
