"""What petitioners do on the tracking page: add, object, take back, ask for erasure. A form sent twice counts once."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from types import MappingProxyType
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central import db as databases
from central.accounts import throttle
from central.accounts.edge import Config, Now, ReadDb, WriteDb, caller_address, context_of
from central.actor import petitioner
from central.asks import endings, forms, service
from central.asks.rules import MOST_AT_ONCE, MOST_WORDS, About
from central.casework import documents
from central.casework.uploads import FIELD, Kept
from central.documents import names
from central.errors import Conflict, Invalid, MinyiError, TooManyTries
from central.keeping import queries as keeping
from central.keeping.rules import RUNNING
from central.petitions import contact as contacts
from central.petitions import queries as petitions
from central.petitions.forms import ChangeContact
from central.petitions.models import Petition, ReplyBy, TellBy
from central.portal import edge_router, passes, review_router, satisfaction_router
from central.portal import service as portal
from central.settings import Settings
from central.supervision import refusals
from central.web import render
from shared.canonical import sha256_hex
from shared.ids import new_id

router = APIRouter(include_in_schema=False)
_HERE = "/track/petition"
#: Forms with files that are opened for one petition within the window of guesses: each may take seconds of a processor.
MOST_UPLOADS = 12


@router.get("/track/petition/supplement")
def ask_supplement(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The form for words and files that belong to the petition."""
    return _form(request, db, now, config, "supplement")


@router.post("/track/petition/supplement")
def supplement(
    request: Request,
    seen: ReadDb,
    db: WriteDb,
    now: Now,
    config: Config,
    typed: edge_router.Typed,
    files: edge_router.Chosen,
    store: Kept,
) -> Response:
    """Take in what can be taken; what cannot is named, and why."""
    petition = edge_router.passed(request, seen, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, "supplement", typed, files=bool(files))
    number = petition.number
    seen.close()  # files take their time; nothing is held meanwhile
    try:
        form = forms.Supplement.model_validate(typed)
        if files:
            _count_upload(request, petition, config, now)
        good, bad = documents.prepared(files[:MOST_AT_ONCE], store.limits)
        by = petitioner(petition.id)
        taken = service.supplement(
            db, petition_id=petition.id, form=form, files=good, store=store, by=by, now=now
        )
    except (ValidationError, Invalid, Conflict, TooManyTries) as error:
        return _refused(request, db, now, config, "supplement", typed, error)
    late = [each.name for each in files[MOST_AT_ONCE:]]
    lines = _lines(request, [*bad, *taken.refused], late)
    if not lines:
        return render.see_other(f"{_HERE}?done=supplement#done")
    status = 200 if taken.row else 422
    return render.page(request, "portal/taken.html", status=status, taken=taken, lines=lines, number=number)


def _count_upload(request: Request, petition: Petition, config: Settings, now: datetime) -> None:
    """Raise `TooManyTries` when too many forms with files came for one petition lately."""
    limits = config.throttle.model_copy(update={"guesses": MOST_UPLOADS})
    key = throttle.key_of("upload", petition.id.hex)
    with databases.unit_of_work(context_of(request).engine) as own:
        throttle.check(own, key=key, limits=limits, now=now)
        throttle.wrong(own, key=key, limits=limits, now=now)


def _lines(
    request: Request, refused: Sequence[documents.Refused | service.Refused], late: Sequence[str]
) -> list[tuple[str, str]]:
    many = render.sentence(request, "documents.file.many_at_once", {"files": MOST_AT_ONCE})
    told = [(each.name, render.sentence(request, each.why.key, each.why.values)) for each in refused]
    return [(names.plain(name), why) for name, why in [*told, *((name, many) for name in late)]]


