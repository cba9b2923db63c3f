"""`/scans`: letters on paper sent in, read by machine, parted, and registered one by one beside their picture."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from central.access import service as access
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor
from central.casework import documents, looks
from central.casework.uploads import Files, Kept
from central.courts import queries as courts
from central.custody import queries as custody
from central.desk import document_router, proposals
from central.desk.router import Taking, register_page, start_values, take
from central.documents import service as store_files
from central.documents.service import Prepared, Store
from central.errors import Invalid, NotFound
from central.petitions import queries as petitions
from central.petitions.queries import Filter
from central.scanning import letters, searchable, service
from central.scanning.letters import Letter
from central.scanning.models import Scan, Stage
from central.sorting import ahead
from central.web import render
from shared.clock import court_day

router = APIRouter(include_in_schema=False, prefix="/scans")
#: Seconds after which a page of a running scan asks again.
AGAIN = "3"
_RUNNING = frozenset({Stage.WAITING, Stage.READING})
_TEMPLATE = "desk/scan_letter.html"


@router.get("")
def listed(request: Request, db: ReadDb, actor: Signed, config: Config) -> Response:
    """The form to send pages in, and the court's recent scans."""
    return _front(request, service.newest(db, by=actor), config.documents.max_file_mb)


@router.post("")
def send(
    request: Request,
    seen: ReadDb,
    db: WriteDb,
    actor: Signed,
    files: Files,
    store: Kept,
    now: Now,
) -> Response:
    """Take pictures and PDFs in; reading begins within seconds. A file that is refused is named."""
    rows = service.newest(seen, by=actor)
    good, refused = documents.prepared(files, store.limits)
    most = store.limits.max_file_mb
    if refused:
        for each in good:
            each.close()
        return _front(request, rows, most, document_router.refused_lines(request, refused))
    try:
        row = service.begin(db, prepared=good, data=store.data, by=actor, now=now)
    except Invalid as error:
        return _front(request, rows, most, [("", render.sentence(request, error.key, error.values))])
    return render.see_other(f"/scans/{row.id}")


