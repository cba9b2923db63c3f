"""`/mailmerge`: one text for many petitions; what each letter will say, how far they are, what may be done with all that wait."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import service as access
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, Invalid
from central.mailmerge import queries, service
from central.mailmerge.forms import MOST, Wish, Write
from central.petitions.states import Act
from central.replies.models import Outcome
from central.supervision import refusals
from central.web import render
from central.wording.shipped import placeholders
from shared.i18n import Key
from shared.ids import new_id

router = APIRouter(prefix="/mailmerge", include_in_schema=False)
Text = Annotated[str, Query(max_length=40)]
#: Numbers ticked on a page of a worklist.
Ticked = Annotated[tuple[Annotated[str, Query(max_length=40)], ...], Query(max_length=MOST)]
#: A page on which something is under way comes again after so many seconds.
AGAIN = "2"


@router.get("")
def listed(request: Request, db: ReadDb, actor: Signed, *, at: Text = "", after: Text = "") -> Response:
    """Texts for many petitions that one made, or whose letters one approves."""
    _allowed(actor)
    shown = queries.listed(db, actor, after=_place(at, after))
    return render.page(
        request,
        "mailmerge/list.html",
        shown=shown,
        names=accounts.names(db, {each.made_by for each in shown}),
        page_size=queries.PAGE,
        may_write=actor.has(Role.HANDLER),
    )


@router.get("/new")
def ask(request: Request, db: ReadDb, actor: Signed, now: Now, n: Ticked = ()) -> Response:
    """The form; `n` are a few numbers in a link."""
    values = {"id": new_id().hex, "numbers": "\n".join(n)}
    return _form(request, db, actor, now, values, {})


@router.post("/new")
def chosen(request: Request, db: ReadDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """The form with the numbers that another page names: a thousand do not fit into an address."""
    values = {"id": new_id().hex, "numbers": str(posted.get("numbers", ""))}
    return _form(request, db, actor, now, values, {})


@router.post("")
def write(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Show what the letters will say; with the button `start`, have them drafted and sent to approval."""
    values = dict(posted)
    go, show = str(values.pop("go", "preview")), str(values.pop("show", "1"))
    try:
        form = Write.model_validate(values)
        if go == "start":
            row = service.make(db, form=form, by=actor, now=now)
            return render.see_other(f"/mailmerge/{row.id}")
        found = service.listed(db, form.numbers, actor)
    except (ValidationError, Invalid) as error:
        db.rollback()
        problems = refusals.problems(error, partial(render.sentence, request))
        return _form(request, db, actor, now, values, problems)
    except Conflict as error:
        db.rollback()
        return _form(request, db, actor, now, values, {"": render.sentence(request, error.key, error.values)})
    step = {"next": 1, "before": -1}.get(go, 0)
    place = (int(show) if show.isascii() and show.isdigit() and len(show) < 6 else 1) + step
    return _form(request, db, actor, now, values, {}, form=form, found=found, place=place)


@router.get("/{merge_id}")
def one(
    request: Request, merge_id: UUID, db: ReadDb, actor: Signed, now: Now, *, only: Text = ""
) -> Response:
    """How far the petitions of one text are."""
    return _one(request, db, merge_id, actor, now, only=only)


