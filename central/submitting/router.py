"""`/submit`: one question a page, back always works, all answers to be checked, sent once. No account, no JavaScript needed."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session
from starlette.datastructures import UploadFile

from central import cookies
from central.accounts.edge import Now, ReadDb, caller_address, context_of, plain_fields
from central.casework.documents import Sent
from central.casework.uploads import Kept
from central.courts import queries as courts
from central.courts.models import Court
from central.db import unit_of_work
from central.documents.remaking import BadDocument
from central.documents.service import Store
from central.errors import Invalid, MinyiError, NotFound
from central.petitions.forms import MOST_REPRESENTATIVES, gathered
from central.petitions.models import Petition
from central.submitting import carry, forms, queries, service, uploads
from central.submitting.drafts import ASKED, AsWho, Draft, Step, after, before, steps
from central.submitting.receipt_router import COOKIE
from central.web import render

router = APIRouter(include_in_schema=False)
#: A receipt can be shown again in the browser that sent the petition for so long.
RECEIPT_LIFE = timedelta(hours=1)
#: The browser keeps the pages of a draft, so that its own back button works; none of it is kept on the way.
ON_DEVICE = "private, no-cache"


@dataclass(frozen=True, slots=True)
class Typed:
    """What a page sent."""

    values: dict[str, Any]
    files: list[Sent]

    def text(self, name: str) -> str:
        """Return a field as one text."""
        found = self.values.get(name, "")
        return str(found[-1] if isinstance(found, list) else found)


async def _typed(request: Request) -> AsyncIterator[Typed]:
    async with request.form(max_fields=400) as form:
        parts = [each for each in form.getlist("files") if isinstance(each, UploadFile)]
        files = [Sent(each.filename or "", each.file) for each in parts if each.filename or each.size]
        yield Typed(gathered(plain_fields(form)), files)


Page = Annotated[Typed, Depends(_typed)]


@router.get("/submit")
def begin(request: Request, db: ReadDb, now: Now) -> Response:
    """The first question, on an empty draft."""
    return _question(request, db, carry.new(now), Step.COURT)


@router.post("/submit")
def go_on(request: Request, db: ReadDb, now: Now, page: Page, store: Kept) -> Response:
    """Take the answers of one page and show the next; or go back, change an answer, add a line, send."""
    return _turn(request, db, page, store, now)


@router.post("/submit/files")
def with_files(request: Request, db: ReadDb, now: Now, page: Page, store: Kept) -> Response:
    """The page for files, which come with it where there is no script."""
    return _turn(request, db, page, store, now)


def _turn(request: Request, db: Session, page: Typed, store: Store, now: datetime) -> Response:
    step = Step(page.text("at")) if page.text("at") in set(Step) else Step.COURT
    draft = carry.opened(context_of(request).vault, page.text("carry"), now)
    if draft is None:
        fresh = carry.new(now).merged(step, _answers(page, step))
        return _question(request, db, fresh, step, over=True)
    draft, go = draft.merged(step, _answers(page, step)), page.text("go") or "next"
    if go == "enter":  # the key, on the page of courts: whoever typed a place and chose none searches
        go = "find" if page.text("find").strip() and "court" not in page.values else "next"
    if go == "send":
        return _send(request, db, draft, store, now)
    refused = _take(request, draft, page.files, store, now)
    if go.startswith("remove:"):
        _remove(request, draft, go.removeprefix("remove:"), store)
    if refused:
        return _question(request, db, draft, step, problems=refused)
    if go == "next":
        return _checked(request, db, draft, step)
    # Back, to one question, or the same again: searched for a court, one more line, files that came.
    where = _where(go, draft, step) or step
    return _question(request, db, draft, where, find=page.text("find"), more=go == "more")


def _checked(request: Request, db: Session, draft: Draft, step: Step) -> Response:
    """Show the next question, or say what is wrong with the answers to this one."""
    try:
        forms.check(draft, step)
        if step is Step.COURT:
            courts.by_code(db, str(draft.values["court"]))
    except NotFound:
        said = {"court": render.sentence(request, "submitting.problem.court", {})}
        return _question(request, db, draft, step, problems=said)
    except (ValidationError, Invalid) as error:
        return _question(request, db, draft, step, problems=_said(request, error))
    return _next(request, db, draft, step)


def _where(go: str, draft: Draft, step: Step) -> Step | None:
    if go == "back":
        return before(draft, step) or Step.COURT
    wish = go.removeprefix("to:")
    return Step(wish) if go.startswith("to:") and wish in set(Step) else None


def _next(request: Request, db: Session, draft: Draft, step: Step) -> Response:
    """Show the next question; whoever saw all answers already goes back to them, past what is in order."""
    following = after(draft, step)
    if draft.checked:
        following, problems = _first_wrong(request, draft)
        return _question(request, db, draft, following, problems=problems)
    return _question(request, db, draft, following)


def _first_wrong(request: Request, draft: Draft) -> tuple[Step, dict[str, str]]:
    for step in steps(draft):
        try:
            forms.check(draft, step)
        except (ValidationError, Invalid) as error:
            return step, _said(request, error)
    return Step.CHECK, {}


def _answers(page: Typed, step: Step) -> dict[str, Any]:
    """Return what was typed on a page, in the shape in which drafts keep it."""
    found = {name: page.values[name] for name in ASKED[step] if name in page.values}
    for name in {"demands", "tell_by"} & set(found):
        given = found[name] if isinstance(found[name], list) else [found[name]]
        found[name] = [each for each in given if str(each).strip()]
    if step is Step.OTHERS:
        found.setdefault("people", [])
    for name in ("text", "subject", "name", "phone", "address", "id_number", "case_number"):
        if isinstance(found.get(name), list):
            found[name] = str(found[name][-1])
    return found


def _said(request: Request, error: ValidationError | Invalid) -> dict[str, str]:
    return {
        name: render.sentence(request, key, values) for name, (key, values) in forms.problems(error).items()
    }


def _question(
    request: Request,
    db: Session,
    draft: Draft,
    step: Step,
    *,
    problems: Mapping[str, str] | None = None,
    find: str = "",
    more: bool = False,
    over: bool = False,
    status: int = 0,
) -> Response:
    vault = context_of(request).vault
    if step is Step.CHECK:
        draft = draft.model_copy(update={"checked": True})
    asked, values = steps(draft), draft.values
    shown = courts.everything(db) if step in {Step.COURT, Step.CHECK} else []
    context = {
        "step": step,
        "number": asked.index(step) + 1 if step in asked else len(asked) + 1,
        "total": len(asked) + 1,
        "steps": asked,
        "draft": draft,
        "values": values,
        "problems": dict(problems or {}),
        "carry": carry.seal(vault, draft),
        "drop": carry.drop(vault, draft),
        "over": over,
        "find": find,
        "more": more,
        "chosen": next((each for each in shown if each.code == values.get("court")), None),
        "places": _places(shown, find, str(values.get("court", ""))) if step is Step.COURT else [],
        "files": queries.uploads(db, draft.id) if step in {Step.FILES, Step.CHECK} else [],
        "most_mb": context_of(request).settings.documents.max_file_mb,
        "most_people": MOST_REPRESENTATIVES,
        "as_who": draft.as_who,
        "who": list(AsWho),
        "people": forms.people(draft) if step is Step.CHECK else values.get("people", []),
    }
    code = status or (422 if problems else 200)
    answer = render.page(request, "submitting/step.html", status=code, **context)
    answer.headers["Cache-Control"] = ON_DEVICE
    return answer


@dataclass(frozen=True, slots=True)
class Place:
    """A city: its courts, and whether they are unfolded."""

    court: Court
    courts: list[Court]
    open: bool


def _places(shown: Sequence[Court], find: str, chosen: str) -> list[Place]:
    """Return the courts by city; only those with the word that was searched for, if there was one."""
    word = find.strip().casefold()
    cities: dict[UUID, list[Court]] = {}
    heads: dict[UUID, Court] = {}
    for each in shown:
        head = (
            heads.get(each.parent_id) if each.parent_id in heads and heads[each.parent_id].parent_id else None
        )
        heads[each.id] = each
        cities.setdefault(head.id if head else each.id, []).append(each)
    places = []
    for city, found in cities.items():
        fits = [each for each in found if word in f"{each.name} {each.name_en} {each.code}".casefold()]
        if fits:
            is_open = bool(word) or any(each.code == chosen for each in fits) or len(cities) <= 3
            places.append(Place(heads[city], fits, is_open))
    return places


def _take(request: Request, draft: Draft, files: list[Sent], store: Store, now: datetime) -> dict[str, str]:
    """Keep files that came with the page; return why some were not taken."""
    context = context_of(request)
    said: list[str] = []
    for name, content in files:
        body = content.read()
        try:
            with unit_of_work(context.engine) as s:
                row = uploads.begin(
                    s,
                    draft_id=draft.id,
                    name=name,
                    size=len(body),
                    address=caller_address(request),
                    limits=context.settings.submitting,
                    store=store,
                    now=now,
                )
                uploads.append(s, row=row, offset=0, piece=body, data=store.data)
                uploads.prepared(s, row, store).close()
                row.whole = True
        except Invalid as error:
            said.append(_refusal(request, name, error))
    return {"files": " ".join(said)} if said else {}


def _remove(request: Request, draft: Draft, wish: str, store: Store) -> None:
    with unit_of_work(context_of(request).engine) as s:
        for row in queries.uploads(s, draft.id):
            if row.id.hex == wish:
                uploads.remove(s, row, store.data)


def _send(request: Request, db: Session, draft: Draft, store: Store, now: datetime) -> Response:
    """Send; what keeps it from being taken is said beside the answers, and nothing typed is lost."""
    wrong, problems = _first_wrong(request, draft)
    if wrong is not Step.CHECK:
        return _question(request, db, draft, wrong, problems=problems)
    try:
        petition, left = _sent(request, draft, store, now)
    except (ValidationError, Invalid) as error:
        return _question(request, db, draft, Step.CHECK, problems=_said(request, error))
    except MinyiError as error:
        said = {"": render.sentence(request, error.key, error.values)}
        return _question(request, db, draft, Step.CHECK, problems=said, status=error.status)
    if petition is None:
        said = {"files": " ".join(_refusal(request, name, why) for name, why in left)}
        return _question(request, db, draft, Step.FILES, problems=said)
    context = context_of(request)
    answer = render.see_other("/submit/receipt")
    text = carry.receipt(context.vault, petition.id, draft.code)
    cookies.put(answer, context.settings.http, COOKIE, text, life=RECEIPT_LIFE, samesite="strict")
    return answer


def _sent(
    request: Request, draft: Draft, store: Store, now: datetime
) -> tuple[Petition | None, list[tuple[str, BadDocument]]]:
    """Return the petition, or the files that cannot be taken."""
    context = context_of(request)
    with context.look() as s:
        there = service.sent_before(s, draft)
        good, left = ([], []) if there else service.prepared(s, draft, store)
    try:
        if there is None and not left:
            with unit_of_work(context.engine) as s:
                there = service.send(
                    s,
                    draft=draft,
                    files=good,
                    address=caller_address(request),
                    limits=context.settings.submitting,
                    store=store,
                    now=now,
                )
            context.wake.notify()
    except IntegrityError:  # a second tap was a moment faster
        with context.look() as s:
            there = service.sent_before(s, draft)
        if there is None:
            raise
    finally:
        for each in good:
            each.close()
    if there is not None:
        with unit_of_work(context.engine) as s:
            for row in queries.uploads(s, draft.id):
                uploads.remove(s, row, store.data)
    return there, left


def _refusal(request: Request, name: str, why: Invalid) -> str:
    return f"{name}: {render.sentence(request, why.key, why.values)}"
