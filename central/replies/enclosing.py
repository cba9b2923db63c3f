"""Which files of the petition go out with a reply (附件), in which order, under which names."""

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import Session

from central.documents import queries as documents
from central.errors import Invalid
from central.replies import queries
from central.replies.forms import Enclosure
from central.replies.models import Reply, ReplyEnclosure


def write(s: Session, reply: Reply, wanted: Sequence[Enclosure]) -> None:
    """Make the enclosures of a reply those that are wanted, in their order.

    Raise `Invalid` for a file that is none of this petition, that is there twice, or a name that is there twice: the letter would
    not say which is which.
    """
    _check(s, reply.petition_id, wanted)
    there = {row.document_id: row for row, _ in queries.enclosures(s, reply.id)}
    for place, each in enumerate(wanted, 1):
        row = there.pop(each.document_id, None)
        if row is None:
            row = ReplyEnclosure(
                petition_id=reply.petition_id,
                reply_id=reply.id,
                document_id=each.document_id,
                place=place,
                name=each.name,
            )
            s.add(row)
        row.place, row.name = place, each.name
    for gone in there.values():
        s.delete(gone)


def _check(s: Session, petition_id: UUID, wanted: Sequence[Enclosure]) -> None:
    known = {each.id for each in documents.of_petition(s, petition_id)} if wanted else set()
    if any(each.document_id not in known for each in wanted):
        raise Invalid("replies.enclosure.unknown", field="enclosures")
    if len({each.document_id for each in wanted}) < len(wanted):
        raise Invalid("replies.enclosure.twice", field="enclosures")
    if len({each.name for each in wanted}) < len(wanted):
        raise Invalid("replies.enclosure.same_name", field="enclosures")
