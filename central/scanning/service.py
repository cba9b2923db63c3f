"""Take a batch in, read it (the job does), correct how it is parted, note which letter became which petition, let it go."""

import io
import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple
from uuid import UUID

import structlog
from sqlalchemy import select
from sqlmodel import Session, col

from central import db
from central.actor import Actor, Role
from central.context import Context
from central.documents import files
from central.documents.kinds import Kind
from central.documents.service import Prepared
from central.errors import Conflict, Forbidden, Invalid, MinyiError, NotFound
from central.scanning import reading, splitting
from central.scanning.lines import Box, Line
from central.scanning.models import Scan, Stage
from central.scanning.reading import ReadPage
from central.scanning.splitting import SplitBy
from central.vault.errors import KeyGone, SealBroken
from central.vault.rows import vault_of
from central.vault.vault import Vault
from shared.ids import new_id

LOG = structlog.get_logger()
#: What reads a file: `reading.read_made`, or a stand-in.
Read = Callable[..., Iterable[ReadPage]]
FOLDER = "scans"
#: A scan that became no petition is gone after so long; paper can be scanned again.
LIFE = timedelta(days=7)
MOST_PAGES = 400
#: Scans of a court that its page lists.
SHOWN = 30


class FromBox(NamedTuple):
    """Whose pages a box sent: court, box, the label of the number at its counter, the code of the cover sheet laid before them."""

    court_id: UUID
    box: str
    ticket: str
    cover: str


def begin_from_box(
    s: Session, *, prepared: Sequence[Prepared], data: Path, sender: FromBox, now: datetime
) -> Scan:
    """Keep pages that staff laid under a hall's document camera; they are one letter."""
    row = _kept(s, prepared, court_id=sender.court_id, staff_id=None, name=sender.box, data=data, now=now)
    row.box_id, row.ticket, row.cover = sender.box, sender.ticket, sender.cover
    return row


def begin(s: Session, *, prepared: Sequence[Prepared], data: Path, by: Actor, now: datetime) -> Scan:
    """Keep files that were made anew; raise `Invalid` without any, `Forbidden` for those who do not register."""
    if not by.has(Role.REGISTRAR) or by.court_id is None or by.staff_id is None:
        raise Forbidden("scanning.registrars_only")
    if not prepared:
        raise Invalid("documents.page.none_chosen", field="files")
    pages = sum(each.remade.pages for each in prepared)
    if pages > MOST_PAGES:
        raise Invalid("scanning.too_many_pages", field="files", pages=MOST_PAGES)
    return _kept(
        s, prepared, court_id=by.court_id, staff_id=by.staff_id, name=prepared[0].name, data=data, now=now
    )


def _kept(
    s: Session,
    prepared: Sequence[Prepared],
    *,
    court_id: UUID,
    staff_id: UUID | None,
    name: str,
    data: Path,
    now: datetime,
) -> Scan:
    row = Scan(
        id=new_id(),
        court_id=court_id,
        staff_id=staff_id,
        name=name,
        sources=[[str(each.remade.made_kind), each.remade.pages] for each in prepared],
        pages=sum(each.remade.pages for each in prepared),
        began_at=now,
    )
    s.add(row)
    s.flush()
    for number, each in enumerate(prepared):
        _keep(vault_of(s), row, f"source-{number}", each.made, data)
        each.close()
    return row


def mine(s: Session, scan_id: UUID, *, by: Actor, for_update: bool = False) -> Scan:
    """Return a scan of the clerk's own court; raise `NotFound` or `Forbidden`."""
    if not by.has(Role.REGISTRAR):
        raise Forbidden("scanning.registrars_only")
    row = s.get(Scan, scan_id, with_for_update=for_update, populate_existing=for_update)
    if row is None or row.court_id != by.court_id:
        raise NotFound("scanning.not_found")
    return row


def newest(s: Session, *, by: Actor) -> Sequence[Scan]:
    """Return the court's scans, newest first."""
    if not by.has(Role.REGISTRAR):
        raise Forbidden("scanning.registrars_only")
    query = select(Scan).where(col(Scan.court_id) == by.court_id)
    return s.scalars(query.order_by(col(Scan.began_at).desc()).limit(SHOWN)).all()


def pages_of(row: Scan) -> list[ReadPage]:
    """Return the pages as they were read, without their pictures."""
    return [_page(each) for each in json.loads(row.read)]


def picture(s: Session, row: Scan, number: int, data: Path) -> bytes:
    """Return the picture of a page, a JPEG; raise `NotFound`."""
    if not 1 <= number <= row.done:
        raise NotFound("scanning.not_found")
    return _content(vault_of(s), row.id, f"page-{number}", data)


def with_picture(page: ReadPage, content: bytes) -> ReadPage:
    """Return a page with its picture."""
    return replace(page, picture=content)


def letter_of(row: Scan, number: int) -> dict[str, Any]:
    """Return pages, cover and petition of a letter, counted from 1; raise `NotFound`."""
    if not 1 <= number <= len(row.letters):
        raise NotFound("scanning.not_found")
    found: dict[str, Any] = row.letters[number - 1]
    return found


