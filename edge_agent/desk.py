"""What pages and devices of one running box share, and the acts that both can start."""

import contextlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID, uuid4

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from edge_agent import assist, checkin, receipts, spares, tickets
from edge_agent.board import Board
from edge_agent.box import Box
from edge_agent.errors import BoxError, CannotKeep
from edge_agent.link import Link
from edge_agent.logring import LogRing
from edge_agent.outbox import Outbox
from edge_agent.ports import PrintOutcome
from edge_agent.records import HelpCall, Receipt, Spare, Ticket
from edge_agent.settings import Settings
from edge_agent.speech import Speech
from edge_agent.trial import Trial
from shared import wire
from shared.clock import Clock, SystemClock
from shared.i18n import Catalogue, Lang

if TYPE_CHECKING:  # it loads picture code
    from edge_agent.paper.desk import PaperDesk


@dataclass(frozen=True)
class Shown:
    """What the kiosk shows after a code was held up: a ticket, or the key of a sentence. `id` names the occasion."""

    id: str
    at: datetime
    ticket_id: UUID | None
    refused: bool
    sentence: str


@dataclass
class Desk:
    """One running box."""

    settings: Settings
    box: Box
    outbox: Outbox
    board: Board
    clock: Clock
    texts: Catalogue
    keys: list[Ed25519PublicKey]
    #: Address under which phones reach the box, without a slash at its end; empty when none is known to them.
    base_url: str = ""
    link: Link | None = None
    #: The press of a dummy button, offered on the loopback address; None when the button is real or absent.
    press_dummy: Callable[[], None] | None = None
    #: The document camera; None without one, and then no code that holds pictures is loaded.
    paper: "PaperDesk | None" = None
    speech: Speech = field(default_factory=lambda: Speech(None))
    held_up: Shown | None = field(default=None)
    #: Its own last log lines.
    ring: LogRing = field(default_factory=lambda: LogRing(SystemClock().now()))
    #: Settings of the centre; None: this box follows its own alone.
    trial: Trial | None = None

    def t(self, key: str, lang: Lang, **values: object) -> str:
        """Return a sentence."""
        return self.texts.text(key, lang, **values)

    def own_address(self, ticket_id: UUID) -> str:
        """Return the address of a ticket's own page as phones in the hall reach it; empty when they cannot."""
        return f"{self.base_url}/ticket/{ticket_id}" if self.base_url else ""

    def take(self, *, kind: wire.VisitKind, nonce: str) -> Ticket:
        """Give a number to a visitor without appointment."""
        return tickets.walk_in(self.box, kind=kind, nonce=nonce, now=self.clock.now())

    def check_in(self, *, text: str, nonce: str) -> checkin.Outcome:
        """Take an appointment code."""
        return checkin.check_in(self.box, text=text, keys=self.keys, nonce=nonce, now=self.clock.now())

    def press(self, origin: wire.CallOrigin, *, real: bool = False) -> HelpCall:
        """Call for help at the box; `real`: whatever drill goes on."""
        return assist.press(self.box, origin=origin, now=self.clock.now(), real=real)

    def press_from_phone(self, ticket_id: UUID, *, real: bool = False) -> HelpCall:
        """Call for help from a visitor's own page; raise `NotThere` without a number of today.

        Whoever holds a real number during a drill takes no part in it: the call is real.
        """
        now = self.clock.now()
        with self.box.lock:
            hall = self.box.today(now)
            waits = self.box.waits_for_the_end(ticket_id, now)
            ticket = waits or tickets.ticket_of(hall, ticket_id)
            return assist.press(
                self.box,
                origin=wire.CallOrigin.PAGE_BUTTON,
                place=ticket.label,
                now=now,
                real=real or waits is not None,
            )

    def reprint(self, ticket_id: UUID) -> Ticket:
        """Print the slip of a number again, once; a second press while it prints is the same. Raise `NotThere`."""
        with self.box.lock:
            ticket = tickets.again(self.box, ticket_id=ticket_id, now=self.clock.now())
        if ticket is not None:
            self.box.on_ticket(ticket)
            return ticket
        return self.box.hall.tickets[ticket_id]

    def code_read(self, text: str) -> None:
        """Take a code from camera or scanner, and show what came of it on the kiosk."""
        now = self.clock.now()
        try:
            outcome = self.check_in(text=text, nonce=uuid4().hex)
            ticket = outcome.ticket.id if outcome.ticket else None
            self.held_up = Shown(uuid4().hex, now, ticket, outcome.refusal is not None, outcome.sentence)
        except BoxError as error:
            self.held_up = Shown(uuid4().hex, now, None, refused=True, sentence=error.key)
        self.board.changed()

    def slip_done(self, ticket: Ticket, outcome: PrintOutcome) -> None:
        """Note what became of a slip; a disk that refuses this note costs nobody a number."""
        with contextlib.suppress(CannotKeep):
            tickets.printed(self.box, ticket_id=ticket.id, outcome=outcome, now=self.clock.now())

    def receipt_done(self, receipt: Receipt, outcome: PrintOutcome) -> None:
        """Note what became of a receipt's slip; it may be printed again under its number."""
        with contextlib.suppress(CannotKeep, BoxError):
            receipts.printed(self.box, number=receipt.number, outcome=outcome, now=self.clock.now())

    def spare_done(self, spare: Spare, outcome: PrintOutcome) -> None:
        """Note what became of the slip of a number printed in advance."""
        with contextlib.suppress(CannotKeep):
            spares.printed(self.box, number=spare.number, outcome=outcome, now=self.clock.now())
