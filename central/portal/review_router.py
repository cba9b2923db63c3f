"""`/track/petition/review`: petitioners ask for a review or re-review, with reasons and files, or take the request back."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Config, Now, ReadDb, WriteDb
from central.actor import petitioner
from central.casework import documents
from central.casework.uploads import FIELD, Kept
from central.documents import names
from central.documents.remaking import BadDocument
from central.documents.service import keep
from central.errors import Conflict, Invalid, MinyiError
from central.petitions import forms as petition_forms
from central.petitions.models import Petition
from central.portal import edge_router as edge
from central.portal import said
from central.reviews import asking, forms
from central.web import render
from central.web.problems import problems
from shared.clock import court_day

router = APIRouter(include_in_schema=False)
_HERE = "/track/petition#review"


@router.get("/track/petition/review")
def show(request: Request, db: ReadDb, now: Now, config: Config) -> Response:
    """The form, filled in with what was said before."""
    petition = edge.passed(request, db, config, now)
    if petition is None:
        return edge.ask_again(request)
    return page(request, db, petition, now, values=None, found={})


@router.post("/track/petition/review")
def ask(
    request: Request,
    db: WriteDb,
    now: Now,
    config: Config,
    typed: edge.Typed,
    files: edge.Chosen,
    store: Kept,
) -> Response:
    """Send the request; what cannot be taken comes back with what was typed. A file that cannot be taken is named."""
    petition = edge.passed(request, db, config, now, typed)
    if petition is None:
        return edge.keep_and_ask(request, "review", typed, files=bool(files))
    who, say = petitioner(petition.id), partial(render.sentence, request)
    good, bad = documents.prepared(files, store.limits)
    try:
        if bad:
            return page(request, db, petition, now, values=typed, found={FIELD: _named(bad[0], say)})
        form = forms.OwnAsk.model_validate(edge.answers(typed))
        asking.ask_own(db, petition_id=petition.id, form=form, by=who, now=now)
        for each in good:
            keep(
                db,
                store=store,
                petition_id=petition.id,
                key_id=petition.key_id,
                prepared=each,
                by=who,
                now=now,
            )
    except (ValidationError, Invalid, Conflict, BadDocument) as error:
        found = problems(error, say)
        db.rollback()
        again = edge.passed(request, db, config, now)
        if again is None:
            return edge.keep_and_ask(request, "review", typed, files=bool(files))
        return page(request, db, again, now, values=typed, found=found)
    finally:
        for each in good:
            each.close()
    return render.see_other(_HERE)


def _named(bad: documents.Refused, say: Any) -> str:
    return f"{names.plain(bad.name)}: {say(bad.why.key, bad.why.values)}"


@router.post("/track/petition/review/withdraw")
def withdraw(request: Request, db: WriteDb, now: Now, config: Config, typed: edge.Typed) -> Response:
    """Take the request back."""
    petition = edge.passed(request, db, config, now, typed)
    if petition is None:
        return edge.ask_again(request)
    words = render.sentence(request, "portal.review.take_back_words", {})
    form = petition_forms.Plain(remark=words)
    try:
        asking.withdraw(db, petition_id=petition.id, form=form, by=petitioner(petition.id), now=now)
    except MinyiError:  # it has gone on meanwhile: the page says where it stands
        db.rollback()
    return render.see_other(_HERE)


def page(
    request: Request,
    s: Session,
    petition: Petition,
    now: datetime,
    *,
    values: Mapping[str, Any] | None,
    found: Mapping[str, str],
) -> Response:
    """Return the form with what was typed, or with what was said before; `found`: what is wrong with it."""
    right = said.review_right(s, petition, court_day(now))
    return render.page(
        request,
        "portal/review.html",
        status=422 if found else 200,
        number=petition.number,
        right=right,
        values=values if values is not None else {"asked": right.said},
        problems=found,
        file_field=FIELD,
    )
