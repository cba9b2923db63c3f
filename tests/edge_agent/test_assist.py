"""Calls for help: pressed, answered in the hall or at the centre, closed."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from edge_agent import assist
from edge_agent.box import Box
from edge_agent.errors import CannotKeep, NotThere
from edge_agent.outbox import Outbox
from edge_agent.ports import LampState
from edge_agent.records import HelpCall
from shared import wire
from shared.wire import BoxEvent, CallStatus

Bodies = Callable[[], list[wire.Body]]
MINUTE = timedelta(minutes=1)


@pytest.fixture
def call(box: Box, now: datetime) -> HelpCall:
    return assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)


def centre_says(box: Box, call: HelpCall, status: CallStatus, now: datetime, by: str = "王书记员") -> None:
    assist.from_centre(box, wire.CallState(call_id=call.id, status=status, by=by, at=now), now=now)


def test_pressing_again_while_a_call_is_open_is_the_same_call(
    box: Box, call: HelpCall, now: datetime, reported: Bodies
) -> None:
    assert assist.press(box, origin=wire.CallOrigin.DEVICE_BUTTON, now=now) == call
    assert len(reported()) == 1


def test_the_lamp_follows_the_call(box: Box, call: HelpCall, now: datetime) -> None:
    assert assist.lamp(box.hall) is LampState.CALLING
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    assert assist.lamp(box.hall) is LampState.COMING
    assist.close(box, call_id=call.id, by="李", note="已到场", now=now)
    assert assist.lamp(box.hall) is LampState.OFF


def test_the_centre_may_answer_and_that_is_not_reported_back(
    box: Box, call: HelpCall, now: datetime, reported: Bodies
) -> None:
    centre_says(box, call, CallStatus.ACKNOWLEDGED, now)
    assert (box.hall.calls[call.id].by, box.hall.calls[call.id].from_centre) == ("王书记员", True)
    assert len(reported()) == 1


def test_the_first_answer_is_shown_and_the_second_is_reported(
    box: Box, call: HelpCall, now: datetime, reported: Bodies
) -> None:
    centre_says(box, call, CallStatus.ACKNOWLEDGED, now)
    assert assist.acknowledge(box, call_id=call.id, by="李", now=now).by == "王书记员"
    assert reported()[-1].type is BoxEvent.ASSISTANCE_ACKNOWLEDGED


def test_a_late_answer_of_the_centre_does_not_replace_the_one_in_the_hall(
    box: Box, call: HelpCall, now: datetime
) -> None:
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    centre_says(box, call, CallStatus.ACKNOWLEDGED, now)
    assert box.hall.calls[call.id].by == "李"


def test_acknowledging_twice_reports_once(box: Box, call: HelpCall, now: datetime, reported: Bodies) -> None:
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    assert len(reported()) == 2


def test_a_call_closed_at_the_centre_is_closed_here(box: Box, call: HelpCall, now: datetime) -> None:
    centre_says(box, call, CallStatus.CLOSED, now)
    assert not box.hall.calls[call.id].open


def test_a_closed_call_stays_closed_whatever_arrives_late(box: Box, call: HelpCall, now: datetime) -> None:
    assist.close(box, call_id=call.id, by="李", note="", now=now)
    centre_says(box, call, CallStatus.ACKNOWLEDGED, now)
    assert not box.hall.calls[call.id].open


def test_the_answer_of_the_centre_survives_a_restart(
    box: Box, call: HelpCall, opened: Callable[[], Box], now: datetime
) -> None:
    centre_says(box, call, CallStatus.ACKNOWLEDGED, now)
    assert opened().hall.calls[call.id].by == "王书记员"


def test_a_call_that_nobody_made_cannot_be_answered(box: Box, now: datetime) -> None:
    with pytest.raises(NotThere):
        assist.acknowledge(box, call_id=uuid4(), by="李", now=now)


def test_with_a_full_disk_help_is_called_answered_and_closed_and_all_of_it_written_later(
    box: Box, reported: Bodies, opened: Callable[[], Box], now: datetime
) -> None:
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
        call = assist.press(box, origin=wire.CallOrigin.DEVICE_BUTTON, now=now)
        assert assist.acknowledge(box, call_id=call.id, by="李", now=now + MINUTE).by == "李"
        assert assist.lamp(box.hall) is LampState.COMING
        assist.close(box, call_id=call.id, by="李", note="ok", now=now + 2 * MINUTE)
        assert assist.lamp(box.hall) is LampState.OFF
        with pytest.raises(CannotKeep):
            assist.write_unkept(box, now=now + 3 * MINUTE)
        assert not box.hall.calls[call.id].open
        connection.execute("pragma query_only = off")
    assist.write_unkept(box, now=now + 4 * MINUTE)
    assert [body.type for body in reported()] == [
        BoxEvent.ASSISTANCE_RAISED,
        BoxEvent.ASSISTANCE_ACKNOWLEDGED,
        BoxEvent.ASSISTANCE_CLOSED,
    ]
    times = [wire.Envelope.model_validate_json(row.payload).at for row in Outbox(box.store).oldest(9)]
    assert times == [now, now + MINUTE, now + 2 * MINUTE]
    assert opened().hall.calls == {}


def test_an_answer_never_overtakes_the_call_it_answers(box: Box, reported: Bodies, now: datetime) -> None:
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
        call = assist.press(box, origin=wire.CallOrigin.DEVICE_BUTTON, now=now)
        connection.execute("pragma query_only = off")
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    assert [body.type for body in reported()] == [
        BoxEvent.ASSISTANCE_RAISED,
        BoxEvent.ASSISTANCE_ACKNOWLEDGED,
    ]


def test_somebody_who_is_there_has_answered_as_well(
    box: Box, call: HelpCall, now: datetime, reported: Bodies
) -> None:
    there = assist.arrive(box, call_id=call.id, by="李", now=now + MINUTE)
    assert (there.status, there.by, there.arrived_at) == (CallStatus.ACKNOWLEDGED, "李", now + MINUTE)
    assist.arrive(box, call_id=call.id, by="张", now=now + MINUTE)
    assert [one.type for one in reported()][1:] == [BoxEvent.ASSISTANCE_ARRIVED]


def test_a_call_nobody_answers_goes_to_more_people_once_each_time(
    box: Box, call: HelpCall, now: datetime, reported: Bodies
) -> None:
    for seconds in (59, 60, 61, 119, 120, 500):
        assist.widen(box, now=now + timedelta(seconds=seconds), seconds=60)
    assert [one.circle for one in reported() if isinstance(one, wire.AssistanceWidened)] == [2, 3]
    assist.acknowledge(box, call_id=call.id, by="李", now=now)
    assist.widen(box, now=now + timedelta(hours=1), seconds=60)
    assert box.hall.calls[call.id].circle == 3
