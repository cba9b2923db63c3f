"""Upload a ledger, check its columns, follow its import, see what came in and what did not."""

import io
import re
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request, UploadFile
from fastapi.responses import Response

from central.access import service as access
from central.access.models import Look
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor, Role
from central.courts import queries as courts
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.intake import (
    correcting,
    deciding,
    files,
    forms,
    preview,
    queries,
    report,
    service,
    sheets,
    sources,
    work,
)
from central.intake.models import LedgerImport, Remark, Stage
from central.intake.preview import Preview
from central.intake.reading import BadFile
from central.intake.rows import Field
from central.petitions.models import Channel
from central.settings import Settings
from central.vault.rows import vault_of
from central.vault.vault import Vault
from central.web import render
from shared.ids import new_id

#: A row of a ledger, as the pages of a report go on behind it.
After = Annotated[int, Query(ge=0, lt=2**31)]

router = APIRouter(include_in_schema=False, prefix="/intake/ledgers")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Seconds after which a page of a running import asks again, with or without script.
AGAIN = "3"
_RUNNING = frozenset({Stage.WAITING, Stage.RUNNING, Stage.DECIDING, Stage.UNDOING})
UUID_TEXT = re.compile(r"[0-9a-f]{32}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@router.get("")
def ledgers(request: Request, db: ReadDb, actor: Signed, config: Config) -> Response:
    """The form to upload one, and the court's recent imports."""
    _allowed(actor)
    return _front(request, db, actor, config)


@router.post("")
def upload(
    request: Request,
    seen: ReadDb,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    config: Config,
    now: Now,
    file: UploadFile | None = None,
) -> Response:
    """Keep the file and go on to its columns; a file that cannot be read is told at once and not kept."""
    del posted  # asked for so that its token is checked
    court_id, import_id = _allowed(actor), new_id()
    path, vault = files.path(config.data, import_id), vault_of(db)
    key_id = vault.new_key()
    try:
        name = _keep(vault, key_id, path, import_id, file)
        with files.opened(vault, path, import_id) as plain:
            service.look(plain, config.imports)
            digest = service.digest_of(plain)
    except Invalid as error:
        path.unlink(missing_ok=True)
        return _front(request, seen, actor, config, error)
    service.create(
        db,
        court_id=court_id,
        import_id=import_id,
        key_id=key_id,
        file_name=name,
        file_digest=digest,
        stored_as=str(path.relative_to(config.data)),
        by=actor,
        now=now,
    )
    return render.see_other(f"/intake/ledgers/{import_id}")


@router.get("/{import_id}")
def one(
    request: Request, import_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now, after: After = 0
) -> Response:
    """Columns to check, progress, or result, as far as the import has come."""
    _allowed(actor)
    found = queries.get(db, import_id, actor=actor)
    if found.stage == Stage.UPLOADED:
        return _columns(request, db, found, _looked(db, config, found, None, now))
    return _result(request, db, found, actor, after, now)


@router.post("/{import_id}")
def start(
    request: Request,
    import_id: UUID,
    seen: ReadDb,
    db: WriteDb,
    actor: Signed,
    posted: Posted,
    config: Config,
    now: Now,
) -> Response:
    """Take over the chosen columns: show the rows anew, or start, other sheets that were ticked too.

    The file is read before anything is locked.
    """
    court_id = _allowed(actor)
    found = queries.get(seen, import_id, actor=actor)
    if found.stage != Stage.UPLOADED:
        raise Conflict("intake.already_started")
    chosen = _looked(seen, config, found, posted, now)
    if chosen.layout is None or posted.get("do") != "start":
        also = frozenset(str(value) for name, value in posted.items() if name.startswith("also-"))
        return _columns(request, seen, found, chosen, status=422 if chosen.problem else 200, also=also)
    layout = work.stored(chosen.layout, chosen.looked.sheet, chosen.channel, chosen.doubles)
    service.start(db, import_id=import_id, layout=layout)
    sheets.queue(db, config, found, chosen, posted, by=actor, now=now)
    sources.keep(
        db, court_id=court_id, name=chosen.name, layout=chosen.layout, channel=chosen.channel, now=now
    )
    return render.see_other(f"/intake/ledgers/{import_id}")


@router.post("/{import_id}/steer")
def steer(import_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Stop an import, let it go on, or undo it."""
    _allowed(actor)
    queries.get(db, import_id, actor=actor)
    match posted.get("do"):
        case "cancel":
            service.cancel(db, import_id=import_id, now=now)
        case "go_on":
            service.go_on(db, import_id=import_id)
        case "undo":
            service.undo(db, import_id=import_id)
    return render.see_other(f"/intake/ledgers/{import_id}")


@router.post("/{import_id}/doubles")
def decide(import_id: UUID, db: WriteDb, actor: Signed, posted: Posted, now: Now) -> Response:
    """Take a row that was held back, or leave it out; or all that are left."""
    _allowed(actor)
    queries.get(db, import_id, actor=actor)
    do, row = str(posted.get("do", "")), str(posted.get("row", ""))
    if do == "take_all":
        deciding.take_all(db, import_id=import_id)
    elif do == "leave_all":
        deciding.leave_all(db, import_id=import_id, by=actor, now=now)
    elif do in {"take", "leave"} and UUID_TEXT.fullmatch(row):
        deciding.one(db, import_id=import_id, remark_id=UUID(row), take=do == "take", by=actor, now=now)
    return render.see_other(f"/intake/ledgers/{import_id}#doubles")


@router.get("/{import_id}/report")
def download(request: Request, import_id: UUID, db: ReadDb, actor: Signed, now: Now) -> Response:
    """The report as a spreadsheet, made in memory: its cells are petitioners' words."""
    _allowed(actor)
    found = queries.get(db, import_id, actor=actor)
    book, say = io.BytesIO(), partial(render.sentence, request)
    report.write(book, work.figures(found), queries.refusals(db, found.id), say)
    return _book(db, found, actor, now, book, "import", rows=found.refused)


@router.get("/{import_id}/correct")
def correct(
    request: Request, import_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now
) -> Response:
    """The rows that did not go in as they stood in the ledger, each with its reason, to be corrected and given in again.

    Of a file that is gone the report is what is left.
    """
    _allowed(actor)
    found = queries.get(db, import_id, actor=actor)
    if not found.stored_as or not (config.data / found.stored_as).is_file():
        return download(request, import_id, db, actor, now)
    path, layout = _kept(config, found), work.layout_of(found.layout)
    book, say = io.BytesIO(), partial(render.sentence, request)
    refused = {row.number: row for row in queries.refusals(db, found.id, kinds=[Remark.REFUSED])}
    with files.opened(vault_of(db), path, found.id) as plain:
        rows = correcting.rows(plain, config.imports, found.layout["sheet"], layout, refused)
        report.write_rows(book, layout.heads, rows, say)
    return _book(db, found, actor, now, book, "correct", rows=len(refused))


def _book(
    db: ReadDb, found: LedgerImport, actor: Actor, now: datetime, book: io.BytesIO, name: str, *, rows: int
) -> Response:
    access.shown(
        db,
        by=actor,
        what="ledger",
        keys=(),
        now=now,
        how=Look.DOWNLOADED,
        filter_={"ledger": found.id.hex, "refusals": rows},
    )
    headers = {"Content-Disposition": f'attachment; filename="{name}-{found.created_at:%Y%m%d}.xlsx"'}
    return Response(book.getvalue(), media_type=XLSX, headers=headers)


def _allowed(actor: Actor) -> UUID:
    if not actor.has(Role.REGISTRAR, Role.COURT_ADMIN):
        raise Forbidden("intake.not_yours")
    if actor.court_id is None:
        raise Forbidden("intake.no_court")
    return actor.court_id


def _keep(vault: Vault, key_id: UUID, path: Path, import_id: UUID, file: UploadFile | None) -> str:
    """Keep the file sealed; return its name."""
    if file is None or not file.filename:
        raise BadFile("intake.no_file", field="file")
    files.keep(vault, key_id, file.file, path, import_id)
    return file.filename


def _front(
    request: Request, db: ReadDb, actor: Actor, config: Settings, problem: Invalid | None = None
) -> Response:
    said = render.sentence(request, problem.key, problem.values) if problem else None
    return render.page(
        request,
        "intake/ledgers.html",
        status=422 if problem else 200,
        imports=queries.of_court(db, actor.court_id),
        problem=said,
        megabytes=config.imports.max_file_mb,
    )


def _looked(
    db: ReadDb,
    config: Settings,
    found: LedgerImport,
    posted: dict[str, Any] | None,
    now: datetime,
) -> Preview:
    path = _kept(config, found)
    with files.opened(vault_of(db), path, found.id) as plain:
        return preview.preview(
            plain,
            config.imports,
            posted=posted,
            court=courts.get(db, found.court_id),
            now=now,
            known=sources.of_court(db, found.court_id),
            file_name=found.file_name,
        )


def _kept(config: Settings, found: LedgerImport) -> Path:
    path = config.data / found.stored_as
    if not found.stored_as or not path.is_file():
        raise NotFound("intake.file_gone")
    return path


def _columns(
    request: Request,
    db: ReadDb,
    found: LedgerImport,
    seen: Preview,
    status: int = 200,
    also: frozenset[str] = frozenset(),
) -> Response:
    problem = seen.problem
    return render.page(
        request,
        "intake/columns.html",
        status=status,
        found=found,
        seen=seen,
        also=also,
        problem=render.sentence(request, problem.key, problem.values) if problem else None,
        fields=list(Field),
        channels=list(Channel),
        doubles=forms.DOUBLES,
        sources=sources.of_court(db, found.court_id),
        reason=partial(report.sentence, say=partial(render.sentence, request)),
    )


def _result(
    request: Request, db: ReadDb, found: LedgerImport, actor: Actor, after: int, now: datetime
) -> Response:
    problem, taken = found.problem, list(queries.taken(db, found.id, actor=actor, after=after))
    lists = {
        kind: list(queries.refusals(db, found.id, kinds=[kind], limit=queries.PAGE, open_only=True))
        for kind in Remark
    }
    likes = queries.likes(db, [row.like_id for row in lists[Remark.DOUBLE] if row.like_id], actor=actor)
    if taken or any(lists.values()):
        keys = [petition.id for _, petition in taken] + list(likes)
        access.shown(
            db,
            by=actor,
            what="ledger",
            keys=keys,
            now=now,
            filter_={"ledger": found.id.hex, "refusals": sum(map(len, lists.values()))},
        )
    response = render.page(
        request,
        "intake/import.html",
        found=found,
        running=found.stage in _RUNNING,
        at_rest=found.stage in service.AT_REST,
        figures=work.figures(found),
        problem=render.sentence(request, problem["key"], problem["values"]) if problem else None,
        taken=taken,
        lists=lists,
        likes=likes,
        page_size=queries.PAGE,
        reason=partial(report.sentence, say=partial(render.sentence, request)),
    )
    if found.stage in _RUNNING:
        response.headers["Refresh"] = AGAIN
    return response
