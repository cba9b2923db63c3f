"""Promises whose day moves when the calendar does, and reception days that were planned for what is a rest day now."""

from datetime import date

from sqlmodel import Session, col

from central.events.journal import stream_name
from central.events.kinds import Kind
from central.reception.models import ReceptionDay, ReceptionPromise
from central.reception.rules import DayState, PromiseState
from central.supervision.periods import Period
from central.supervision.recounting import Dated, chosen_once, not_erased, own_court
from shared.canonical import Json


def _put(s: Session, row: ReceptionPromise, due_on: date) -> tuple[Kind, str, dict[str, Json]]:
    del s
    row.due_on = due_on
    return Kind.PROMISE_RECOUNTED, stream_name("petition", row.petition_id), {"promise": row.id.hex}


def _basis(s: Session, row: ReceptionPromise) -> tuple[Period | None, date]:
    del s
    return chosen_once(row), row.made_on


PROMISES = Dated(
    "promise",
    ReceptionPromise,
    runs=(col(ReceptionPromise.state) == PromiseState.OPEN)
    & col(ReceptionPromise.noted_on).is_(None)
    & not_erased(col(ReceptionPromise.petition_id)),
    courts=own_court,
    basis=_basis,
    put=_put,
)
DAYS = Dated(
    "reception_day",
    ReceptionDay,
    due="day",
    runs=col(ReceptionDay.state).in_((DayState.PLANNED, DayState.PUBLISHED)),
    courts=own_court,
    of_petition=False,
)
