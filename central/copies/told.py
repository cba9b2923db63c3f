"""What the follower tells its own installation: until when everything is copied. For `minyi doctor` and `/metrics`."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from central.keys import write_private

#: In the data folder.
FILE = "last-copy.json"


@dataclass(frozen=True, slots=True)
class Told:
    """Everything committed until `until` is in the folder `path`."""

    until: datetime
    path: Path


def tell(data: Path, until: datetime, path: Path) -> None:
    """Write it."""
    said = {"until": until.isoformat(timespec="milliseconds"), "path": str(path.resolve())}
    write_private(data / FILE, json.dumps(said, ensure_ascii=False).encode())


def read(data: Path) -> Told | None:
    """Return what was told last, None if nothing ever was."""
    try:
        said = json.loads((data / FILE).read_text("utf-8"))
        return Told(datetime.fromisoformat(said["until"]), Path(said["path"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
