"""`/assist`: the clerk's side of a petition written together in the hall. Kept with every pause in typing; reload loses nothing."""

from typing import Any
from uuid import UUID

import segno
from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, address_of, context_of
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, Invalid
from central.petitions.forms import gathered
from central.petitions.models import ReplyBy, TellBy
from central.petitions.numbering import shown_code
from central.submitting import assisting, forms, queries
from central.submitting.models import Assisted
from central.web import render

router = APIRouter(include_in_schema=False)
#: Rows for people that the page shows.
ROWS = 5
_LISTS = ("tell_by", "people")


def _may(actor: Actor) -> None:
    if not actor.has(Role.REGISTRAR):
        raise Forbidden("submitting.assist.registrars_only")


@router.get("/assist")
def sheets(request: Request, db: ReadDb, actor: Signed) -> Response:
    """What the clerk is writing with visitors, and the button for a new one."""
    _may(actor)
    return render.page(request, "submitting/assists.html", rows=queries.mine(db, actor.staff_id))


@router.post("/assist")
def begin(db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Begin with the next visitor."""
    row = assisting.begin(db, by=actor, now=now)
    return render.see_other(f"/assist/{row.id}")


@router.get("/assist/{sheet_id}")
def sheet(request: Request, sheet_id: UUID, db: ReadDb, actor: Signed) -> Response:
    """The form, and beside it the second screen: its code, what the visitor says, whether they confirmed."""
    _may(actor)
    return _page(request, queries.own(db, sheet_id, actor.staff_id))


@router.get("/assist/{sheet_id}/side")
def side(request: Request, sheet_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """What stands beside the form, asked for again and again."""
    _may(actor)
    row = queries.own(db, sheet_id, actor.staff_id)
    return render.page(request, "submitting/side.html", row=row, **_told(row), now=now)


@router.post("/assist/{sheet_id}")
def act(request: Request, sheet_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Keep what was typed; with the other buttons show a code, send, or throw away."""
    _may(actor)
    row = queries.own(db, sheet_id, actor.staff_id, for_update=True)
    go, typed = str(posted.pop("go", "keep")), _shaped(gathered(posted))
    if go == "away":
        assisting.remove(db, row)
        return render.see_other("/assist")
    if row.petition_id is None:
        assisting.keep(db, row, typed)
    if go == "code":
        return _page(request, row, code=assisting.pair(db, row, now=now))
    if go != "send":
        return render.see_other(f"/assist/{sheet_id}")
    return _send(request, db, row, actor, now)


def _send(request: Request, db: Session, row: Assisted, actor: Actor, now: Any) -> Response:
    try:
        with db.begin_nested():
            done = assisting.send(db, row, by=actor, now=now)
    except Conflict as error:
        return _page(request, row, problems={"": render.sentence(request, error.key, error.values)})
    except (ValidationError, Invalid) as error:
        said = {
            name: render.sentence(request, key, values)
            for name, (key, values) in forms.problems(error).items()
        }
        return _page(request, row, problems=said)
    code = shown_code(done.code) if done.code else None
    return render.page(
        request, "submitting/assisted.html", status=201, petition=done.petition, code=code, row=row
    )


def _shaped(posted: dict[str, Any]) -> dict[str, Any]:
    """Return what was typed as it is kept: choices as lists without the blank that says that they were shown."""
    found = {name: posted[name] for name in assisting.SHOWN if name in posted}
    ways = found.get("tell_by", [])
    found["tell_by"] = [each for each in ([ways] if isinstance(ways, str) else ways) if each]
    return {
        name: value if name in _LISTS or not isinstance(value, list) else str(value[-1])
        for name, value in found.items()
    }


def _told(row: Assisted) -> dict[str, Any]:
    return {"remarks": assisting.remarks_of(row), "confirmed": assisting.is_confirmed(row)}


def _page(
    request: Request, row: Assisted, *, code: str = "", problems: dict[str, str] | None = None
) -> Response:
    address = f"{address_of(request).rstrip('/')}/screen"
    values = assisting.values_of(row)
    return render.page(
        request,
        "submitting/assist.html",
        status=422 if problems else 200,
        row=row,
        values=values,
        people=values.get("people", []),
        rows=ROWS,
        problems=problems or {},
        code=code,
        address=address,
        picture=segno.make(f"{address}?code={code}", error="m").svg_data_uri(scale=4, light="white")
        if code
        else "",
        ways=list(TellBy),
        answers=list(ReplyBy),
        now=context_of(request).clock.now(),
        **_told(row),
    )