@router.get("/{scan_id}")
def one(request: Request, scan_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """How far reading has come; then the pages, how they are parted, and each letter's way to registration."""
    row = service.mine(db, scan_id, by=actor)
    access.shown(db, by=actor, what="scan", keys=(), now=now, filter_={"scan": row.id.hex})
    away = _kept_away(db, row, actor)
    pages = [page for page in service.pages_of(row) if page.number not in _pages_of(row, away)]
    codes = {each["cover"] for each in row.letters if each["cover"]}
    response = render.page(
        request,
        "desk/scan.html",
        scan=row,
        away=away,
        pages=pages,
        running=row.stage in _RUNNING,
        starts={each["pages"][0] for each in row.letters if each["pages"]},
        kept={number for each in row.letters for number in each["pages"]},
        covers={page.number: letters.cover_of(page) for page in pages},
        known=custody.by_codes(db, codes, actor=actor),
    )
    if row.stage in _RUNNING:
        response.headers["Refresh"] = AGAIN
    return response


@router.post("/{scan_id}")
def part(
    scan_id: UUID,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
) -> Response:
    """Part the batch anew."""
    row = service.mine(db, scan_id, by=actor, for_update=True)
    service.part(row, starts=_numbers(posted.get("start")), left_out=_numbers(posted.get("out")))
    return render.see_other(f"/scans/{row.id}")


@router.get("/{scan_id}/pages/{number}")
def picture(scan_id: UUID, number: int, db: ReadDb, actor: Signed, config: Config, now: Now) -> Response:
    """A page as it was straightened: of a letter that became a petition, to those who may see that, as a look at it."""
    row = service.mine(db, scan_id, by=actor)
    became = next((UUID(each["petition"]) for each in _registered(row) if number in each["pages"]), None)
    petition = petitions.get(db, became, actor=actor) if became else None
    content = service.picture(db, row, number, config.data)
    if petition is not None:
        looks.opened(db, petition, by=actor, now=now, what="scan")
    else:
        page = {"scan": row.id.hex, "page": number}
        access.shown(db, by=actor, what="scan", keys=(), now=now, filter_=page)
    return Response(content, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


@router.get("/{scan_id}/letters/{number}")
def letter(request: Request, scan_id: UUID, number: int, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The form of registration beside the picture; what was read waits in grey."""
    row = service.mine(db, scan_id, by=actor)
    petition = service.letter_of(row, number)["petition"]
    if petition:
        return render.see_other(f"/petitions/{UUID(petition)}")
    access.shown(db, by=actor, what="scan", keys=(), now=now, filter_={"scan": row.id.hex, "letter": number})
    return register_page(request, start_values("letter", now), {}, **_beside(db, row, number))


@router.post("/{scan_id}/letters/{number}", dependencies=[Depends(ahead.of_form)])
def register(
    request: Request,
    scan_id: UUID,
    number: int,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    files: Files,
    store: Kept,
    now: Now,
) -> Response:
    """Register the letter as the clerk confirmed it; its pages go with it as a PDF that can be searched."""
    row = service.mine(db, scan_id, by=actor, for_update=True)
    found = service.letter_of(row, number)
    if found["petition"]:
        return render.see_other(f"/petitions/{UUID(found['petition'])}")
    day = court_day(now)
    taking = Taking(
        more=_made(db, row, found["pages"], store, day),
        done=lambda petition_id: service.registered(row, number, petition_id),
        beside=_beside(db, row, number),
    )
    return take(request, db, actor, posted, files, store, now, taking)


@router.post("/{scan_id}/letters/{number}/attach")
def attach(scan_id: UUID, number: int, db: WriteDb, actor: Signed, store: Kept, now: Now) -> Response:
    """Put a letter's pages to the petition whose cover sheet lay before them, as one PDF that can be searched."""
    row = service.mine(db, scan_id, by=actor, for_update=True)
    found = service.letter_of(row, number)
    if found["petition"]:
        return render.see_other(f"/petitions/{UUID(found['petition'])}")
    petition_id = custody.by_code(db, found["cover"], actor=actor) if found["cover"] else None
    if petition_id is None:
        raise NotFound("scanning.cover_unknown")
    made = _made(db, row, found["pages"], store, court_day(now))()
    _, refused = documents.attach(db, store=store, petition_id=petition_id, files=made, by=actor, now=now)
    if refused:
        raise refused[0].why
    service.registered(row, number, petition_id)
    return render.see_other(f"/petitions/{petition_id}")


def _registered(row: Scan) -> list[dict[str, Any]]:
    return [each for each in row.letters if each["petition"]]


def _kept_away(db: ReadDb, row: Scan, actor: Actor) -> set[int]:
    """Return the letters of a batch that became petitions the actor may not see any more, counted from 1 (arts 28, 30)."""
    ids = [UUID(each["petition"]) for each in _registered(row)]
    seen = petitions.among(db, ids, actor=actor, filter_=Filter())
    return {
        number
        for number, each in enumerate(row.letters, start=1)
        if each["petition"] and UUID(each["petition"]) not in seen
    }


def _pages_of(row: Scan, numbers: set[int]) -> set[int]:
    return {page for number in numbers for page in service.letter_of(row, number)["pages"]}


def _numbers(posted: object) -> list[int]:
    """Return the pages that were ticked."""
    found = posted if isinstance(posted, list) else [posted]
    return [int(each) for each in found if isinstance(each, str) and each.isascii() and each.isdigit()]


def _made(
    db: WriteDb, row: Scan, numbers: list[int], store: Store, day: date
) -> Callable[[], list[Prepared]]:
    """Return what makes the letter's pages into a file with its text; called only when the form is good."""

    def make() -> list[Prepared]:
        pages = [
            service.with_picture(page, service.picture(db, row, page.number, store.data))
            for page in service.pages_of(row)
            if page.number in numbers
        ]
        if not pages:
            return []
        content = io.BytesIO(searchable.pdf(pages, title=row.name, day=day))
        made = store_files.prepare("letter.pdf", content, store.limits)
        return [store_files.with_text(made, "\n".join(letters.text_of_page(page) for page in pages))]

    return make


def _beside(db: ReadDb, row: Scan, number: int) -> dict[str, Any]:
    """Return what stands beside the form: pages, proposals, lines that could not be read."""
    told = service.letter_of(row, number)
    pages = [page for page in service.pages_of(row) if page.number in told["pages"]]
    names = [court.name for court in courts.everything(db)]
    found: Letter = letters.of_group(number, tuple(told["pages"]), told["cover"], pages, courts=names)
    return {
        "template": _TEMPLATE,
        "action": f"/scans/{row.id}/letters/{number}",
        "scan": row,
        "letter": found,
        "pages": pages,
        "proposals": proposals.of(found),
    }


def _front(
    request: Request, rows: Any, most_mb: int, refused: list[tuple[str, str]] | None = None
) -> Response:
    return render.page(
        request,
        "desk/scans.html",
        status=422 if refused else 200,
        scans=rows,
        most_mb=most_mb,
        refused=refused or [],
        running=_RUNNING,
    )
