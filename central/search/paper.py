"""What was recognised on letters that came in on paper, as a source of `texts`."""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import Table, select
from sqlmodel import Session

from central.documents.models import DocumentText
from central.vault import columns
from central.vault.rows import vault_of

_TEXT: Table = DocumentText.__table__  # type: ignore[attr-defined]


def recognised(s: Session, petition_ids: Collection[UUID]) -> Mapping[UUID, list[str]]:
    """Return the texts of petitions' files, lines as they were read, in the order of the files. One statement."""
    vault, found = vault_of(s), dict[UUID, list[str]]()
    names: Any = (_TEXT.c.document_id, _TEXT.c.petition_id, _TEXT.c.text)
    query = select(*names).where(_TEXT.c.petition_id.in_(petition_ids)).order_by(*names[:2])
    for document_id, petition_id, sealed in s.connection().execute(query):
        place = columns.place(_TEXT.name, document_id, "text")
        found.setdefault(petition_id, []).append(str(columns.open_text(vault, sealed, place)))
    return found
