"""The application on a world of its own."""

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from starlette.testclient import TestClient

from central import app as application
from central import db
from central.context import Context
from shared.clock import FixedClock
from tests.central.rights import world as worlds
from tests.central.rights.asking import Asking
from tests.central.rights.world import World
from tests.factories.courts import MORNING
from tests.support.engines import engine_on
from tests.support.site import context_on
from tests.support.vaults import vault_in


@dataclass
class Site:
    """The application on a world of its own, which can be set back to how it was."""

    context: Context
    world: World
    asking: Asking
    file: Path | None

    @property
    def kind(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.context.engine.dialect.name

    def count(self) -> int:
        """Return how many events there are that are no looks."""
        with self.context.engine.connect() as connection:
            query = text("SELECT count(*) FROM event WHERE stream NOT LIKE 'access/%'")
            return int(connection.execute(query).scalar_one())

    def keep(self) -> None:
        """Remember how it is now."""
        if self.file is not None:
            self.context.engine.dispose()  # whoever closes last writes all into the one file
            shutil.copyfile(self.file, self.file.with_suffix(".kept"))

    def set_back(self) -> None:
        """Undo what an answered request did."""
        if self.file is not None:
            self.context.engine.dispose()
            for end in ("-wal", "-shm"):
                self.file.with_name(self.file.name + end).unlink(missing_ok=True)
            shutil.copyfile(self.file.with_suffix(".kept"), self.file)


@contextlib.contextmanager
def opened(url: str, data: Path, *, errors_are_answers: bool = False) -> Iterator[Site]:
    """Give the site on the migrated database at `url`, its files in `data`. An error nobody expected is raised, unless it shall be an answer."""
    engine = engine_on(url, vault=vault_in(data))
    context = context_on(engine, data, FixedClock(MORNING))
    with db.unit_of_work(engine) as s:
        world = worlds.build(s, data)
    app = application.build(context)
    with TestClient(app, follow_redirects=False, raise_server_exceptions=not errors_are_answers) as client:
        file = Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None
        made = Site(context, world, Asking(client, world), file)
        made.keep()
        yield made
    engine.dispose()
