"""Rows of a ledger as reading and checking give them, and their import."""

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session, select

from central.intake import bulk, undoing
from central.intake.models import LedgerEntry, LedgerImport
from central.intake.rows import LedgerRow
from shared.canonical import sha256_hex
from tests.factories.accounts import House
from tests.factories.courts import MORNING

RECEIVED = datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)
REPLIED = datetime(2019, 5, 10, 6, 56, 53, tzinfo=UTC)


def row(number: int = 2, **values: Any) -> LedgerRow:
    """Return a row without an answer."""
    given: dict[str, Any] = {
        "number": number,
        "key": sha256_hex(f"key {number}"),
        "digest": sha256_hex(f"digest {number}"),
        "channel": "online",
        "received_at": RECEIVED,
        "subject": "物业公司乱收费",
        "text": "\n\t\u3000\u3000小区物业没有公示收费标准。\n",
        "source_number": "81936",
        "petitioner": "A00077171",
        "cells": '{"留言编号": "81936"}',
    }
    return LedgerRow(**given | values)


def answered(number: int = 2, **values: Any) -> LedgerRow:
    """Return a row with its answer."""
    return row(number, **{"reply": "您好，已核实并责令公示。", "replied_at": REPLIED} | values)


def write(s: Session, here: House, *rows: LedgerRow, now: datetime = MORNING) -> bulk.Counts:
    """Write rows as one import of the house's court, begun by its registrar."""
    source = s.exec(select(LedgerImport)).first()
    if source is None:
        source = LedgerImport(
            court_id=here.court.id, file_name="ledger.xlsx", file_digest="0" * 64, created_at=now
        )
        s.add(source)
        s.flush()
    return bulk.write(s, court_id=here.court.id, rows=rows, by=here.registrar, now=now, source=source.id)


def undone(s: Session, here: House, *, now: datetime = MORNING) -> None:
    """Write one row as an import of its own and take it back."""
    source = LedgerImport(
        court_id=here.court.id, file_name="wrong.xlsx", file_digest="1" * 64, created_at=now
    )
    s.add(source)
    s.flush()
    told = row(9, source_number="81999", key=sha256_hex("undone"))
    bulk.write(s, court_id=here.court.id, rows=[told], by=here.registrar, now=now, source=source.id)
    query = select(LedgerEntry.petition_id).where(LedgerEntry.import_id == source.id)
    undoing.remove(s, source, list(s.exec(query).all()), now=now)