@router.post("/{merge_id}/acts")
def want(request: Request, merge_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Have an act done with every letter that waits for it."""
    try:
        service.want(db, merge_id=merge_id, wish=Wish.model_validate(posted), by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        problems = refusals.problems(error, partial(render.sentence, request))
        return _one(request, db, merge_id, actor, now, values=posted, problems=problems)
    except Conflict as error:
        db.rollback()
        problems = {"": render.sentence(request, error.key, error.values)}
        return _one(request, db, merge_id, actor, now, values=posted, problems=problems, status=409)
    return render.see_other(f"/mailmerge/{merge_id}")


@router.post("/{merge_id}/stop")
def stop(merge_id: UUID, db: WriteDb, actor: Signed, _: Posted, now: Now) -> Response:
    """Let it rest."""
    service.stop(db, merge_id=merge_id, by=actor, now=now)
    return render.see_other(f"/mailmerge/{merge_id}")


@router.post("/{merge_id}/go-on")
def go_on(merge_id: UUID, db: WriteDb, actor: Signed, _: Posted) -> Response:
    """Go on after a stop."""
    service.go_on(db, merge_id=merge_id, by=actor)
    return render.see_other(f"/mailmerge/{merge_id}")


@router.post("/{merge_id}/end")
def end(merge_id: UUID, db: WriteDb, actor: Signed, _: Posted) -> Response:
    """End what was stopped; the rest stays as it is."""
    service.give_up(db, merge_id=merge_id, by=actor)
    return render.see_other(f"/mailmerge/{merge_id}")


def _allowed(actor: Actor) -> None:
    if not may(actor, Right.MERGE_LETTERS):
        raise Forbidden("mailmerge.not_yours")


def _form(
    request: Request,
    s: Session,
    actor: Actor,
    now: datetime,
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    *,
    form: Write | None = None,
    found: service.Listed | None = None,
    place: int = 1,
) -> Response:
    _allowed(actor)
    letter = None
    if form is not None and found is not None:
        # Of others' petitions the words are read on their own pages, where a reason is asked for.
        place = min(max(place, 1), max(len(found.ready), 1))
        letter = service.written(s, found.ready[place - 1], form, by=actor, now=now) if found.ready else None
        shown = [*found.ready, *(each for each, _ in found.left_out)]
        access.shown(s, by=actor, what="mailmerge", keys=[each.id for each in shown], now=now)
    return render.page(
        request,
        "mailmerge/new.html",
        status=422 if problems else 200,
        values=values,
        problems=problems,
        outcomes=list(Outcome),
        places=list(placeholders().values()),
        most=MOST,
        found=found,
        letter=letter,
        place=place,
    )


def _one(
    request: Request,
    s: Session,
    merge_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    only: str = "",
    values: Mapping[str, Any] | None = None,
    problems: Mapping[str, str] | None = None,
    status: int = 422,
) -> Response:
    row = queries.get(s, merge_id, actor=actor)
    found = queries.items(s, row.id, actor)
    behind = queries.left(s, row) if row.act else 0
    waiting = service.waiting(found, actor) if row.act is None else Counter[Act]()
    by_state: dict[str, int] = {}
    for each in found:
        by_state[each.petition.state] = by_state.get(each.petition.state, 0) + 1
    refused = [each for each in found if each.problem]
    shown = (
        refused if only == "refused" else [each for each in found if not only or each.petition.state == only]
    )
    keys = [each.petition.id for each in shown[: queries.SHOWN]]
    access.shown(s, by=actor, what="mailmerge", keys=keys, now=now, filter_={"state": only})
    answer = render.page(
        request,
        "mailmerge/merge.html",
        status=status if problems else 200,
        row=row,
        shown=shown,
        most=queries.SHOWN,
        only=only,
        total=len(found),
        hidden=row.total - len(found),
        by_state=by_state,
        refused=len(refused),
        behind=behind,
        waiting=waiting,
        acts=service.ACTS,
        said={each.item.place: _said(request, each) for each in shown[: queries.SHOWN]},
        names=accounts.names(s, {each for each in (row.made_by, row.by) if each}),
        own_act=row.by == actor.staff_id,
        same=service.template_only(s, row, actor.court_path) if waiting[Act.APPROVE] else {},
        values=values or {},
        problems=problems or {},
    )
    if row.act is not None and row.stopped_at is None and not problems:
        answer.headers["Refresh"] = AGAIN
    return answer


def _said(request: Request, one_: queries.One) -> str:
    if one_.problem is None:
        return ""
    key, kept = one_.problem
    values = {name: Key(value[1:]) if value.startswith("@") else value for name, value in kept.items()}
    return render.sentence(request, key, values)


def _place(at: str, after: str) -> queries.After | None:
    try:
        return queries.After(datetime.fromisoformat(at), UUID(after)) if at and after else None
    except ValueError:
        return None
