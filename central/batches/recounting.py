"""Batches whose return date moves when the calendar does: for the court that assigned and for those that owe reports."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col

from central.batches import queries
from central.batches.models import Batch
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.supervision.recounting import Dated, own_basis
from shared.canonical import Json


def _put(s: Session, row: Batch, due_on: date) -> tuple[Kind, str, dict[str, Json]]:
    del s
    row.due_on = due_on
    return Kind.BATCH_RECOUNTED, stream_name("batch", row.id), {}


def _courts(s: Session, row: Batch) -> tuple[UUID, ...]:
    return tuple(dict.fromkeys((row.court_id, *sorted(queries.owing(s, row.id)))))


BATCHES = Dated(
    "batch",
    Batch,
    runs=col(Batch.closed_at).is_(None) & col(Batch.noted_on).is_(None),
    courts=_courts,
    basis=own_basis,
    put=_put,
    of_petition=False,
)
