"""Count from which templates issued replies were written: a job's work. What it writes are counts by court, category and outcome.

Which template it was is worked out from the words (`wording.sameness`), so replies of before are counted too, and nobody notes anything.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import Session, col, select

from central import db
from central.context import Context
from central.courts import queries as courts
from central.petitions.models import Petition
from central.replies.models import Reply, ReplyItem
from central.sorting.models import PetitionCategory, TemplateUse
from central.sorting.queries import category_of
from central.wording import queries as wording
from central.wording import sameness
from central.wording.models import Sort

#: How far back answers count, and how many at most: the newest.
BACK, MOST = timedelta(days=365), 100_000
LOT = 500
#: Court, category, outcome, template.
_Place = tuple[UUID, str, str, str]
#: Returns the template that words were written from, "" for none.
_Of = Callable[[str, Sort], str]


def run(context: Context) -> int:
    """Count anew what was issued in the last year; return how many counts there are."""
    since, found = context.clock.now() - BACK, Counter[_Place]()
    with context.read() as s:
        known: dict[UUID, _Of] = {}
        for lot in _issued(s, since):
            items = _items(s, [reply.id for reply, _, _ in lot])
            for reply, court_id, code in lot:
                if court_id not in known:
                    known[court_id] = _matcher(s, court_id)
                found.update(_used(reply, items.get(reply.id, ()), court_id, code, known[court_id]))
            s.expunge_all()
    with db.unit_of_work(context.engine) as s:
        s.exec(delete(TemplateUse))
        for (court_id, code, outcome, key), uses in found.items():
            s.add(TemplateUse(court_id=court_id, category=code, outcome=outcome, key=key, uses=uses))
    return len(found)


def _issued(s: Session, since: datetime) -> Iterator[list[tuple[Reply, UUID, str]]]:
    """Yield issued replies to sorted petitions with court and category, in lots, the newest first; ledgers' were not written here."""
    query = (
        select(Reply, Petition.court_id, PetitionCategory)
        .join(Petition, col(Petition.id) == col(Reply.petition_id))
        .join(PetitionCategory, col(PetitionCategory.petition_id) == col(Reply.petition_id))
        .where(col(Reply.issued_at) >= since, col(Petition.erased_at).is_(None))
        .where(col(Petition.imported).is_(False))
        .order_by(col(Reply.issued_at).desc())
        .limit(MOST)
        .execution_options(yield_per=LOT)
    )
    for part in s.exec(query).partitions(LOT):
        lot = [
            (reply, court_id, category.code)
            for reply, court_id, row in part
            if (category := category_of(row))
        ]
        if lot:
            yield lot


def _items(s: Session, reply_ids: Sequence[UUID]) -> dict[UUID, list[ReplyItem]]:
    found: dict[UUID, list[ReplyItem]] = {}
    for item in s.exec(select(ReplyItem).where(col(ReplyItem.reply_id).in_(reply_ids))):
        found.setdefault(item.reply_id, []).append(item)
    return found


def _matcher(s: Session, court_id: UUID) -> _Of:
    patterns = wording.by_key(s, courts.get(s, court_id).path)

    def of(words: str, sort: Sort) -> str:
        text = sameness.normal(words)
        fits = ((sameness.fixed_in(text, each.words), each.key) for each in patterns if each.sort is sort)
        signs, key = max(fits, default=(0, ""))
        return key if signs else ""

    return of


def _used(reply: Reply, items: Sequence[ReplyItem], court_id: UUID, code: str, of: _Of) -> Iterator[_Place]:
    said = [("", reply.text, Sort.LETTER)]
    said += [(item.outcome or "", item.facts, Sort.ITEM) for item in items if item.outcome]
    for outcome, words, sort in said:
        yield court_id, code, outcome, ""
        if key := of(words, sort):
            yield court_id, code, outcome, key
