"""Signed papers from the centre. What is not beyond doubt is refused, and the last good paper stays in force."""

import base64
import binascii
from contextlib import suppress
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import BaseModel, ValidationError

from edge_agent import drill, kept_settings, receipts
from edge_agent.box import Box
from edge_agent.logdesk import LogDesk
from edge_agent.store import Store
from edge_agent.trial import Trial
from shared import drills, logtail, wire
from shared.clock import court_day
from shared.drills import DrillOrder
from shared.hall_settings import NAME, DocumentHead, head_of
from shared.logtail import TailAsked
from shared.receipts import ReceiptBlock


class Answer(StrEnum):
    """What became of a paper. Each refusal has a sentence in the catalogue."""

    TAKEN = "taken"
    #: The paper the box already holds: the broker hands it out again at each connect.
    KNOWN = "known"
    UNREADABLE = "unreadable"
    WRONG_KEY = "wrong_key"
    OTHER_BOX = "other_box"
    EXPIRED = "expired"
    OLD = "old"
    #: Changes for other settings than those of this box: it asks for the whole.
    WRONG_BASE = "wrong_base"
    #: Settings that this box cannot take, or that do not go together.
    UNFIT = "unfit"
    #: Receipt numbers for a journal that this box no longer writes: it was reset or mended, and gets others.
    OTHER_JOURNAL = "other_journal"


_FLOOR = "serial/floor"
Body = TypeVar("Body", bound=BaseModel)
GOOD = frozenset({Answer.TAKEN, Answer.KNOWN})
#: No forgery and no fault of anybody here; the box says so to the centre by itself.
_BETWEEN_US = frozenset({Answer.WRONG_BASE, Answer.UNFIT, Answer.OTHER_JOURNAL})


class Takers(NamedTuple):
    """Who acts on a good paper: on settings, on a question for log lines. Without one such papers are refused."""

    trial: Trial | None = None
    logs: LogDesk | None = None


#: Papers that ask for something now: an old or expired one means nothing any more, and nobody has to look into it.
_PASSING = frozenset({logtail.NAME, drills.NAME})


def take(
    box: Box,
    payload: bytes,
    *,
    name: str,
    keys: list[Ed25519PublicKey],
    now: datetime,
    takers: Takers = Takers(),  # noqa: B008  a tuple, never changed
) -> Answer:
    """Check a `wire.SignedDocument` received under `name` and keep it, or hand it to its taker, when it is newer and good."""
    try:
        answer = _follow(box, payload, name=name, keys=keys, now=now, takers=takers)
    except _NotOpened as refusal:
        answer = refusal.answer
    if answer in _BETWEEN_US or (name in _PASSING and answer in {Answer.OLD, Answer.EXPIRED}):
        return answer
    if answer in GOOD:
        box.clear_alarm("alarm.document_refused")
    else:
        box.raise_alarm("alarm.document_refused", now=now, detail=f"{name}: {answer}")
    if answer is Answer.TAKEN:
        box.on_change()
    return answer


def _follow(
    box: Box, payload: bytes, *, name: str, keys: list[Ed25519PublicKey], now: datetime, takers: Takers
) -> Answer:
    if name == NAME and takers.trial is not None:
        return _settings(box, _signed(payload, keys), now=now, trial=takers.trial)
    if name == logtail.NAME and takers.logs is not None:
        return _question(box, _opened(payload, keys, TailAsked), now=now, logs=takers.logs)
    if name == drills.NAME:
        return _order(box, _opened(payload, keys, DrillOrder), now=now)
    if name == receipts.PAPER:
        return _block(box, _opened(payload, keys, ReceiptBlock), now=now)
    return _roster(box, _opened(payload, keys, wire.Roster), name=name, now=now)


class _NotOpened(Exception):
    def __init__(self, answer: Answer) -> None:
        super().__init__(answer)
        self.answer = answer


def _opened(payload: bytes, keys: list[Ed25519PublicKey], kind: type[Body]) -> Body:
    """Return what a paper says, its signature checked first; raise `_NotOpened`."""
    try:
        return kind.model_validate_json(_signed(payload, keys))
    except ValidationError as error:
        raise _NotOpened(Answer.UNREADABLE) from error


def _signed(payload: bytes, keys: list[Ed25519PublicKey]) -> str:
    """Return the text that one of `keys` has signed; raise `_NotOpened`."""
    try:
        paper = wire.SignedDocument.model_validate_json(payload)
    except ValidationError as error:
        raise _NotOpened(Answer.UNREADABLE) from error
    try:
        signature = base64.b64decode(paper.signature, validate=True)
    except binascii.Error as error:
        raise _NotOpened(Answer.WRONG_KEY) from error
    for key in keys:
        with suppress(InvalidSignature):
            key.verify(signature, paper.body.encode())
            return paper.body
    raise _NotOpened(Answer.WRONG_KEY)


