"""The small province of supervision with one of everything that is due by working days, made on Monday 23 November."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import Session, col, select

from central import db
from central.actor import petitioner
from central.asks import endings, forms
from central.asks import service as asks
from central.batches import service as batches
from central.batches.forms import Assign
from central.context import Context
from central.instructions import service as instructions
from central.instructions.forms import Give
from central.packaged import service as packaged
from central.packaged.forms import Open, Step
from central.petitions.models import Petition
from central.petitions.states import State
from central.reception import promises
from central.reception import service as reception
from central.reception.forms import Plan, Promise, Record
from central.supervision import service as supervision
from central.supervision.forms import Order
from central.workdays import service as workdays
from central.workdays.forms import ChangeDay
from central.workdays.models import MovedOther
from tests.central.desk.conftest import desk
from tests.central.supervision.conftest import Province, bring, province
from tests.factories import petitions
from tests.factories.accounts import House
from tests.factories.courts import MORNING, SEED

__all__ = ["bring", "desk", "province"]
Things = dict[str, UUID]
FORMS: dict[str, Any] = {
    "reason": "overdue",
    "words": "请说明原因",
    "period": "working_5",
}


@pytest.fixture
def things(context: Context, province: Province) -> Things:
    """One of everything about a petition in hand at 辽0102, by name."""
    with db.unit_of_work(context.engine) as s:
        return dated(s, province)


def dated(s: Session, province: Province) -> Things:
    """Make the things; each is due five working days later unless its rule says otherwise."""
    here, over = province.houses["辽0102"], province.supervisors["辽01"]
    petition = petitions.at(s, here, State.HANDLING)
    at: dict[str, Any] = {"petition_id": petition.id, "now": MORNING}
    own = {"by": petitioner(petition.id)} | at
    order = supervision.order(s, form=Order.model_validate(FORMS), by=over, **at)
    given = Give.model_validate(FORMS | {"people": [here.handler.staff_id]})
    instruction = instructions.give(s, form=given, by=here.leader, now=MORNING)
    batch = batches.assign(
        s, form=Assign.model_validate(FORMS | {"numbers": petition.number}), by=over, now=MORNING
    )
    today = _day(s, here, "2026-11-23")
    reception.publish(s, day_id=today, by=here.registrar, now=MORNING)
    said = Record(asked="要求尽快执行", said="本周内答复", subject="执行款未发放")
    done = reception.record(s, day_id=today, booking_id=None, form=said, by=here.registrar, now=MORNING)
    promised = FORMS | {"record_id": done.record.id, "person_id": here.handler.staff_id}
    promise = promises.promise(
        s, petition_id=done.petition.id, form=Promise.model_validate(promised), by=here.registrar, now=MORNING
    )
    supplement = asks.supplement(s, form=forms.Supplement(words="补充收条"), **own).row
    objection = asks.objection(
        s, form=forms.Objection.model_validate({"about": "delay", "words": "没有消息"}), **own
    ).row
    erasure = endings.ask_erasure(s, form=forms.Sent(words="请删除"), **own)
    assert supplement is not None
    assert objection is not None
    return {
        "petition": petition.id,
        "order": order.id,
        "instruction": instruction.id,
        "batch": batch.id,
        "promise": promise.id,
        "supplement": supplement.id,
        "objection": objection.id,
        "erasure": erasure.id,
        "package_step": _step(s, here, petition),
        "reception_day": _day(s, here, "2026-11-26"),
    }


def _day(s: Session, here: House, day: str) -> UUID:
    values = {"leader_id": here.leader.staff_id, "day": day, "start": "09:30", "end": "10:30"}
    form = Plan.model_validate(values | {"slot_minutes": 30, "place": "201 室"})
    return reception.plan(s, form=form, by=here.registrar, now=MORNING).id


def _step(s: Session, here: House, petition: Petition) -> UUID:
    leader, person = here.leader.staff_id, here.handler.staff_id
    opened = Open.model_validate({"leader_id": leader, "person_id": person, "plan": "先核实"})
    at: dict[str, Any] = {"petition_id": petition.id, "by": here.leader, "now": MORNING}
    package = packaged.open_package(s, form=opened, **at)
    step = Step.model_validate({"words": "约谈双方", "due_on": "2026-12-08"})
    return packaged.add_step(s, package_id=package.id, form=step, **at).id


@pytest.fixture
def off(context: Context) -> Callable[..., None]:
    """`off("2026-11-26", ...)` makes days off."""

    def entered(*days: str) -> None:
        with db.unit_of_work(context.engine) as s:
            for day in days:
                form = ChangeDay.model_validate(
                    {"day": day, "to": "off", "name": "假", "reason": "省政府通知"}
                )
                workdays.change_day(s, form=form, by=SEED, now=MORNING)
                s.flush()

    return entered


def lines(context: Context) -> dict[str, tuple[str, str, bool]]:
    """Return the lines of the list by kind: from, to, and whether it moved."""
    with context.read() as s:
        rows = s.exec(select(MovedOther).order_by(col(MovedOther.what))).all()
        return {
            f"{row.what} {row.period}".strip(): (
                row.was_due_on.isoformat()[5:],
                row.due_on.isoformat()[5:],
                row.moved,
            )
            for row in rows
        }
