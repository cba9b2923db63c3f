"""Signed papers from the centre. What is not beyond doubt is refused, and the last good paper stays in force."""

import base64
import binascii
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent import kept_settings, receipts
from edge_agent.box import Box
from edge_agent.store import Store
from edge_agent.trial import Trial
from shared import wire
from shared.clock import court_day
from shared.hall_settings import NAME, DocumentHead, head_of
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
GOOD = frozenset({Answer.TAKEN, Answer.KNOWN})
#: No forgery and no fault of anybody here; the box says so to the centre by itself.
_BETWEEN_US = frozenset({Answer.WRONG_BASE, Answer.UNFIT, Answer.OTHER_JOURNAL})


def take(
    box: Box,
    payload: bytes,
    *,
    name: str,
    keys: list[Ed25519PublicKey],
    now: datetime,
    trial: Trial | None = None,
) -> Answer:
    """Check a `wire.SignedDocument` received under `name` and keep it when it is newer and good.

    `trial` takes papers with settings; without it they are refused.
    """
    if name == NAME and trial is not None:
        answer = _settings(box, payload, keys=keys, now=now, trial=trial)
    elif name == receipts.PAPER:
        answer = _block(box, payload, keys=keys, now=now)
    else:
        answer = _roster(box, payload, name=name, keys=keys, now=now)
    if answer in _BETWEEN_US:
        return answer
    if answer in GOOD:
        box.clear_alarm("alarm.document_refused")
    else:
        box.raise_alarm("alarm.document_refused", now=now, detail=f"{name}: {answer}")
    if answer is Answer.TAKEN:
        box.on_change()
    return answer


def raise_floor(store: Store, serial: int) -> None:
    """Take no paper up to `serial` any more: at its enrolment the centre told the box how far papers for it had come.

    A box that was reset has forgotten what it held; an old paper played to it again must find it no more trusting.
    """
    with store.transaction() as connection:
        if serial > int(Store.meta(connection, _FLOOR) or 0):
            connection.execute(
                "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
                (_FLOOR, str(serial)),
            )


def _settings(
    box: Box, payload: bytes, *, keys: list[Ed25519PublicKey], now: datetime, trial: Trial
) -> Answer:
    try:
        paper = wire.SignedDocument.model_validate_json(payload)
    except ValidationError:
        return Answer.UNREADABLE
    if not _signed(paper, keys):
        return Answer.WRONG_KEY
    head = head_of(paper.body)
    if head is None or head.name != NAME:
        return Answer.UNREADABLE
    doubt = _doubt(box, head, now=now)
    return Answer(trial.take(paper.body, head, now=now).value) if doubt is None else doubt


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


def _block(box: Box, payload: bytes, *, keys: list[Ed25519PublicKey], now: datetime) -> Answer:
    try:
        paper = wire.SignedDocument.model_validate_json(payload)
        if not _signed(paper, keys):
            return Answer.WRONG_KEY
        block = ReceiptBlock.model_validate_json(paper.body)
    except ValidationError:
        return Answer.UNREADABLE
    if block.box != box.store.box:
        return Answer.OTHER_BOX
    if block.epoch != box.store.epoch:
        return Answer.OTHER_JOURNAL
    if block.not_after < now:
        return Answer.EXPIRED
    return Answer(receipts.take_block(box, block, now=now).value)


def _roster(box: Box, payload: bytes, *, name: str, keys: list[Ed25519PublicKey], now: datetime) -> Answer:
    try:
        paper = wire.SignedDocument.model_validate_json(payload)
        if not _signed(paper, keys):
            return Answer.WRONG_KEY
        roster = wire.Roster.model_validate_json(paper.body)
    except ValidationError:
        return Answer.UNREADABLE
    if name != roster.name or roster.not_after.tzinfo is None:
        return Answer.UNREADABLE
    if roster.box != box.store.box:
        return Answer.OTHER_BOX
    if roster.not_after < now:
        return Answer.EXPIRED
    return _keep(box, roster, now=now)


def _signed(paper: wire.SignedDocument, keys: list[Ed25519PublicKey]) -> bool:
    try:
        signature = base64.b64decode(paper.signature, validate=True)
    except binascii.Error:
        return False
    for key in keys:
        try:
            key.verify(signature, paper.body.encode())
        except InvalidSignature:
            continue
        return True
    return False


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
        connection.execute(
            "insert into meta (key, value) values (?, ?) on conflict (key) do update set value = excluded.value",
            (counter, str(roster.serial)),
        )
    with box.lock:
        today = court_day(now).isoformat()
        kept = {day: held for day, held in box.hall.rosters.items() if day >= today}
        box.hall.rosters = {**kept, roster.day: roster}
    return Answer.TAKEN
