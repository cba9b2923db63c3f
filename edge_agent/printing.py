"""Slips are printed after the number stands in the journal, beside the visitor's screen, one at a time."""

import queue
import threading
from collections.abc import Callable

import structlog

from edge_agent.ports import Printer, PrintOutcome, Slip
from edge_agent.records import Ticket

log = structlog.get_logger()


class Printing:
    """A thread with a printer. Its outcome stands on the ticket, so that nobody waits without a number in hand."""

    def __init__(
        self,
        printer: Printer,
        *,
        slip: Callable[[Ticket], Slip],
        on_outcome: Callable[[Ticket, PrintOutcome], None],
    ) -> None:
        self._printer = printer
        self._slip = slip
        self._on_outcome = on_outcome
        self._jobs: queue.SimpleQueue[Ticket | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="printer", daemon=True)

    def start(self) -> None:
        """Begin to print."""
        self._thread.start()

    def stop(self) -> None:
        """Print what was asked for, then end."""
        self._jobs.put(None)
        self._thread.join(timeout=10)

    def ask(self, ticket: Ticket) -> None:
        """Print a ticket's slip soon."""
        self._jobs.put(ticket)

    def _print(self, ticket: Ticket) -> PrintOutcome:
        try:
            return self._printer.print_slip(self._slip(ticket))
        except Exception:  # a driver's surprise costs one slip, not all that follow
            log.exception("printer_failed")
            return PrintOutcome.FAILED

    def _run(self) -> None:
        while (ticket := self._jobs.get()) is not None:
            outcome = self._print(ticket)
            if outcome is not PrintOutcome.PRINTED:
                log.warning("slip_not_printed", number=ticket.label, outcome=outcome.value)
            self._on_outcome(ticket, outcome)
