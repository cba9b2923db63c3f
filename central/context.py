"""What an edge needs to work: settings, engine, clock and the wake-up of whoever waits for events. Built once, passed on."""

import threading
from dataclasses import dataclass, field

from sqlalchemy import Engine
from sqlmodel import Session

from central import db
from central.settings import Settings
from central.vault.vault import Vault, open_vault
from shared.clock import Clock, SystemClock


class Wake:
    """Lets readers of the log sleep until something was committed. A courtesy: they also look by themselves."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._count = 0

    def notify(self) -> None:
        """Wake everyone who waits. Called after a commit."""
        with self._condition:
            self._count += 1
            self._condition.notify_all()

    @property
    def count(self) -> int:
        """How often it was woken; pass it to `wait`."""
        return self._count

    def wait(self, seen: int, timeout: float) -> int:
        """Return once `notify` was called after `seen`, or after `timeout` seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._count != seen, timeout)
            return self._count


@dataclass(frozen=True)
class Context:
    """The parts of one process."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Clock = field(default_factory=SystemClock)
    wake: Wake = field(default_factory=Wake)

    def read(self) -> Session:
        """Return a session that only reads."""
        return db.session(self.engine, writes=False)

    def look(self) -> Session:
        """Return a session for the few statements of one page."""
        return db.look(self.engine)

    def write(self) -> Session:
        """Return a session that may write; its owner commits."""
        return db.session(self.engine)


def build(settings: Settings, *, rules: object = None) -> Context:
    """Return the context of a process: data folder made, schema brought up to date.

    `rules` are the rule sets of the installation (`deadlines.books.Book`), which every session carries.
    """
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    vault = open_vault(settings)
    engine = db.make_engine(settings.database_url, pool_size=settings.db.pool_size, vault=vault)
    engine.update_execution_options(rules=rules)
    db.upgrade(engine)
    return Context(settings=settings, engine=engine, vault=vault)
