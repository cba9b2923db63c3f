"""Instructions whose day moves when the calendar does."""

from datetime import date

from sqlmodel import Session, col

from central.events.journal import stream_name
from central.events.kinds import Kind
from central.instructions.models import Instruction, State
from central.supervision.recounting import Dated, own_basis, own_court
from shared.canonical import Json


def _put(s: Session, row: Instruction, due_on: date) -> tuple[Kind, str, dict[str, Json]]:
    del s
    row.due_on = due_on
    return Kind.INSTRUCTION_RECOUNTED, stream_name("instruction", row.id), {}


INSTRUCTIONS = Dated(
    "instruction",
    Instruction,
    runs=(col(Instruction.state) == State.RUNNING) & col(Instruction.noted_on).is_(None),
    courts=own_court,
    basis=own_basis,
    put=_put,
    of_petition=False,
)
