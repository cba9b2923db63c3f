"""Builders of what a centre signs."""

import base64
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pydantic import BaseModel

from shared import codes, wire
from shared.clock import court_day
from shared.hall_settings import HallSettings, SettingsPaper, changes

BOX_ID = "ln0102-1"
COURT = "ln0102"
SALT = "2026-11-23/ln0102"
TYPED = "ABCDE23456"


def entry(
    appointment_id: UUID, *, at: datetime, code: str = TYPED, revoked: bool = False, **more: object
) -> wire.AppointmentEntry:
    facts = {
        "appointment_id": appointment_id,
        "code_hash": codes.short_code_hash(code, SALT),
        "kind": wire.VisitKind.APPOINTMENT,
        "slot_start": at,
        "slot_end": at + timedelta(minutes=30),
        "revoked": revoked,
    }
    return wire.AppointmentEntry.model_validate({**facts, **more})


def roster(*entries: wire.AppointmentEntry, at: datetime, serial: int = 1, **more: object) -> wire.Roster:
    facts = {
        "box": BOX_ID,
        "serial": serial,
        "not_after": at + timedelta(hours=12),
        "day": court_day(at).isoformat(),
        "salt": SALT,
        "entries": entries,
    }
    return wire.Roster.model_validate({**facts, **more})


def settings(
    wanted: HallSettings,
    *,
    at: datetime,
    serial: int,
    base: HallSettings | None = None,
    edition: int = 1,
    **more: object,
) -> SettingsPaper:
    """Settings for the box: the whole, or the changes against `base`."""
    put, drop = (wanted, ()) if base is None else changes(base, wanted)
    facts: dict[str, Any] = {
        "box": BOX_ID,
        "serial": serial,
        "edition": edition,
        "not_after": at + timedelta(days=30),
        "base": None if base is None else base.digest,
        "put": put,
        "drop": drop,
        "result": wanted.digest,
    }
    return SettingsPaper.model_construct(**{**facts, **more})


def signed(paper: BaseModel, key: Ed25519PrivateKey) -> bytes:
    body = paper.model_dump_json()
    signature = base64.b64encode(key.sign(body.encode())).decode()
    return wire.SignedDocument(body=body, signature=signature, key_id="test").model_dump_json().encode()


def token(
    appointment_id: UUID, key: Ed25519PrivateKey, *, at: datetime, court: str = COURT, minutes: int = 30
) -> str:
    content = codes.AppointmentToken(appointment_id, court, at, at + timedelta(minutes=minutes))
    return codes.issue(content, key)
