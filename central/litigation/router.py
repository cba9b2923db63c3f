"""`/petitions/{id}/litigation`: the questionnaire of triage, the letter it leads to, and both as PDF."""

from datetime import date, datetime
from functools import partial
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.access.models import Look
from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb, context_of
from central.actor import Actor
from central.casework import acts, looks
from central.casework import queries as casework
from central.deadlines import sheet
from central.deadlines.in_force import calendar_in_force
from central.deadlines.paper import Sheet, paper
from central.deadlines.pdf import sheet_pdf
from central.errors import Conflict, Forbidden, Invalid
from central.letters import queries as letters
from central.letters import work
from central.letters.kinds import LetterKind
from central.litigation import forms, letter, queries, service
from central.litigation.models import LitigationRoute
from central.litigation.rules import Case, Route, route, table
from central.petitions.models import Petition
from central.petitions.states import Act
from central.supervision import refusals
from central.web import render, words
from central.web.catalogue import catalogue
from central.web.downloads import attachment
from shared.clock import court_day
from shared.i18n import Lang

router = APIRouter(prefix="/petitions/{petition_id}/litigation", include_in_schema=False)
#: The letter is the court's, in the court's language.
_ZH = Lang.ZH


@router.get("")
def ask(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The questionnaire, or the letter that was sent."""
    return _page(request, db, petition_id, actor, now)


@router.post("")
def send(
    request: Request, petition_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now
) -> Response:
    """Work out the time and show the letter; with the button `send` the petition leaves the track with it."""
    values = {name: value for name, value in posted.items() if name != "csrf"}
    version, sends = values.pop("version", None), values.pop("send", None) is not None
    found = casework.whole(db, petition_id, actor=actor)
    _check(found, actor)
    try:
        form = forms.Send.model_validate(values) if sends else forms.Ask.model_validate(_asked(values))
        shown = _worked_out(db, found.petition, form, today=court_day(now))
        if not isinstance(form, forms.Send):
            return _page(request, db, petition_id, actor, now, values=values, shown=shown)
        service.send(
            db,
            petition_id=petition_id,
            form=form,
            route=shown["route"],
            court=shown["place"],
            by=actor,
            now=now,
            version=int(version) if isinstance(version, str) and version.isdecimal() else None,
        )
    except (ValidationError, Invalid) as error:
        db.rollback()
        wrong = refusals.problems(error, partial(render.sentence, request))
        return _page(request, db, petition_id, actor, now, values=values, problems=wrong, status=422)
    return render.see_other(f"/petitions/{petition_id}/litigation")


def _asked(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name != "remark"}


def _check(found: casework.Whole, actor: Actor) -> None:
    offered = {offer.act for offer in acts.offers(found.petition, found.demands, actor)}
    if Act.TO_LITIGATION not in offered:
        raise Forbidden("litigation.not_here")


def _worked_out(s: Session, petition: Petition, form: forms.Ask, *, today: date) -> dict[str, Any]:
    """Return the route, who is applied to, and the letter as it would read."""
    if form.started_on is not None and form.started_on > today:
        raise Invalid("litigation.ahead", field="started_on")
    procedure, known = service.procedure_of(form), table()
    found = route(
        procedure, form.started_on, today=today, calendar=calendar_in_force(s), warning=known.warning
    )
    court = queries.applied_to(s, procedure.court, queries.court_named(s, petition.id))
    name = court.name if court else ""
    if not name and form.court and procedure.court in {"own", "above", "via"}:
        name = (
            form.court
            if procedure.court == "own"
            else catalogue().text("litigation.above_of", _ZH, court=form.court)
        )
    told = letter.place(found, court=name, text=_zh, zh=True)
    text = letter.words(
        found,
        number=petition.number,
        court=told,
        text=_zh,
        day=_day,
        zh=True,
    )
    return {"route": found, "place": told, "letter": text}


def _zh(key: str, **values: object) -> str:
    return catalogue().text(key, _ZH, **values)


def _day(day: date) -> str:
    return _zh("litigation.letter.day", year=day.year, month=day.month, day=day.day)


def _page(
    request: Request,
    s: Session,
    petition_id: UUID,
    actor: Actor,
    now: datetime,
    *,
    values: dict[str, Any] | None = None,
    shown: dict[str, Any] | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    found = casework.whole(s, petition_id, actor=actor)
    sent = queries.latest(s, petition_id)
    offered = {offer.act for offer in acts.offers(found.petition, found.demands, actor)}
    looks.opened(s, found.petition, by=actor, now=now, what="litigation")
    derived = shown["route"].derived if shown else None
    return render.page(
        request,
        "litigation/page.html",
        status=status,
        found=found,
        sent=sent,
        sent_procedure=table().get(sent.procedure) if sent else None,
        may=Act.TO_LITIGATION in offered,
        cases=[(case, table().of(case)) for case in Case],
        decided=queries.court_named(s, petition_id),
        values=values or {},
        shown=shown,
        stretches=list(sheet.stretches(sheet.days(derived))) if derived else [],
        problems=problems or {},
    )


@router.get("/letter.pdf")
def as_pdf(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The letter as PDF; recorded as a look that went to paper."""
    found = casework.whole(db, petition_id, actor=actor)
    looks.opened(db, found.petition, by=actor, now=now, how=Look.PRINTED, what="litigation")
    return pdf_of(request, db, found.petition, name=found.petitioner.name if found.petitioner else None)


@router.get("/sheet.pdf")
def sheet_as_pdf(request: Request, petition_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The deadline sheet of the last day that the letter names."""
    found = casework.whole(db, petition_id, actor=actor)
    looks.opened(db, found.petition, by=actor, now=now, how=Look.PRINTED, what="litigation")
    return sheet_of(request, db, found.petition)


def pdf_of(request: Request, s: Session, petition: Petition, *, name: str | None) -> Response:
    """Return the letter of a petition as the signed file, or as a plain PDF if it was sent before letters were signed.

    Raise `Conflict` if none was sent.
    """
    row = _sent(s, petition)
    signed = letters.newest(s, petition.id, LetterKind.TO_LITIGATION)
    if signed is not None and signed.written_at >= row.at:
        made = work.made(context_of(request), signed.id)
        return attachment(made.content, made.name, "application/pdf")
    court = casework.of(s, petition).court
    content = letter.letter_pdf(
        title=_zh("litigation.letter.title"),
        number=petition.number,
        to=_zh("litigation.addressee", name=name or _zh("desk.petition.anonymous")),
        words=row.words,
        court=court.name,
        day=_day(court_day(row.at)),
        lang="zh",
    )
    return attachment(content, f"{_zh('litigation.letter.title')}-{petition.number}.pdf", "application/pdf")


def sheet_of(request: Request, s: Session, petition: Petition) -> Response:
    """Return the deadline sheet of a letter as PDF; raise `Conflict` where there is no last day."""
    row = _sent(s, petition)
    found = _route_of(s, row)
    if found is None or found.derived is None:
        raise Conflict("litigation.no_last_day")
    lang = render.lang_of(request)
    name = found.procedure.zh if lang is _ZH else found.procedure.en

    def text(key: str, **values: object) -> str:
        return name if key == f"deadlines.rule.{row.procedure}" else catalogue().text(key, lang, **values)

    told = Sheet(found.derived, row.table_version, petition.number)
    made = paper(told, text=text, day=lambda day: words.exact_day_words(day, lang))
    foot = text("deadlines.sheet.foot", number=petition.number)
    content = sheet_pdf(made, lang=lang[:2], number=petition.number, foot=foot)
    return attachment(content, f"{made.title}-{petition.number}.pdf", "application/pdf")


def _sent(s: Session, petition: Petition) -> LitigationRoute:
    row = queries.latest(s, petition.id) if petition.erased_at is None else None
    if row is None:
        raise Conflict("litigation.no_letter")
    return row


def _route_of(s: Session, row: LitigationRoute) -> Route | None:
    procedure = table().get(row.procedure)
    if procedure is None:
        return None
    known = table().warning
    return route(
        procedure, row.started_on, today=court_day(row.at), calendar=calendar_in_force(s), warning=known
    )