def part(row: Scan, *, starts: Sequence[int], left_out: Sequence[int]) -> None:
    """Part the batch anew: a letter begins at each of these pages; some pages belong to none. Raise `Conflict` once one is registered."""
    if row.stage != Stage.READ:
        raise Conflict("scanning.not_read_yet")
    if any(each["petition"] for each in row.letters):
        raise Conflict("scanning.registered_already")
    covers = {each["pages"][0]: each["cover"] for each in row.letters if each["pages"]}
    made: list[dict[str, Any]] = []
    for number in range(1, row.pages + 1):
        if number in left_out:
            continue
        if number in starts or not made:
            made.append({"pages": [], "cover": covers.get(number, ""), "petition": None})
        made[-1]["pages"].append(number)
    row.letters = made


def registered(row: Scan, number: int, petition_id: UUID) -> None:
    """Note what a letter became."""
    row.letters = [
        each | {"petition": petition_id.hex} if at == number else each
        for at, each in enumerate(row.letters, start=1)
    ]


def run(context: Context, *, read: Read = reading.read_made) -> int:
    """Read every scan that waits or was broken off; return how many. The job calls it."""
    with context.read() as s:
        query = select(col(Scan.id)).where(col(Scan.stage).in_([Stage.WAITING, Stage.READING]))
        waiting = s.scalars(query.order_by(col(Scan.began_at))).all()
    for scan_id in waiting:
        try:
            _read(context, scan_id, read)
        except (MinyiError, KeyGone, SealBroken) as error:
            LOG.warning("scan not read to its end", scan=str(scan_id), reason=getattr(error, "key", ""))
            with db.unit_of_work(context.engine) as s:
                row = s.get_one(Scan, scan_id)
                row.stage, row.problem = Stage.FAILED, str(getattr(error, "key", ""))[:60]
    return len(waiting)


def _read(context: Context, scan_id: UUID, read: Read) -> None:
    data, vault = context.settings.data, context.vault
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Scan, scan_id)
        row.stage, row.done = Stage.READING, 0
        sources = [(Kind(kind), pages) for kind, pages in row.sources]
        from_box, cover = row.box_id is not None, row.cover
    pages: list[ReadPage] = []
    for number, (kind, count) in enumerate(sources):
        with ExitStack() as open_files:
            made = open_files.enter_context(closing(files.in_memory()))
            made.write(_content(vault, scan_id, f"source-{number}", data))
            made.flush()
            for page in read(made, kind, count, first=len(pages) + 1):
                _keep(vault, row, f"page-{page.number}", io.BytesIO(page.picture), data)
                pages.append(replace(page, picture=b""))
                with db.unit_of_work(context.engine) as s:
                    s.get_one(Scan, scan_id).done = len(pages)
    groups = splitting.split([page.seen for page in pages], SplitBy.NONE if from_box else SplitBy.AUTO)
    groups = [replace(group, cover=group.cover or cover) for group in groups]
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(Scan, scan_id)
        row.pages, row.stage = len(pages), Stage.READ
        row.read = json.dumps([asdict(page) | {"picture": ""} for page in pages], ensure_ascii=False)
        row.letters = [
            {"pages": list(group.pages), "cover": group.cover, "petition": None} for group in groups
        ]


def clear(s: Session, data: Path, *, now: datetime) -> int:
    """Let go of scans whose time is over, with their keys; return how many."""
    old = s.scalars(select(Scan).where(col(Scan.began_at) < now - LIFE)).all()
    for row in old:
        shutil.rmtree(_folder(data, row.id), ignore_errors=True)
        key_id = row.key_id
        s.delete(row)
        s.flush()
        vault_of(s).destroy(key_id)
    return len(old)


def _page(told: dict[str, Any]) -> ReadPage:
    lines = tuple(Line(**(each | {"box": Box(**each["box"])})) for each in told["lines"])
    corners = told["corners"]
    return ReadPage(
        **(
            told
            | {
                "lines": lines,
                "picture": b"",
                "codes": tuple((text, width) for text, width in told["codes"]),
                "warnings": tuple(told["warnings"]),
                "corners": tuple((x, y) for x, y in corners) if corners else None,
            }
        )
    )


def _folder(data: Path, scan_id: UUID) -> Path:
    return data / FOLDER / scan_id.hex


def _keep(vault: Vault, row: Scan, name: str, content: BinaryIO, data: Path) -> None:
    folder = _folder(data, row.id)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    content.seek(0)
    vault.seal_file(row.key_id, content, folder / f"{name}.sealed", aad=f"scan:{row.id.hex}:{name}")


def _content(vault: Vault, scan_id: UUID, name: str, data: Path) -> bytes:
    path = _folder(data, scan_id) / f"{name}.sealed"
    try:
        return b"".join(vault.open_file(path, aad=f"scan:{scan_id.hex}:{name}"))
    except FileNotFoundError:
        raise SealBroken("documents.lost") from None
