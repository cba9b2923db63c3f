"""Signed papers from the centre. What is not beyond doubt is refused, and the last good paper stays in force."""

import base64
import binascii
from datetime import datetime
from enum import StrEnum

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent.box import Box
from edge_agent.store import Store
from shared import wire
from shared.clock import court_day


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


_FLOOR = "serial/floor"
GOOD = frozenset({Answer.TAKEN, Answer.KNOWN})


def take(box: Box, payload: bytes, *, name: str, keys: list[Ed25519PublicKey], now: datetime) -> Answer:
    """Check a `wire.SignedDocument` received under `name` and keep it when it is newer and good."""
    answer = _take(box, payload, name=name, keys=keys, now=now)
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


def _take(box: Box, payload: bytes, *, name: str, keys: list[Ed25519PublicKey], now: datetime) -> Answer:
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
