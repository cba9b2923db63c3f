"""Appointments: codes that boxes can check on their own, and the signed lists that go down to them."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.errors import Conflict, Forbidden, Invalid, NotFound
from central.halls import service
from central.halls.queries import Sending
from shared import codes, wire
from shared.clock import court_day
from shared.ids import new_id
from tests.central.halls.conftest import Hall
from tests.factories.courts import MORNING
from tests.factories.halls import receive

KEY = Ed25519PrivateKey.generate()
HALF = timedelta(minutes=30)


def make(s: Session, hall: Hall, *, start: datetime = MORNING, **more: Any) -> service.Made:
    facts: dict[str, Any] = {
        "court_id": hall.court.id,
        "kind": wire.VisitKind.APPOINTMENT,
        "slot_start": start,
        "slot_end": start + HALF,
        "by": hall.staff,
    }
    return service.make_appointment(s, **{**facts, **more}, key=KEY, now=MORNING)


def roster(sending: Sending) -> wire.Roster:
    paper = wire.SignedDocument.model_validate_json(sending.payload)
    KEY.public_key().verify(base64.b64decode(paper.signature), paper.body.encode())
    return wire.Roster.model_validate_json(paper.body)


def today(s: Session, *, now: datetime = MORNING) -> wire.Roster:
    return roster(service.rosters(s, key=KEY, now=now)[0])


def test_the_signed_code_names_appointment_court_and_slot(s: Session, hall: Hall) -> None:
    made = make(s, hall)
    token = codes.read(made.token, [KEY.public_key()])
    assert token == (made.appointment.id, hall.court.latin, MORNING, MORNING + HALF)


def test_the_typed_code_is_found_in_the_signed_roster_and_nowhere_else(s: Session, hall: Hall) -> None:
    made = make(s, hall)
    held = today(s)
    (entry,) = held.entries
    assert entry.code_hash == codes.short_code_hash(made.short_code, held.salt)
    assert entry.appointment_id == made.appointment.id
    assert made.short_code not in str(made.appointment.model_dump())


def test_a_roster_ends_with_its_day_and_is_for_one_box(s: Session, hall: Hall) -> None:
    held = today(s)
    assert (held.box, held.day) == (hall.journal.box, "2026-11-23")
    assert court_day(held.not_after - timedelta(seconds=1)).isoformat() == held.day
    assert court_day(held.not_after).isoformat() == "2026-11-24"


def test_a_roster_is_the_same_text_until_an_appointment_changes_it(s: Session, hall: Hall) -> None:
    first = service.rosters(s, key=KEY, now=MORNING)
    assert service.rosters(s, key=KEY, now=MORNING + HALF) == first
    made = make(s, hall)
    second = today(s)
    service.revoke_appointment(s, appointment_id=made.appointment.id, by=hall.staff, now=MORNING)
    third = today(s)
    assert roster(first[1]).serial < second.serial < third.serial
    assert [entry.revoked for entry in third.entries] == [True]


def test_serials_rise_over_days_too(s: Session, hall: Hall) -> None:
    del hall
    tomorrow = roster(service.rosters(s, key=KEY, now=MORNING)[1])
    next_day = today(s, now=MORNING + timedelta(days=1))
    assert next_day.day == tomorrow.day
    assert next_day.serial > tomorrow.serial
    assert today(s, now=MORNING + timedelta(days=5)).serial > next_day.serial


def test_only_todays_roster_is_retained_and_tomorrows_comes_after_it(s: Session, hall: Hall) -> None:
    for _ in range(2):
        found = service.rosters(s, key=KEY, now=MORNING)
        assert [(roster(one).day, one.retain) for one in found] == [
            ("2026-11-23", True),
            ("2026-11-24", False),
        ]
        assert roster(found[0]).serial < roster(found[1]).serial
        make(s, hall)


def test_rosters_of_other_courts_can_be_left_out(s: Session, hall: Hall, other: Hall) -> None:
    found = service.rosters(s, key=KEY, now=MORNING, court_ids={other.court.id})
    assert {roster(one).box for one in found} == {other.journal.box}
    assert hall.journal.box != other.journal.box


def test_a_ticket_taken_with_an_appointment_marks_it_used(s: Session, hall: Hall) -> None:
    row = make(s, hall).appointment
    receive(s, hall.journal.ticket(appointment_id=row.id))
    assert row.used_at == MORNING
    with pytest.raises(Conflict):
        service.revoke_appointment(s, appointment_id=row.id, by=hall.staff, now=MORNING)


def test_a_form_sent_twice_makes_one_appointment(s: Session, hall: Hall) -> None:
    ident = new_id()
    make(s, hall, appointment_id=ident)
    with pytest.raises(Conflict):
        make(s, hall, appointment_id=ident)


@pytest.mark.parametrize(
    ("start", "length"),
    [
        (timedelta(0), timedelta(0)),
        (timedelta(0), timedelta(hours=9)),
        (-HALF, HALF),
        (timedelta(days=200), HALF),
    ],
    ids=["empty", "too long", "past", "too far"],
)
def test_a_slot_that_cannot_be_is_refused(
    s: Session, hall: Hall, start: timedelta, length: timedelta
) -> None:
    begin = MORNING + start
    with pytest.raises(Invalid):
        make(s, hall, slot_start=begin, slot_end=begin + length)


def test_appointments_are_made_by_those_who_may_for_their_own_court(
    s: Session, hall: Hall, other: Hall
) -> None:
    with pytest.raises(Forbidden):
        make(s, hall, by=hall.supervisor)
    with pytest.raises(NotFound):
        make(s, hall, by=other.staff)
