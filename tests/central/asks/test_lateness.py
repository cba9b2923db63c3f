"""What lies too long is brought to mind, to whom it belongs and once for each stage."""

from datetime import date, timedelta

from sqlmodel import Session, select

from central.actor import petitioner
from central.asks import forms, lateness, service
from central.notifications.models import Notice
from central.petitions.states import State
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import MORNING


def test_it_is_near_until_its_day_and_late_by_weeks_after_it() -> None:
    due = date(2026, 12, 1)
    days = [
        due - timedelta(days=1),
        due,
        due + timedelta(days=1),
        due + timedelta(days=6),
        due + timedelta(days=8),
    ]
    assert [lateness.stage(due, day) for day in days] == ["near", "near", "late_0", "late_0", "late_1"]


def test_the_handler_is_told_of_a_supplement_and_the_leader_of_an_objection(s: Session) -> None:
    here = house(s)
    petition = petitions.at(s, here, State.HANDLING)
    own = {"petition_id": petition.id, "by": petitioner(petition.id), "now": MORNING}
    sent = service.supplement(s, form=forms.Supplement(words="补充一份收条"), **own).row
    objection = forms.Objection.model_validate({"about": "delay", "words": "一直没有消息"})
    made = service.objection(s, form=objection, **own).row
    assert sent is not None
    assert made is not None
    s.flush()
    assert lateness.sweep(s, now=MORNING) == 0
    later = MORNING + (max(sent.due_on, made.due_on) - MORNING.date()) + timedelta(days=1)
    assert lateness.sweep(s, now=later) == 2
    assert lateness.sweep(s, now=later) == 2  # again the same day: nobody is told twice
    notices = [row for row in s.exec(select(Notice)).all() if row.kind.endswith("_late")]
    told = sorted((row.kind, row.staff_id) for row in notices)
    assert told == [
        ("asks.told.objection_late", here.leader.staff_id),
        ("asks.told.supplement_late", here.handler.staff_id),
    ]
