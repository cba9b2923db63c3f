"""Slips are printed after what they say stands in the journal, beside the visitor's screen, one at a time."""

import queue
import threading
from collections.abc import Callable
from typing import NamedTuple

import structlog

from edge_agent.ports import Printer, PrintOutcome, Slip

log = structlog.get_logger()


class Job(NamedTuple):
    """A slip to print: how it is called, how it is made when its turn comes, and whom to tell what became of it."""

    label: str
    slip: Callable[[], Slip]
    done: Callable[[PrintOutcome], None]


class Printing:
    """A thread with a printer. Its outcome stands on ticket or receipt, so that nobody waits without a number in hand."""

    def __init__(self, printer: Printer) -> None:
        self._printer = printer
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def stop(self) -> None:
        """Print what was asked for, then end."""
        self._jobs.put(None)
        self._thread.join(timeout=10)

    def ask(self, job: Job) -> None:
        """Print a slip soon."""
        self._jobs.put(job)

    def _print(self, job: Job) -> PrintOutcome:
        try:
            return self._printer.print_slip(job.slip())
        except Exception:  # a driver's surprise costs one slip, not all that follow
            log.exception("printer_failed")
            return PrintOutcome.FAILED

    def _run(self) -> None:
        while (job := self._jobs.get()) is not None:
            outcome = self._print(job)
            if outcome is not PrintOutcome.PRINTED:
                log.warning("slip_not_printed", number=job.label, outcome=outcome.value)
            job.done(outcome)