def raise_floor(store: Store, serial: int) -> None:
    """Take no paper up to `serial` any more: at its enrolment the centre told the box how far papers for it had come.

    A box that was reset has forgotten what it held; an old paper played to it again must find it no more trusting.
    """
    with store.transaction() as connection:
        if serial > int(Store.meta(connection, _FLOOR) or 0):
            Store.set_meta(connection, _FLOOR, str(serial))


def _settings(box: Box, body: str, *, now: datetime, trial: Trial) -> Answer:
    head = head_of(body)
    if head is None or head.name != NAME:
        return Answer.UNREADABLE
    doubt = _doubt(box, head, now=now)
    return Answer(trial.take(body, head, now=now).value) if doubt is None else doubt


def _doubt(box: Box, head: DocumentHead, *, now: datetime) -> Answer | None:
    """Return why a signed paper is not even looked into, or None."""
    if head.box != box.store.box:
        return Answer.OTHER_BOX
    with box.store.reading() as connection:
        held = kept_settings.held(connection, floor=_FLOOR)
        known = int(Store.meta(connection, kept_settings.COUNTER) or 0)
    if head.serial <= held:
        return Answer.KNOWN if head.serial == known else Answer.OLD
    return Answer.EXPIRED if head.not_after < now else None


def _question(box: Box, asked: TailAsked, *, now: datetime, logs: LogDesk) -> Answer:
    """Take a question for log lines. The same one again is answered again: the answer may have been lost."""
    with box.lock:
        answer = _rising(box, asked, now=now)
        if answer is Answer.TAKEN:
            with box.store.transaction() as connection:
                Store.set_meta(connection, f"serial/{asked.name}", str(asked.serial))
    if answer in GOOD:
        logs.ask(asked)
    return answer


def _order(box: Box, order: DrillOrder, *, now: datetime) -> Answer:
    """Take an order to begin a drill or to end it. Played again it does nothing.

    It is noted together with what it orders: power cut in between leaves an order that the broker hands out again, not one that is
    lost.
    """
    with box.lock:
        answer = _rising(box, order, now=now)
        if answer is Answer.TAKEN:
            drill.follow(box, order, now=now)
    return answer


def _rising(box: Box, paper: TailAsked | DrillOrder, *, now: datetime) -> Answer:
    """Say whether a paper is for this box, still good, and above all of its name before it."""
    if paper.box != box.store.box:
        return Answer.OTHER_BOX
    if paper.not_after < now:
        return Answer.EXPIRED
    with box.store.reading() as connection:
        known = int(Store.meta(connection, f"serial/{paper.name}") or 0)
        floor = int(Store.meta(connection, _FLOOR) or 0)
    if paper.serial < known or paper.serial <= floor:
        return Answer.OLD
    return Answer.KNOWN if paper.serial == known else Answer.TAKEN


def _block(box: Box, block: ReceiptBlock, *, now: datetime) -> Answer:
    if block.box != box.store.box:
        return Answer.OTHER_BOX
    if block.epoch != box.store.epoch:
        return Answer.OTHER_JOURNAL
    if block.not_after < now:
        return Answer.EXPIRED
    return Answer(receipts.take_block(box, block, now=now).value)


def _roster(box: Box, roster: wire.Roster, *, name: str, now: datetime) -> Answer:
    if name != roster.name or roster.not_after.tzinfo is None:
        return Answer.UNREADABLE
    if roster.box != box.store.box:
        return Answer.OTHER_BOX
    if roster.not_after < now:
        return Answer.EXPIRED
    return _keep(box, roster, now=now)


def _keep(box: Box, roster: wire.Roster, *, now: datetime) -> Answer:
    with box.lock, box.store.transaction() as connection:
        counter = f"serial/{roster.name}"
        held = max(int(Store.meta(connection, one) or 0) for one in (counter, _FLOOR))
        if roster.serial <= held:
            known = box.hall.rosters.get(roster.day)
            return Answer.KNOWN if known == roster else Answer.OLD
        sealed = box.store.sealer.seal(roster.model_dump_json(), "document", roster.name, roster.day)
        connection.execute(
            "insert into document (name, day, serial, sealed) values (?, ?, ?, ?) on conflict (name, day)"
            " do update set serial = excluded.serial, sealed = excluded.sealed",
            (roster.name, roster.day, roster.serial, sealed),
        )
        connection.execute("delete from document where day < ?", (court_day(now).isoformat(),))
        Store.set_meta(connection, counter, str(roster.serial))
    with box.lock:
        today = court_day(now).isoformat()
        kept = {day: held for day, held in box.hall.rosters.items() if day >= today}
        box.hall.common.rosters = {**kept, roster.day: roster}
    return Answer.TAKEN
