"""Enter a notice or change a day: typed, checked and shown with its effect, and saved only when that was confirmed."""

import json
from datetime import date
from typing import Any, Literal, cast

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import Response
from pydantic import ValidationError
from sqlmodel import Session

from central.accounts.edge import Now, Posted, ReadDb, Signed, WriteDb
from central.accounts.permissions import keeps_calendar
from central.actor import Actor
from central.deadlines.calendar import Status
from central.errors import Conflict, Forbidden, Invalid
from central.web import render
from central.workdays import files, queries, service
from central.workdays.drafts import Change, Draft, draft_of, problems_of, single_problem
from central.workdays.files import Sheet, read_file
from central.workdays.forms import About, ChangeDay
from central.workdays.notices import Notice, Problem, read_notice
from shared.clock import court_day

router = APIRouter()


@router.get("/notice")
def form(request: Request, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The form for a notice."""
    _allowed(actor)
    del db
    return _page(request, {"year": court_day(now).year + 1})


@router.post("/notice/check")
def check(
    request: Request, db: ReadDb, actor: Signed, posted: Posted, now: Now, file: UploadFile | None = None
) -> Response:
    """Read what was given and show what was understood, what was not, and what it would move. Nothing is saved."""
    _allowed(actor)
    try:
        about = About.model_validate(_single(posted))
        year = about.whole_year()
        notice, status = _read(posted, file, year)
        draft = _draft(notice, about, year, status, court_day(now))
    except (Invalid, ValidationError) as error:
        return _page(request, posted, problems=_problems(request, error), status=422)
    problems = [*notice.problems, *(problems_of(draft) if draft and not notice.problems else ())]
    if draft is None or problems:
        return _page(request, posted, notice=notice, said=problems or [Problem("empty", {})], status=422)
    return _preview(request, db, posted, notice, draft, court_day(now))


@router.post("/notice")
def save(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Save what was confirmed; if the calendar was changed since, it is shown anew."""
    _allowed(actor)
    try:
        sheet = Sheet.model_validate_json(str(posted.get("sheet", "")))
    except ValidationError:
        raise Invalid("workdays.nothing_given") from None
    draft = draft_of(sheet.notice(), year=sheet.year, status=sheet.status or "published")
    try:
        notice = service.enter(db, draft=draft, by=actor, now=now, seen=str(posted.get("was", "")))
    except (Conflict, Invalid) as error:
        db.rollback()
        said = render.sentence(request, error.key, error.values)
        if isinstance(error, Invalid):
            return _page(request, posted, problems={"text": said}, status=422)
        return _preview(request, db, posted, sheet.notice(), draft, court_day(now), refused=said)
    return render.see_other(f"/calendar/moved/{notice.number}")


@router.post("/day/check")
def check_day(request: Request, db: ReadDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Show what the change of one day would move. Nothing is saved."""
    _allowed(actor)
    return _day_page(request, db, posted, court_day(now))


@router.post("/day")
def save_day(request: Request, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Change one day."""
    _allowed(actor)
    try:
        notice = service.change_day(db, form=ChangeDay.model_validate(_single(posted)), by=actor, now=now)
    except (Invalid, ValidationError) as error:
        db.rollback()
        return _day_page(request, db, posted, court_day(now), error)
    return render.see_other(f"/calendar/moved/{notice.number}")


def _allowed(actor: Actor) -> None:
    if not keeps_calendar(actor):
        raise Forbidden("workdays.not_yours")


def _single(posted: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with one value each: a name that came twice counts by its first."""
    return {name: value[0] if isinstance(value, list) else value for name, value in posted.items()}


def _read(posted: dict[str, Any], file: UploadFile | None, year: int | None) -> tuple[Notice, Status | None]:
    if file is not None and file.filename:
        kind = file.filename.rpartition(".")[2].lower()
        if kind not in files.KINDS:
            raise Invalid("workdays.file_kind", field="file")
        content = file.file.read(files.MOST_BYTES + 1)
        return read_file(content, cast("Literal['csv', 'toml', 'json', 'txt']", kind), year)
    text = str(_single(posted).get("text", ""))
    if not text.strip():
        raise Invalid("workdays.nothing_given", field="text")
    return read_notice(text, year), None


def _draft(
    notice: Notice, about: About, year: int | None, status: Status | None, today: date
) -> Draft | None:
    whole = year or notice.year
    if whole is None:
        return None
    return draft_of(
        notice,
        year=whole,
        status=status or about.status,
        title=about.title,
        reference=about.reference,
        issued_on=about.issue_day(today),
    )


def _page(
    request: Request,
    values: dict[str, Any],
    *,
    problems: dict[str, str] | None = None,
    notice: Notice | None = None,
    said: list[Problem] | None = None,
    status: int = 200,
) -> Response:
    return render.page(
        request,
        "workdays/notice.html",
        status=status,
        values=_single(values),
        problems=problems or {},
        notice=notice,
        said=said or [],
    )


def _preview(
    request: Request,
    s: Session,
    posted: dict[str, Any],
    notice: Notice,
    draft: Draft,
    today: date,
    *,
    refused: str = "",
) -> Response:
    change = service.foreseen(s, draft)
    return render.page(
        request,
        "workdays/preview.html",
        status=409 if refused else 200,
        values=_single(posted),
        notice=notice,
        draft=draft,
        sheet=_sheet(draft),
        was=change.before.calendar.version,
        change=change,
        effect=queries.effect(s, change, today),
        refused=refused,
    )


def _sheet(draft: Draft) -> str:
    """Return a draft as the page carries it to saving: the same shape as a file."""
    values = {
        "year": draft.year,
        "status": draft.status,
        "title": draft.title,
        "reference": draft.reference,
        "issued_on": draft.issued_on,
        "off": [span._asdict() for span in draft.off],
        "worked": [each._asdict() for each in draft.worked],
    }
    return json.dumps(values, ensure_ascii=False, default=lambda each: each.isoformat())


def _day_page(
    request: Request,
    s: Session,
    posted: dict[str, Any],
    today: date,
    error: Invalid | ValidationError | None = None,
) -> Response:
    change: Change | None = None
    problems: dict[str, str] = {}
    try:
        wanted = ChangeDay.model_validate(_single(posted))
        change = service.foreseen_day(s, wanted)
        problem = single_problem(change.before.calendar, wanted.day, worked=wanted.worked)
    except (Invalid, ValidationError) as found:
        problem, problems = None, _problems(request, error or found)
    if problem:
        problems = {"day": render.sentence(request, f"workdays.problem.{problem.key}", problem.values)}
    return render.page(
        request,
        "workdays/day.html",
        status=422 if problems else 200,
        values=_single(posted),
        problems=problems,
        change=None if problems else change,
        effect=queries.effect(s, change, today) if change and not problems else None,
    )


def _problems(request: Request, error: Invalid | ValidationError) -> dict[str, str]:
    if isinstance(error, Invalid):
        return {error.field or "text": render.sentence(request, error.key, error.values)}
    found: dict[str, str] = {}
    for each in error.errors():
        name = str(each["loc"][0]) if each["loc"] else "text"
        inner = each.get("ctx", {}).get("error")
        if isinstance(inner, Invalid):
            return _problems(request, inner)
        found[name] = render.sentence(request, _WRONG.get(name, "errors.bad_input"), {"day": "?"})
    return found


#: What is wrong with a field of which no sentence of its own tells.
_WRONG = {
    "day": "workdays.problem.no_such_day",
    "to": "workdays.choose_to",
    "reason": "workdays.reason_needed",
    "title": "workdays.line_long",
    "reference": "workdays.line_long",
    "name": "workdays.line_long",
    "status": "workdays.choose_status",
}
