"""Tell and seal in a process beside the one that writes: telling is most of an import's work, and writing takes no part of it.

That process opens no database and writes nothing but keys: killed or gone, it leaves nothing half done, and the one that writes goes on
alone. It ends when nobody speaks to it any more.
"""

import gc
import os
import queue
import socket
import subprocess  # our own module, no shell
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection

import structlog

from central import memory
from central.intake.preparing import Batch, Terms, checked
from central.intake.preparing import prepared as prepared_here
from central.intake.rows import RawRow
from central.settings import Settings
from central.vault.vault import Vault, open_vault

LOG = structlog.get_logger()
#: Batches on their way: one is told while one is written, and one lies between.
_AHEAD = 3
_READY = "ready"
_SELDOM = 200_000
Gone = (EOFError, OSError)


def prepared(listed: Iterable[list[RawRow]], terms: Terms, settings: Settings | None) -> Iterator[Batch]:
    """Yield batches of rows, checked; with `settings` told and sealed by a process beside as well, as soon as it is up.

    Rows are told before it is known whether they are new. Behind a batch that held nothing new they are only checked there: a file that is
    read a second time would be told for nothing.
    """
    if settings is None:
        yield from (checked(rows, terms.ledger) for rows in listed)
        return
    helper, telling = _Helper(settings, terms), True
    waiting = deque[list[RawRow]]()
    try:
        for rows in listed:
            if not helper.take(rows, telling=telling):
                # What is on its way was lost with the helper, or it is not up yet.
                yield from (checked(each, terms.ledger) for each in [*waiting, rows])
                waiting.clear()
                continue
            waiting.append(rows)
            if len(waiting) >= _AHEAD:
                batch = helper.give(waiting)
                yield batch
                telling = batch.news
        while waiting:
            yield helper.give(waiting)
    finally:
        helper.end()


class _Helper:
    """The process and the line to it."""

    def __init__(self, settings: Settings, terms: Terms) -> None:
        self._terms, self._up, self._gone = terms, False, False
        ours, theirs = socket.socketpair()
        command = [sys.executable, "-m", "central.intake.beside", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 no shell, our own module
            command, stdin=subprocess.DEVNULL, pass_fds=(theirs.fileno(),)
        )
        theirs.close()
        self._line = Connection(ours.detach())
        with suppress(*Gone):
            self._line.send((settings, _sent(terms)))

    def take(self, rows: list[RawRow], *, telling: bool) -> bool:
        """Hand rows over; return False if it is not up yet, or not any more."""
        try:
            if not self._up and self._line.poll():
                self._up = self._line.recv() == _READY
            if self._up and not self._gone:
                self._line.send((rows, telling))
                return True
        except Gone:
            self._lost()
        return False

    def give(self, waiting: deque[list[RawRow]]) -> Batch:
        """Return the first of what waits, as it comes back; told here if the helper is gone."""
        rows = waiting.popleft()
        if not self._gone:
            try:
                found: Batch = self._line.recv()
            except Gone:
                self._lost()
            else:
                found.cells = {row.number: row.cells for row in rows}
                return found
        return checked(rows, self._terms.ledger)

    def end(self) -> None:
        """End the process."""
        self._line.close()
        self._process.kill()
        self._process.wait()

    def _lost(self) -> None:
        if not self._gone:
            LOG.warning("the process that tells beside an import is gone; going on without it")
        self._gone = True


def _sent(terms: Terms) -> Terms:
    """Return terms without views of mappings, which do not travel."""
    calendar = terms.teller.calendar
    plain = replace(calendar, years=dict(calendar.years), overrides=dict(calendar.overrides))
    return terms._replace(teller=terms.teller._replace(calendar=plain))


def serve(line: Connection) -> None:
    """Body of the process: rows come in, batches go out, until the line ends."""
    with suppress(*Gone):
        settings, terms = line.recv()
        vault: Vault = open_vault(settings)
        memory.settle()
        gc.set_threshold(_SELDOM)  # a batch is tens of thousands of plain rows that live to its end
        line.send(_READY)
        coming: queue.Queue[tuple[list[RawRow], bool] | None] = queue.Queue()
        # Both ends may be sending: somebody must always listen.
        threading.Thread(target=_listen, args=(line, coming), daemon=True).start()
        while (asked := coming.get()) is not None:
            rows, telling = asked
            batch = prepared_here(rows, terms, vault) if telling else checked(rows, terms.ledger)
            batch.cells = {}
            line.send(batch)


def _listen(line: Connection, coming: "queue.Queue[tuple[list[RawRow], bool] | None]") -> None:
    try:
        while True:
            coming.put(line.recv())
    except Gone:
        coming.put(None)


if __name__ == "__main__":
    memory.close()
    serve(Connection(int(sys.argv[1])))
    os._exit(0)
