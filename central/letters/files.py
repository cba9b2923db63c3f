"""Where letters lie: sealed with the petition's key, in the folder of its documents, so that they are copied and erased with them."""

import io
from pathlib import Path
from uuid import UUID

from central.documents.files import LETTER, content_of, path_of, seal
from central.vault.errors import SealBroken
from central.vault.vault import Vault


def keep(vault: Vault, key_id: UUID, data: Path, petition_id: UUID, file_id: UUID, content: bytes) -> None:
    """Write the file of a letter sealed; it is on the disk when this returns."""
    seal(vault, key_id, io.BytesIO(content), path_of(data, petition_id, file_id, LETTER))


def opened(vault: Vault, data: Path, petition_id: UUID, file_id: UUID, sha256: str) -> bytes:
    """Return the file, checked against its digest; raise `SealBroken` or `KeyGone`."""
    try:
        return content_of(vault, path_of(data, petition_id, file_id, LETTER), sha256)
    except SealBroken:
        raise SealBroken("letters.lost") from None


def remove(data: Path, petition_id: UUID, file_id: UUID) -> None:
    """Remove a file that no row names."""
    path_of(data, petition_id, file_id, LETTER).unlink(missing_ok=True)
