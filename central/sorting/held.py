"""The weights of a version: sealed files below the data folder, and the one in force in memory of this process."""

import io
from collections import OrderedDict
from datetime import datetime
from pathlib import Path
from threading import Lock
from uuid import UUID

from central.suggestions import model as weights
from central.suggestions.model import Model
from central.vault.vault import Vault

FOLDER = "sorting"
#: Name of the data key, which lives as long as the installation: a model holds nothing of anybody.
KEY = "sorting"
#: The one in force, and the one before while requests that began under it end.
_MOST = 2
_opened: OrderedDict[tuple[Path, UUID], Model] = OrderedDict()
_lock = Lock()


def keep(vault: Vault, data: Path, model_id: UUID, packed: bytes) -> None:
    """Write the weights of a version; they are on the disk when this returns."""
    path = _path(data, model_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    vault.seal_file(vault.named_key(KEY), io.BytesIO(packed), path, aad=_aad(model_id))


def opened(vault: Vault, data: Path, model_id: UUID) -> Model:
    """Return the weights of a version; raise `FileNotFoundError`, `SealBroken`."""
    path = _path(data, model_id)
    with _lock:
        if (path, model_id) in _opened:
            _opened.move_to_end((path, model_id))
            return _opened[path, model_id]
    found = weights.unpacked(b"".join(vault.open_file(path, aad=_aad(model_id))))
    with _lock:
        _opened[path, model_id] = found
        while len(_opened) > _MOST:
            _opened.popitem(last=False)
    return found


def clear(data: Path, known: set[UUID], *, before: datetime) -> int:
    """Remove what a crash left without a row and that is older than `before`; return how many files."""
    folder, moment = data / FOLDER, before.timestamp()
    names = {each.hex for each in known}
    left = [
        path
        for path in folder.glob("*")
        if path.name.partition(".")[0] not in names and path.stat().st_mtime < moment
    ]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _path(data: Path, model_id: UUID) -> Path:
    return data / FOLDER / f"{model_id.hex}.sealed"


def _aad(model_id: UUID) -> str:
    return f"sorting:{model_id.hex}"
