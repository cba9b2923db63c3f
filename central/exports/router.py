"""`/exports`: have a list exported, agree to others' exports, fetch one's own."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError

from central.access.rules import Why
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden, Invalid
from central.exports import files, queries, service
from central.exports.forms import Ask, Chosen, Decide
from central.exports.rules import Format, State, Wish, needs_approval
from central.web import render

router = APIRouter(include_in_schema=False, prefix="/exports")

#: A page on which something is under way comes again after so many seconds.
AGAIN = {State.MAKING: "2", State.ASKED: "30"}


def _chosen(request: Request) -> Chosen:
    return _valid(dict(request.query_params))


def _valid(values: dict[str, Any]) -> Chosen:
    """Return the filters as far as they can be read; one that is none narrows nothing, as on the list itself."""
    try:
        return Chosen.model_validate(values)
    except ValidationError as error:
        wrong = {each["loc"][0] for each in error.errors()}
        return Chosen.model_validate({name: value for name, value in values.items() if name not in wrong})


Filters = Annotated[Chosen, Depends(_chosen)]


@router.get("")
def mine(request: Request, db: ReadDb, actor: Signed, config: Config) -> Response:
    """One's own exports, and those that wait for one's word."""
    _allowed(actor)
    return render.page(
        request,
        "exports/exports.html",
        own=queries.own(db, actor),
        to_decide=queries.to_decide(db, actor),
        limits=config.exports,
    )


@router.get("/new")
def new(request: Request, db: ReadDb, actor: Signed, chosen: Filters, config: Config, now: Now) -> Response:
    """The form: how many petitions, as what, why."""
    return _form(request, db, actor, chosen, config, now, {}, {})


@router.post("")
def ask(request: Request, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now) -> Response:
    """Ask for an export."""
    chosen = _valid(posted)
    try:
        form = Ask.model_validate(posted)
        export = service.ask(db, chosen=chosen, form=form, limits=config.exports, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _form(request, db, actor, chosen, config, now, posted, _problems(request, error))
    return render.see_other(f"/exports/{export.id}")


@router.get("/{export_id}")
def one(request: Request, export_id: UUID, db: ReadDb, actor: Signed, config: Config) -> Response:
    """One export: where it stands, and what the person can do with it."""
    return _one(request, db, export_id, actor, config)


@router.post("/{export_id}/approve")
def approve(
    request: Request, export_id: UUID, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Agree to somebody's export."""
    return _decide(request, export_id, db, actor, posted, config, now, agree=True)


@router.post("/{export_id}/refuse")
def refuse(
    request: Request, export_id: UUID, db: WriteDb, actor: Signed, posted: Posted, config: Config, now: Now
) -> Response:
    """Refuse somebody's export, with words."""
    return _decide(request, export_id, db, actor, posted, config, now, agree=False)


@router.post("/{export_id}/file")
def fetch(export_id: UUID, db: WriteDb, actor: Signed, _: Posted, config: Config, now: Now) -> Response:
    """Give the file. It is counted, and a look of everything in it."""
    export, content = service.fetch(
        db, export_id=export_id, data=config.data, limits=config.exports, by=actor, now=now
    )
    if content is None:
        return render.see_other(f"/exports/{export_id}")
    kind = Format(export.format)
    headers = {"Content-Disposition": f'attachment; filename="minyi-{export.serial}.{kind}"'}
    return Response(content, media_type=files.MEDIA[kind], headers=headers)


@router.post("/{export_id}/discard")
def discard(export_id: UUID, db: WriteDb, actor: Signed, _: Posted, config: Config, now: Now) -> Response:
    """Let one's own export go."""
    service.throw_away(db, export_id=export_id, data=config.data, by=actor, now=now)
    return render.see_other("/exports")


def _allowed(actor: Actor) -> None:
    if not (may(actor, Right.EXPORT) or may(actor, Right.APPROVE_EXPORT)):
        raise Forbidden("exports.not_yours")


def _decide(
    request: Request,
    export_id: UUID,
    db: WriteDb,
    actor: Actor,
    posted: dict[str, Any],
    config: Config,
    now: Now,
    *,
    agree: bool,
) -> Response:
    try:
        form = Decide.model_validate(posted)
        service.decide(db, export_id=export_id, agree=agree, form=form, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        return _one(request, db, export_id, actor, config, posted, _problems(request, error))
    return render.see_other("/exports")


def _form(
    request: Request,
    db: ReadDb,
    actor: Actor,
    chosen: Chosen,
    config: Config,
    now: Now,
    values: dict[str, Any],
    problems: dict[str, str],
) -> Response:
    limits = config.exports
    count = service.counted(db, actor=actor, chosen=chosen, limits=limits, now=now)
    return render.page(
        request,
        "exports/new.html",
        status=422 if problems else 200,
        count=count,
        chosen=chosen.kept(),
        limits=limits,
        waits=needs_approval(Wish(count, with_people=False), limits),
        reasons=list(Why),
        formats=list(Format),
        values=values,
        problems=problems,
    )


def _one(
    request: Request,
    db: ReadDb,
    export_id: UUID,
    actor: Actor,
    config: Config,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    shown = queries.get(db, export_id, actor=actor)
    answer = render.page(
        request,
        "exports/export.html",
        status=422 if problems else 200,
        shown=shown,
        is_own=shown.row.staff_id == actor.staff_id,
        running=shown.row.state == State.MAKING,
        limits=config.exports,
        values=values or {},
        problems=problems or {},
    )
    if shown.row.staff_id == actor.staff_id and (again := AGAIN.get(State(shown.row.state))):
        answer.headers["Refresh"] = again
    return answer


def _problems(request: Request, error: ValidationError | Invalid) -> dict[str, str]:
    if isinstance(error, Invalid):
        return {error.field or "count": render.sentence(request, error.key, error.values)}
    found: dict[str, str] = {}
    for each in error.errors():
        inner = each.get("ctx", {}).get("error")
        if isinstance(inner, Invalid):
            return _problems(request, inner)
        name = str(each["loc"][0]) if each["loc"] else "why"
        found[name] = render.sentence(request, "exports.choose", {})
    return found
