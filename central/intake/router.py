"""Upload a ledger, check its columns, follow its import, see what came in and what did not."""

import shutil
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, UploadFile
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from central.access import service as access
from central.access.models import Look
from central.accounts.edge import Config, Now, Posted, ReadDb, Signed, WriteDb
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.intake import preview, queries, report, service, work
from central.intake.models import LedgerImport, Stage
from central.intake.preview import Preview
from central.intake.reading import BadFile
from central.intake.rows import Field, Refusal
from central.petitions.models import Channel
from central.settings import Settings
from central.web import render
from shared.ids import new_id

router = APIRouter(include_in_schema=False, prefix="/intake/ledgers")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: Seconds after which a page of a running import asks again, with or without script.
AGAIN = "3"
_RUNNING = frozenset({Stage.WAITING, Stage.RUNNING})


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
    try:
        path = _keep(config, import_id, file)
        service.look(path, config.imports)
    except Invalid as error:
        _path(config, import_id).unlink(missing_ok=True)
        return _front(request, seen, actor, config, error)
    name = (file.filename if file else None) or path.name
    service.create(
        db,
        court_id=court_id,
        import_id=import_id,
        file_name=name,
        file_digest=service.digest_of(path),
        stored_as=str(path.relative_to(config.data)),
        by=actor,
        now=now,
    )
    return render.see_other(f"/intake/ledgers/{import_id}")


@router.get("/{import_id}")
def one(
    request: Request, import_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now, after: int = 0
) -> Response:
    """Columns to check, progress, or result, as far as the import has come."""
    _allowed(actor)
    found = queries.get(db, import_id, actor=actor)
    if found.stage == Stage.UPLOADED:
        return _columns(request, found, _looked(config, found, None, actor, now))
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
    """Take over the chosen columns: show the rows anew, or start. The file is read before anything is locked."""
    _allowed(actor)
    found = queries.get(seen, import_id, actor=actor)
    if found.stage != Stage.UPLOADED:
        raise Conflict("intake.already_started")
    chosen = _looked(config, found, posted, actor, now)
    if chosen.layout is None or posted.get("do") != "start":
        return _columns(request, found, chosen, status=422 if chosen.problem else 200)
    layout = work.stored(chosen.layout, chosen.sheet, chosen.channel)
    service.start(db, import_id=import_id, layout=layout)
    return render.see_other(f"/intake/ledgers/{import_id}")


@router.get("/{import_id}/report")
def download(
    request: Request, import_id: UUID, db: ReadDb, actor: Signed, config: Config, now: Now
) -> Response:
    """The report as a spreadsheet."""
    _allowed(actor)
    found = queries.get(db, import_id, actor=actor)
    path = config.data / "imports" / f"report-{new_id()}.xlsx"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    report.write(path, work.figures(found), queries.refusals(db, found.id), partial(render.sentence, request))
    access.shown(
        db,
        by=actor,
        what="ledger",
        keys=(),
        now=now,
        how=Look.DOWNLOADED,
        filter_={"ledger": found.id.hex, "refusals": found.refused},
    )
    done = BackgroundTask(path.unlink, missing_ok=True)
    name = f"import-{found.created_at:%Y%m%d}.xlsx"
    return FileResponse(path, media_type=XLSX, filename=name, background=done)


def _allowed(actor: Actor) -> UUID:
    if not actor.has(Role.REGISTRAR, Role.COURT_ADMIN):
        raise Forbidden("intake.not_yours")
    if actor.court_id is None:
        raise Forbidden("intake.no_court")
    return actor.court_id


def _path(config: Settings, import_id: UUID) -> Path:
    return config.data / "imports" / f"{import_id}.xlsx"


def _keep(config: Settings, import_id: UUID, file: UploadFile | None) -> Path:
    if file is None or not file.filename:
        raise BadFile("intake.no_file", field="file")
    path = _path(config, import_id)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as kept:
        shutil.copyfileobj(file.file, kept, 2**20)
    return path


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
    config: Settings, found: LedgerImport, posted: dict[str, Any] | None, actor: Actor, now: datetime
) -> Preview:
    path = config.data / found.stored_as
    if not path.is_file():
        raise NotFound("intake.file_gone")
    return preview.preview(path, config.imports, posted=posted, court_code=actor.court_code, now=now)


def _columns(request: Request, found: LedgerImport, seen: Preview, status: int = 200) -> Response:
    problem = seen.problem
    return render.page(
        request,
        "intake/columns.html",
        status=status,
        found=found,
        seen=seen,
        problem=render.sentence(request, problem.key, problem.values) if problem else None,
        fields=list(Field),
        channels=list(Channel),
        reason=partial(report.sentence, say=partial(render.sentence, request)),
        is_refused=lambda row: isinstance(row, Refusal),
    )


def _result(
    request: Request, db: ReadDb, found: LedgerImport, actor: Actor, after: int, now: datetime
) -> Response:
    problem, taken = found.problem, list(queries.taken(db, found.id, actor=actor, after=after))
    refusals = list(queries.refusals(db, found.id, limit=queries.PAGE))
    if taken or refusals:
        keys = [petition.id for _, petition in taken]
        access.shown(
            db,
            by=actor,
            what="ledger",
            keys=keys,
            now=now,
            filter_={"ledger": found.id.hex, "refusals": len(refusals)},
        )
    response = render.page(
        request,
        "intake/import.html",
        found=found,
        running=found.stage in _RUNNING,
        problem=render.sentence(request, problem["key"], problem["values"]) if problem else None,
        taken=taken,
        refusals=refusals,
        page_size=queries.PAGE,
        reason=partial(report.sentence, say=partial(render.sentence, request)),
    )
    if found.stage in _RUNNING:
        response.headers["Refresh"] = AGAIN
    return response
