"""Hear at once of calls for help that another process has committed: their pages must light, their hall be told who comes.

The transaction that records an event of a call announces it (`writing.record`). A courtesy like `Wake`: who follows the logs
also looks by itself, so a line to the database that breaks costs half a second, not a call.
"""

import threading

import psycopg
import structlog

from central import db
from central.context import Context

LOG = structlog.get_logger()
#: What calls for help are announced on.
CHANNEL = "minyi_calls"
_LOOK_SECONDS = 1.0
_AGAIN_SECONDS = 5.0


class Ear:
    """Owns a thread from `start` to `stop` that wakes this process. On SQLite, which has one process, it does nothing."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin hearing."""
        if self._context.engine.dialect.name == "postgresql":
            self._thread = threading.Thread(target=self._run, name="hall-ear", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hear no more; does not wait for the thread, which ends within a second."""
        self._stopping.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._hear()
            except psycopg.Error as error:
                LOG.warning("calls of other processes are seen by looking alone", reason=str(error))
                self._stopping.wait(_AGAIN_SECONDS)

    def _hear(self) -> None:
        with db.listening(self._context.engine, CHANNEL) as wait:
            self._context.wake.notify()  # what was announced before is to be looked for
            while not self._stopping.is_set():
                if wait(_LOOK_SECONDS):
                    self._context.wake.notify()
