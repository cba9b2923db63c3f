"""The province with rows in every table: made once by each worker for each engine, copied for whoever needs it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.factories import world
from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.vaults import vault_in


@dataclass
class Worlds:
    """Gives copies of `tests.factories.world`, which takes seconds to make by the real services."""

    databases: Callable[[str], Databases]
    folder: Path
    made: dict[str, str] = field(default_factory=dict)

    def copied(self, kind: str, data: Path) -> str:
        """Copy its files to the folder `data`, with keys and anchors, and its database; return the URL of that."""
        if kind not in self.made:
            self.made[kind] = self._build(kind)
        shutil.copytree(self.folder / kind, data, dirs_exist_ok=True)
        return self.databases(kind).copy(self.made[kind])

    def _build(self, kind: str) -> str:
        url, data = self.databases(kind).new(), self.folder / kind
        engine = engine_on(url, vault=vault_in(data))
        try:
            world.build(engine, data / "anchors")
        finally:
            engine.dispose()
        return url
