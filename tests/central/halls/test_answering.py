"""Calls for help are answered here or in the hall, whoever is first; the tray is emptied by people."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from central.errors import Conflict, Forbidden, MinyiError, NotFound
from central.events import log
from central.halls import queries, service
from central.halls.models import AssistanceCall
from central.halls.writing import stream_of
from shared import wire
from shared.ids import new_id
from tests.central.halls.conftest import Hall
from tests.factories import halls
from tests.factories.courts import MORNING, SEED
from tests.factories.halls import receive


def row(s: Session, hall: Hall) -> AssistanceCall:
    return s.get_one(AssistanceCall, halls.raise_call(s, hall.journal))


def answers(s: Session, hall: Hall) -> int:
    found = log.of_stream(s, stream_of(hall.court.id))
    return sum(1 for event in found if event.kind == "hall.assistance_acknowledged")


def test_a_call_is_acknowledged_once_however_often_it_is_pressed(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    for _ in range(2):
        service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)
    assert (call.status, call.acknowledged_by) == ("acknowledged", hall.staff.name)
    assert answers(s, hall) == 1


def test_the_answer_of_the_hall_that_comes_later_is_recorded_and_changes_nothing(
    s: Session, hall: Hall
) -> None:
    call = row(s, hall)
    service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)
    assert receive(s, hall.journal.answered(call.id)).verdict is wire.Verdict.ACCEPTED
    assert (call.acknowledged_by, answers(s, hall)) == (hall.staff.name, 2)


def test_the_answer_of_the_hall_stands_when_it_came_first(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    receive(s, hall.journal.answered(call.id, "李四"))
    service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)
    assert call.acknowledged_by == "李四"


def test_closing_twice_is_once_for_the_same_person_and_refused_to_another(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    for note in ("已送医", "又一次"):
        service.close(s, call_id=call.id, note=note, by=hall.staff, now=MORNING)
    assert call.note == "已送医"
    with pytest.raises(Conflict):
        service.close(s, call_id=call.id, note="已送医", by=hall.registrar, now=MORNING)


def test_a_call_that_is_over_is_not_acknowledged(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    receive(s, hall.journal.answered(call.id, closed=True))
    with pytest.raises(Conflict):
        service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)


def test_calls_of_another_court_are_not_found(s: Session, hall: Hall, other: Hall) -> None:
    with pytest.raises(NotFound):
        service.acknowledge(s, call_id=row(s, hall).id, by=other.staff, now=MORNING)


def test_who_has_no_part_in_the_hall_answers_nothing(s: Session, hall: Hall) -> None:
    with pytest.raises(Forbidden):
        service.acknowledge(s, call_id=row(s, hall).id, by=hall.handler, now=MORNING)


def test_a_treated_message_leaves_the_tray_and_stays_on_record(s: Session, hall: Hall) -> None:
    receive(s, hall.journal.answered(new_id()))
    (waiting,) = queries.tray(s, court_id=hall.court.id)
    for _ in range(2):
        service.treat(s, refused_id=waiting.id, note="已核对", by=hall.staff, now=MORNING)
    assert (queries.count_untreated(s), waiting.note) == (0, "已核对")


def test_the_tray_of_another_court_is_not_found(s: Session, hall: Hall, other: Hall) -> None:
    receive(s, hall.journal.answered(new_id()))
    (waiting,) = queries.tray(s)
    assert queries.count_untreated(s, other.court.id) == 0
    with pytest.raises(NotFound):
        service.treat(s, refused_id=waiting.id, note="已核对", by=other.staff, now=MORNING)


def sent(s: Session, hall: Hall, call: AssistanceCall) -> wire.CallState:
    service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)
    (message,) = queries.downlink(s, since={}, now=MORNING).messages
    assert (message.topic, message.retain) == (f"minyi/{hall.journal.box}/down/calls/{call.id}", True)
    return wire.CallState.model_validate_json(message.payload)


def test_an_answer_goes_down_to_the_box_that_called(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    state = sent(s, hall, call)
    assert (state.call_id, state.status, state.by) == (call.id, "acknowledged", hall.staff.name)


def test_nothing_goes_down_twice(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    service.acknowledge(s, call_id=call.id, by=hall.staff, now=MORNING)
    first = queries.downlink(s, since=queries.standing(s, now=MORNING).since, now=MORNING)
    assert first.messages == []
    service.close(s, call_id=call.id, note="已帮助", by=hall.staff, now=MORNING)
    second = queries.downlink(s, since=first.since, now=MORNING)
    assert [wire.CallState.model_validate_json(one.payload).status for one in second.messages] == ["closed"]


def test_after_a_broker_lost_everything_all_answered_calls_are_sent_again(s: Session, hall: Hall) -> None:
    row(s, hall)
    second = row(s, hall)
    service.acknowledge(s, call_id=second.id, by=hall.staff, now=MORNING)
    standing = queries.standing(s, now=MORNING)
    assert [str(second.id) in one.topic for one in standing.messages] == [True]
    assert standing.rosters == {hall.court.id}


def test_the_retained_message_of_a_call_is_taken_away_the_day_after_it_closed(s: Session, hall: Hall) -> None:
    call = row(s, hall)
    service.close(s, call_id=call.id, note="已帮助", by=hall.staff, now=MORNING)
    next_day = MORNING + timedelta(days=1)
    assert [one.payload for one in queries.standing(s, now=next_day).messages] == [""]
    assert queries.standing(s, now=MORNING + timedelta(days=9)).messages == []


def test_a_new_box_needs_its_rosters(s: Session, hall: Hall) -> None:
    since = queries.standing(s, now=MORNING).since
    halls.box(s, hall.court, 2)
    assert queries.downlink(s, since=since, now=MORNING).rosters == {hall.court.id}


def test_a_box_is_named_after_its_court_and_no_name_is_given_twice(s: Session, hall: Hall) -> None:
    for name, error in (("ln0199-1", "halls.box_name"), (hall.journal.box, "halls.box_exists")):
        with pytest.raises(MinyiError) as caught:
            service.add_box(s, box_id=name, court_id=hall.court.id, by=SEED, now=MORNING)
        assert caught.value.args[0] == error
