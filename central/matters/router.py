"""One matter: candidates of a petition, two side by side, what the clerk decides; and the court's own record of earlier ones."""

from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access import queries as access
from central.access import service as reasons
from central.access.forms import GiveReason
from central.access.models import Look
from central.access.rules import REASON_HOLDS, Why
from central.access.service import ReasonNeeded
from central.accounts import queries as accounts
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.cases.numbers import key
from central.cases.rows import split
from central.casework import looks
from central.courts import queries as courts
from central.errors import Forbidden, Invalid
from central.matters import forms, past, queries, rules, service, texts
from central.matters.models import MatterDecision
from central.matters.queries import Sought
from central.matters.rules import Verdict
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.states import Act, State
from central.petitions.steps import STEPS
from central.supervision import refusals
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
_OF = "/petitions/{petition_id}"
#: Shorter texts are not compared while somebody types.
LEAST_TYPED = 8


@router.get(_OF + "/matters")
def listed(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The candidates of a petition, looked for anew, and what was decided."""
    return _list(request, db, petition_id, actor, now)


@router.post(_OF + "/matters")
def decide(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep what the clerk found of two petitions."""
    petition = petitions.get(db, petition_id, actor=actor)
    if not may(actor, Right.JOIN_MATTERS):
        raise Forbidden("matters.deciders_only")
    looks.opened(db, petition, by=actor, now=now, what="matters")
    try:
        form = forms.Decide.model_validate(posted)
        service.decide(db, petition_id=petition_id, form=form, by=actor, now=now)
    except (ValidationError, Invalid) as error:
        db.rollback()
        found = refusals.problems(error, partial(render.sentence, request))
        return _list(request, db, petition_id, actor, now, values=posted, problems=found)
    return render.see_other(f"/petitions/{petition_id}/matters")


@router.get(_OF + "/matters/panel")
def panel(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """A piece of the petition's own page: candidates nobody has decided on, empty when there are none."""
    petition = petitions.get(db, petition_id, actor=actor)
    _, shown = _open_ones(db, petition, actor)
    if shown:
        _looked(db, shown, actor, now)
    return render.page(request, "matters/panel.html", petition=petition, shown=shown)


@router.get(_OF + "/matters/{number}")
def compare(
    request: Request, petition_id: UUID, number: str, db: ReadDb, actor: Signed, now: Now
) -> Response:
    """Two petitions side by side, what they share marked."""
    petition = petitions.get(db, petition_id, actor=actor)
    try:
        other = service.other_of(db, number, by=actor)
    except Invalid:
        other = petition
    if other.id == petition.id:
        looks.opened(db, petition, by=actor, now=now, what="matters")
        return render.see_other(f"/petitions/{petition_id}/matters")
    sides = [_side(db, each) for each in (petition, other)]
    mine, theirs = sides
    decided = queries.decisions(db, petition.id).get(other.id)
    likely = queries.found(db, mine["sought"]).get(other.id)
    article = _article(db, petition, other)
    looks.opened(db, petition, by=actor, now=now, what="matters")
    try:
        looks.opened(db, other, by=actor, now=now, what="matters")
    except ReasonNeeded:
        # The reason is asked on a page of the other one, which leads back to the same view.
        return render.see_other(f"/petitions/{other.id}/matters/{petition.number}")
    return render.page(
        request,
        "matters/compare.html",
        petition=petition,
        other=other,
        sides=sides,
        marks=_marks(mine, theirs),
        likely=likely,
        decided=decided,
        article=article,
        may_decide=may(actor, Right.JOIN_MATTERS),
        may_merge=_may(petition, Act.MERGE, actor) and other.is_open,
        may_end=_may(petition, Act.END_SAME_FACTS, actor) and article == rules.Article.RE_REVIEWED,
    )


@router.get(_OF + "/history")
def history(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """What the court did before; a reason is asked first, in one's own work as well."""
    return _history(request, db, petition_id, actor, now)


@router.post(_OF + "/history")
def say_why(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Keep why the record is opened."""
    petition = petitions.get(db, petition_id, actor=actor)
    try:
        form = GiveReason.model_validate(posted)
    except (ValidationError, Invalid) as error:
        found = refusals.problems(error, partial(render.sentence, request))
        return _ask(request, petition, posted, found)
    reasons.give_reason(db, petition_id=petition_id, form=form, by=actor, now=now)
    return render.see_other(f"/petitions/{petition_id}/history")


@router.post("/register/matters")
def typing(request: Request, db: ReadDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Candidates for what is being typed at the desk: a piece of a page, empty when there are none. It keeps nothing out."""
    if not actor.has(Role.REGISTRAR):
        raise Forbidden("desk.registrars_only")
    what = typed(posted, actor, now)
    shown = queries.shown(
        db, queries.found(db, what), actor=actor, court_path=actor.court_path, registered=False
    )
    if shown:
        _looked(db, shown, actor, now)
    return render.page(request, "matters/typing.html", shown=shown)


def typed(values: dict[str, Any], actor: Actor, now: datetime) -> Sought:
    """Return what a half filled form says."""
    text = "\n".join(str(values.get(name, ""))[: texts.MOST_SIGNS] for name in ("subject", "text", "demands"))
    numbers = [key(each) for each in split(str(values.get("case_numbers", "")))[:20]]
    return Sought(
        text=text if len(texts.plain(text)) >= LEAST_TYPED else "",
        court_path=actor.court_path,
        received_at=now,
        case_numbers=tuple(dict.fromkeys(numbers)),
        phone=_whole(values.get("phone"), 7),
        id_number=_whole(values.get("id_number"), 6),
    )


def _whole(value: object, least: int) -> str:
    """Return a number once enough of it was typed."""
    made = str(value or "").strip()[:40]
    return made if len(made) >= least else ""


def _list(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    values: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    decided, shown = _open_ones(s, petition, actor)
    known = petitions.of_ids(s, list(decided), actor=actor)
    same = queries.same_matter(s, petition.id)
    merged = petitions.of_ids(s, list(same - set(decided)), actor=actor)
    names = accounts.names(s, {row.by_id for row in decided.values() if row.by_id})
    looks.opened(s, petition, by=actor, now=now, what="matters")
    if shown:
        _looked(s, shown, actor, now)
    return render.page(
        request,
        "matters/list.html",
        status=422 if problems else 200,
        petition=petition,
        shown=shown,
        decided=[(row, known[other]) for other, row in decided.items() if other in known],
        joined=list(merged.values()),
        names=names,
        may_decide=may(actor, Right.JOIN_MATTERS),
        may_merge_letters=actor.has(Role.HANDLER),
        same=Verdict.SAME,
        values=values or {},
        problems=problems or {},
    )


def _open_ones(
    s: Session, petition: Petition, actor: Actor
) -> tuple[dict[UUID, MatterDecision], queries.Shown]:
    """Return what was decided, and the candidates that are left."""
    court = courts.get(s, petition.court_id)
    decided = queries.decisions(s, petition.id)
    likely = {} if petition.erased_at else queries.found(s, queries.sought(s, petition, court.path))
    joined = {petition.merged_into_id} if petition.merged_into_id else set()
    return decided, queries.shown(s, likely, actor=actor, court_path=court.path, but={*decided, *joined})


def _looked(s: Session, shown: queries.Shown, actor: Actor, now: datetime) -> None:
    keys = [each.petition.id for each in shown.candidates]
    told = {"hidden": len(shown.hidden)} if shown.hidden else {}
    reasons.shown(s, by=actor, what="matters", keys=keys, now=now, how=Look.SEARCHED, filter_=told)


def _side(s: Session, petition: Petition) -> dict[str, Any]:
    court = courts.get(s, petition.court_id)
    return {
        "petition": petition,
        "court": court,
        "person": petitions.petitioner(s, petition.id),
        "demands": petitions.demands(s, petition.id),
        "sought": queries.sought(s, petition, court.path),
    }


def _marks(mine: dict[str, Any], theirs: dict[str, Any]) -> list[dict[str, Any]]:
    one, other = mine["sought"].text, theirs["sought"].text
    made = []
    for side, against in ((mine, other), (theirs, one)):
        made.append(
            {
                "subject": texts.marked(side["petition"].subject, against),
                "text": texts.marked(side["petition"].text, against),
                "demands": [texts.marked(each.text, against) for each in side["demands"]],
                "numbers": texts.all_numbers(side["sought"].text, side["sought"].case_numbers),
            }
        )
    return made


def _article(s: Session, petition: Petition, other: Petition) -> rules.Article | None:
    if queries.re_reviewed(s, [other.id]):
        return rules.Article.RE_REVIEWED
    at, of = courts.get(s, other.court_id).path, courts.get(s, petition.court_id).path
    if rules.accepted_below(other.state, is_open=other.is_open, path=at, of=of):
        return rules.Article.ACCEPTED_BELOW
    return None


def _may(petition: Petition, act: Act, actor: Actor) -> bool:
    step = STEPS.get((State(petition.state), act))
    return step is not None and actor.court_id == petition.court_id and actor.has(Role.REGISTRAR)


def _history(request: Request, s: Session, petition_id: UUID, actor: Actor, now: datetime) -> Response:
    petition = petitions.get(s, petition_id, actor=actor)
    reason = (
        access.running_reason(s, petition_id=petition_id, staff_id=actor.staff_id, now=now)
        if actor.staff_id
        else None
    )
    if reason is None:
        return _ask(request, petition, {}, {})
    record = past.of_petition(s, petition, actor=actor)
    people = {each.person_id for one in record.earlier for each in one.promises}
    people |= {one.petition.handler_id for one in record.earlier if one.petition.handler_id}
    names = accounts.names(s, people)
    shown = [one.petition.id for one in record.earlier]
    reasons.looked(
        s,
        by=actor,
        how=Look.OPENED,
        petitions=[petition.id, *shown],
        now=now,
        what="history",
        reason=reason,
        alone=not shown,
    )
    return render.page(
        request, "matters/history.html", petition=petition, record=record, names=names, today=court_day(now)
    )


def _ask(request: Request, petition: Petition, values: dict[str, Any], problems: dict[str, str]) -> Response:
    return render.page(
        request,
        "matters/why.html",
        status=422 if problems else 200,
        petition=petition,
        values=values or {"why": str(Why.SAME_MATTER)},
        problems=problems,
        whys=list(Why),
        hours=int(REASON_HOLDS.total_seconds()) // 3600,
    )
