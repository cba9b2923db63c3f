"""Whether the sealed files are there that the rows name: what the log cannot show. That they are unchanged shows when one is opened."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select
from sqlmodel import Session, SQLModel

from central.documents.files import LETTER, Copy, path_of
from central.events.journal import stream_name
from central.events.verify import Finding
from central.vault.errors import KeyGone, SealBroken
from central.vault.rows import vault_of


@dataclass(frozen=True, slots=True)
class check_files:  # noqa: N801 beside the other checks, which are functions; another process can be handed this one
    """The check of the files below a data folder. Files of erased petitions are not missed."""

    data: Path

    def __call__(self, s: Session) -> Iterator[Finding]:
        """Yield the files that rows name and that are not there."""
        for row in _rows(s):
            gone = [copy for copy in Copy if not path_of(self.data, row.petition_id, row.id, copy).exists()]
            if gone and not _is_erased(s, row.key_id):
                detail = f"{row.id.hex}: {', '.join(gone)}"
                yield Finding(stream_name("petition", row.petition_id), 0, 0, "document_missing", detail)
        for row in _letters(s):
            letter = path_of(self.data, row.petition_id, row.file_id, LETTER)
            if not letter.exists() and not _is_erased(s, row.key_id):
                detail = f"{row.file_id.hex}: {LETTER}"
                yield Finding(stream_name("petition", row.petition_id), 0, 0, "document_missing", detail)


def _letters(s: Session) -> Iterator[Row[Any]]:
    letter, petition = SQLModel.metadata.tables["letter"], SQLModel.metadata.tables["petition"]
    query = select(letter.c.file_id, letter.c.petition_id, petition.c.key_id)
    query = query.join(petition, petition.c.id == letter.c.petition_id).where(letter.c.file_id.is_not(None))
    return iter(s.connection().execute(query, execution_options={"yield_per": 2000}))


def _rows(s: Session) -> Iterator[Row[Any]]:
    document, petition = SQLModel.metadata.tables["document"], SQLModel.metadata.tables["petition"]
    query = select(document.c.id, document.c.petition_id, petition.c.key_id)
    query = query.join(petition, petition.c.id == document.c.petition_id)
    return iter(s.connection().execute(query, execution_options={"yield_per": 2000}))


def _is_erased(s: Session, key_id: UUID) -> bool:
    try:
        vault_of(s).key(key_id)
    except KeyGone:
        return True
    except SealBroken:  # a key store that is not this database's: told elsewhere
        return False
    return False