@router.get("/track/petition/objection")
def ask_objection(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The form for an objection, which the court must answer."""
    return _form(request, db, now, config, "objection")


@router.post("/track/petition/objection")
def objection(request: Request, db: WriteDb, now: Now, config: Config, typed: edge_router.Typed) -> Response:
    """Show it once more to be checked, then take it in."""
    petition = edge_router.passed(request, db, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, "objection", typed)
    try:
        form = forms.Objection.model_validate(typed)
        if "change" in typed or "sure" not in typed:
            page = "objection" if "change" in typed else "check"
            return _page(request, petition, page, values=typed | {"words": form.words}, problems={})
        service.objection(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _refused(request, db, now, config, "objection", typed, error)
    return render.see_other(f"{_HERE}?done=objection#done")


@router.get("/track/petition/withdraw")
def ask_withdraw(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """What it means to take the petition back."""
    return _form(request, db, now, config, "withdraw")


@router.post("/track/petition/withdraw")
def withdraw(request: Request, db: WriteDb, now: Now, config: Config, typed: edge_router.Typed) -> Response:
    """Take the petition back, once it was said that this is meant."""
    petition = edge_router.passed(request, db, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, "withdraw", typed)
    try:
        form = forms.Sent.model_validate(typed)
        _meant(typed)
        endings.withdraw(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _refused(request, db, now, config, "withdraw", typed, error)
    return render.see_other(f"{_HERE}?done=withdraw#done")


@router.get("/track/petition/erasure")
def ask_erasure(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """What can be erased, what stays, and the form to ask for it; a wish that stands already is shown instead."""
    petition = edge_router.passed(request, db, config, now)
    asked = keeping.asked(db, petition.id) if petition else None
    if asked and asked.state in RUNNING:
        return render.see_other(f"{_HERE}#erasure")
    return _form(request, db, now, config, "erasure")


@router.post("/track/petition/erasure")
def erasure(request: Request, db: WriteDb, now: Now, config: Config, typed: edge_router.Typed) -> Response:
    """Have two people of the court decide."""
    petition = edge_router.passed(request, db, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, "erasure", typed)
    try:
        form = forms.Sent.model_validate(typed)
        _meant(typed)
        endings.ask_erasure(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _refused(request, db, now, config, "erasure", typed, error)
    return render.see_other(f"{_HERE}?done=erasure#done")


@router.get("/track/petition/contact")
def ask_contact(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """Where the court reaches the petitioner, to be corrected."""
    petition = edge_router.passed(request, db, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    person = None if petition.erased_at else petitions.petitioner(db, petition.id)
    values = contacts.as_typed(person) if person is not None else {}
    return _page(request, petition, "contact", values=values, problems={})


@router.post("/track/petition/contact")
def contact(request: Request, db: WriteDb, now: Now, config: Config, typed: edge_router.Typed) -> Response:
    """Correct it. The log says which items were corrected, never what they were or are."""
    petition = edge_router.passed(request, db, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, "contact", typed)
    try:
        given = {name: value for name, value in typed.items() if name in contacts.FIELDS}
        form = ChangeContact.model_validate(given)
        contacts.change(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except (ValidationError, Invalid, Conflict) as error:
        return _refused(request, db, now, config, "contact", typed, error)
    return render.see_other(f"{_HERE}?done=contact#done")


@router.post("/track/again")
def again(request: Request, db: WriteDb, now: Now, config: Config, typed: edge_router.Typed) -> Response:
    """Number and code once more, for a form whose pass had ended: it is shown again with what was typed, to be sent."""
    form = str(typed.get("form", ""))
    if form not in edge_router.KEPT:
        return render.see_other("/track")
    number, code = str(typed.get("number", ""))[:60], str(typed.get("code", ""))[:60]
    if edge_router.stays(typed):
        return edge_router.again_page(request, form, typed, number=number, status=200)
    request.state.guessed_at = sha256_hex(f"number:{number.strip()}")[:16]
    found = portal.open_with_code(
        db, number=number, code=code, address=caller_address(request), limits=config.throttle, now=now
    )
    if isinstance(found, portal.Refused):
        return edge_router.again_page(request, form, typed, number=number, refused=found)
    ways = str(typed.get("tell_by", "")).split(",")
    answer = _shown(request, db, found, now, form, typed | {"tell_by": ways})
    text = passes.issue(config.data / "keys", found.id, portal.code_version(found), now=now)
    passes.hand_out(answer, text, config)
    return answer


@router.post("/track/petition/typed/{form}")
def keep_typed(
    request: Request,
    form: str,
    db: ReadDb,
    now: Now,
    config: Config,
    typed: edge_router.Typed,
    files: edge_router.Chosen,
) -> Response:
    """The same form with what was typed: the language or the size of the words was changed in the middle of it."""
    kept = "objection" if form == "check" else form
    if kept not in edge_router.KEPT:
        return render.see_other(_HERE)
    petition = edge_router.passed(request, db, config, now, typed)
    if petition is None:
        return edge_router.keep_and_ask(request, kept, typed, files=bool(files))
    chosen = {FIELD: render.sentence(request, "portal.act.again_files", {})} if files else {}
    return _shown(request, db, petition, now, form, typed, chosen)


def _shown(
    request: Request,
    s: Session,
    petition: Petition,
    now: datetime,
    form: str,
    values: Mapping[str, Any],
    problems: Mapping[str, str] = MappingProxyType({}),
) -> Response:
    """Show a form with what was typed into it before."""
    match form:
        case "review":
            return review_router.page(request, s, petition, now, values=values, found=problems)
        case "satisfaction":
            return satisfaction_router.page(request, s, petition, now, values=values, problems={})
        case _:
            return _page(request, petition, form, values=values, problems=problems)


def _meant(typed: Mapping[str, Any]) -> None:
    if typed.get("sure") != "true":
        raise Invalid("portal.act.tick", field="sure")


def _form(request: Request, s: Session, now: datetime, config: Settings, form: str) -> Response:
    petition = edge_router.passed(request, s, config, now)
    if petition is None:
        return edge_router.ask_again(request)
    return _page(request, petition, form, values={}, problems={})


def _refused(
    request: Request,
    s: Session,
    now: datetime,
    config: Settings,
    form: str,
    typed: Mapping[str, Any],
    error: ValidationError | MinyiError,
) -> Response:
    """Show the form again with what was typed and a sentence at each field; nothing of it was carried out."""
    s.rollback()
    say = partial(render.sentence, request)
    if isinstance(error, ValidationError | Invalid):
        problems, status = refusals.problems(error, say), 422
    else:
        problems, status = {"": say(error.key, error.values)}, error.status
    petition = edge_router.passed(request, s, config, now)
    if petition is None:
        return edge_router.keep_and_ask(request, form, typed)
    return _page(request, petition, form, values=typed, problems=problems, status=status)


def _page(
    request: Request,
    petition: Petition,
    form: str,
    *,
    values: Mapping[str, Any],
    problems: Mapping[str, str],
    status: int = 200,
) -> Response:
    limits = context_of(request).settings.documents
    return render.page(
        request,
        f"portal/{form}.html",
        status=status,
        number=petition.number,
        gone=petition.erased_at is not None,
        asked=petition.state == "awaiting_supplement",
        withdrawn=petition.state == "withdrawn",
        may_withdraw=endings.may_withdraw(petition),
        form_id=values.get("id") or str(new_id()),
        values=values,
        problems=problems,
        abouts=list(About),
        tell_by=[{"value": str(each), "key": f"petitions.tell_by.{each}"} for each in TellBy],
        reply_by=list(ReplyBy),
        most_words=MOST_WORDS,
        most_files=MOST_AT_ONCE,
        most_mb=limits.max_file_mb,
    )
