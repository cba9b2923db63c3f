"""What petitioners sent or asked for: the day by which the court deals with it moves when the calendar does."""

from datetime import date
from uuid import UUID

from sqlmodel import Session, col

from central.asks.models import PetitionerAsk
from central.asks.rules import USES, Kind, State
from central.events.journal import stream_name
from central.events.kinds import Kind as Event
from central.keeping.models import Appraisal
from central.keeping.rules import State as Kept
from central.petitions import queries as petitions
from central.supervision import periods
from central.supervision.periods import Period, Use
from central.supervision.recounting import Dated, not_erased, own_court
from shared.canonical import Json
from shared.clock import court_day


def _court(s: Session, row: PetitionerAsk) -> tuple[UUID, ...]:
    return (petitions.found(s, row.petition_id).court_id,)


def _basis(s: Session, row: PetitionerAsk) -> tuple[Period | None, date]:
    del s
    return periods.shipped().of(USES[Kind(row.kind)])[0], court_day(row.asked_at)


def _put(s: Session, row: PetitionerAsk, due_on: date) -> tuple[Event, str, dict[str, Json]]:
    del s
    row.due_on = due_on
    return Event.ASK_RECOUNTED, stream_name("petition", row.petition_id), {"ask": row.id.hex}


def _erasure_basis(s: Session, row: Appraisal) -> tuple[Period | None, date]:
    del s
    period = periods.shipped().of(Use.ERASURE)[0]
    # Who has no moment of asking has no day of answering, and is not looked at.
    return (period, court_day(row.asked_at)) if row.asked_at else (None, row.due_on)


def _put_erasure(s: Session, row: Appraisal, due_on: date) -> tuple[Event, str, dict[str, Json]]:
    del s
    row.answer_by = due_on
    return Event.ASK_RECOUNTED, stream_name("petition", row.petition_id), {"erasure": row.id.hex}


ASKS = Dated(
    "ask",
    PetitionerAsk,
    runs=(col(PetitionerAsk.state) == State.OPEN) & not_erased(col(PetitionerAsk.petition_id)),
    courts=_court,
    basis=_basis,
    put=_put,
)
ERASURES = Dated(
    "erasure",
    Appraisal,
    due="answer_by",
    runs=col(Appraisal.state).in_((Kept.DUE, Kept.PROPOSED)) & not_erased(col(Appraisal.petition_id)),
    courts=own_court,
    basis=_erasure_basis,
    put=_put_erasure,
)
