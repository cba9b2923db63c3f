"""Which files of a petition came from the petitioner. Pure."""

from central.casework.queries import Whole
from central.documents.models import Document
from central.events.kinds import Kind as Event

#: Until one of these a file that came belongs to what was handed in; later ones the court gathered while it worked.
_DECIDED = frozenset(
    {
        Event.PETITION_ACCEPTED,
        Event.PETITION_DECLINED,
        Event.PETITION_TO_LITIGATION,
        Event.PETITION_TRANSFERRED,
        Event.PETITION_MERGED,
    }
)


def handed_in(found: Whole) -> list[Document]:
    """Return the files the petitioner handed in: on the tracking page, or with the petition before it was decided on."""
    decided = next((line.at for line in found.timeline if line.kind in _DECIDED), None)
    return [
        each
        for each in found.documents
        if each.added_by is None or decided is None or each.added_at <= decided
    ]
