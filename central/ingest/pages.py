"""Put pages of boxes together once every piece is here: opened, checked against what was announced, each once, and handed to the scans."""

import hashlib
import io
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from uuid import UUID

import structlog
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from central import db
from central.context import Context
from central.documents import service as documents
from central.documents.remaking import BadDocument
from central.documents.service import Prepared
from central.halls import papers
from central.halls.line_keys import line_keys
from central.halls.models import PaperBatch
from central.ingest.page_files import NoPicture, Page, pdf_of
from central.scanning import service as scans
from shared import sealed, wire

LOG = structlog.get_logger()
#: Pages in one file of a scan.
_IN_A_FILE = 20


class Spoiled(Exception):
    """The pages are not what was announced; `reason` stands on the batch."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def put_together(context: Context) -> int:
    """Make a scan of every batch that is whole; return how many. The job calls it, every few seconds."""
    now = context.clock.now()
    with context.read() as s:
        waiting, untidy = [batch.id for batch in papers.whole(s)], papers.untidy(s, now=now)
    if untidy:
        with db.unit_of_work(context.engine) as s:
            papers.tidy(s, now=now)
    if not waiting:
        return 0
    opening = line_keys(context.settings.data / "keys").opening
    return sum(_one(context, batch_id, opening) for batch_id in waiting)


def _one(context: Context, batch_id: UUID, opening: X25519PrivateKey) -> int:
    with context.read() as s:
        batch = s.get_one(PaperBatch, batch_id)
        facts = [wire.PageFacts.model_validate(page) for page in batch.pages]
        whole, box = papers.content(s, batch_id), batch.box_id
    with ExitStack() as held:
        try:
            pages = list(opened(whole, facts, box=box, opening=opening))
            groups = [pages[at : at + _IN_A_FILE] for at in range(0, len(pages), _IN_A_FILE)]
            found = [_prepared(number, group, context) for number, group in enumerate(groups, start=1)]
        except (Spoiled, NoPicture, BadDocument) as error:
            reason = error.reason if isinstance(error, Spoiled) else "unreadable"
            LOG.warning("pages of a box cannot be put together", box=box, batch=str(batch_id), reason=reason)
            with db.unit_of_work(context.engine) as s:
                papers.spoil(s, s.get_one(PaperBatch, batch_id), reason, now=context.clock.now())
            return 0
        for each in found:
            held.callback(each.close)
        with db.unit_of_work(context.engine) as s:
            batch = s.get_one(PaperBatch, batch_id, with_for_update=True)
            if batch.scan_id is not None:
                return 0
            sender = scans.FromBox(batch.court_id, box=box, ticket=batch.ticket, cover=batch.cover)
            scan = scans.begin_from_box(
                s, prepared=found, data=context.settings.data, sender=sender, now=context.clock.now()
            )
            papers.put_together(s, batch, scan_id=scan.id)
    return 1


def opened(
    whole: bytes, facts: Sequence[wire.PageFacts], *, box: str, opening: X25519PrivateKey
) -> Iterator[Page]:
    """Yield the pages of a batch, a picture that came twice once; raise `Spoiled`."""
    at, known = 0, set[str]()
    for fact in facts:
        hidden, at = whole[at : at + fact.size], at + fact.size
        try:
            picture = sealed.unseal_bytes(hidden, opening, bound=sealed.bound_to_page(box, fact.digest))
        except sealed.NotSealed:
            raise Spoiled("seal") from None
        if hashlib.sha256(picture).hexdigest() != fact.digest:
            raise Spoiled("digest")
        if fact.digest not in known:
            known.add(fact.digest)
            yield Page(picture, fact.turn)


def _prepared(number: int, pages: Sequence[Page], context: Context) -> Prepared:
    name = f"pages-{number}.pdf"
    return documents.prepare(name, io.BytesIO(pdf_of(pages)), context.settings.documents)
