"""What goes down: everything at the start, then the news, and everything again to whoever comes back."""

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest

from central import db
from central.actor import Actor, Role
from central.context import Context
from central.fleet import forms
from central.fleet import service as fleet
from central.halls import service
from central.ingest.downlink import Downlink
from central.keys import signing_key
from shared import topics, wire
from shared.clock import FixedClock
from shared.hall_settings import HallSettings
from tests.central.ingest.conftest import Hall, Sent
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import SEED


@pytest.fixture
def staff(context: Context, hall: Hall) -> Actor:
    with db.unit_of_work(context.engine) as s:
        return people.actor(s, hall.court, Role.HALL_STAFF)


@pytest.fixture
def down(context: Context, hall: Hall, sent: Sent) -> Downlink:
    """A line that is up and has told everything."""
    made = Downlink(context, publish=sent)
    made.line_came_up()
    made.step()
    return made


def call(context: Context, hall: Hall) -> UUID:
    with db.unit_of_work(context.engine) as s:
        return halls.raise_call(s, hall.journal)


def acknowledge(context: Context, call_id: UUID, by: Actor) -> None:
    with db.unit_of_work(context.engine) as s:
        service.acknowledge(s, call_id=call_id, by=by, now=context.clock.now())


def test_every_box_gets_its_lists_when_the_line_comes_up(down: Downlink, hall: Hall, sent: Sent) -> None:
    boxes = {hall.journal.box, hall.other.box}
    rosters = {topics.document(box, "roster") for box in boxes}
    assert set(sent.topics()) == rosters | {topics.acks(box) for box in boxes}


def test_a_centre_that_comes_back_says_so_to_its_boxes_before_all_else(
    down: Downlink, sent: Sent, hall: Hall
) -> None:
    sent.clear()
    down.line_came_up()
    down.step()
    topic, payload, retain = sent.messages[0]
    assert (topic, wire.receipts(payload), retain) == (
        topics.acks(min(hall.journal.box, hall.other.box)),
        (),
        False,
    )


def test_an_acknowledged_call_is_told_to_its_box_once(
    context: Context, down: Downlink, hall: Hall, sent: Sent, staff: Actor
) -> None:
    call_id = call(context, hall)
    acknowledge(context, call_id, staff)
    sent.clear()
    down.step()
    down.step()
    ((topic, payload, retain),) = sent.messages
    state = wire.CallState.model_validate_json(payload)
    assert (topic, retain) == (topics.call(hall.journal.box, call_id), True)
    assert (state.status, state.by) == (wire.CallStatus.ACKNOWLEDGED, staff.name)


def test_after_the_line_was_down_open_calls_are_told_again(
    context: Context, down: Downlink, hall: Hall, sent: Sent, staff: Actor
) -> None:
    call_id = call(context, hall)
    acknowledge(context, call_id, staff)
    down.step()
    sent.clear()
    down.line_came_up()
    down.step()
    assert topics.call(hall.journal.box, call_id) in sent.topics()


def test_a_box_that_says_hello_is_told_what_stands_for_it_alone(
    context: Context, down: Downlink, hall: Hall, sent: Sent, staff: Actor
) -> None:
    acknowledge(context, call(context, hall), staff)
    down.step()
    sent.clear()
    down.hello(hall.other.box)
    down.step()
    assert not any("/calls/" in topic for topic in sent.topics())
    down.hello(hall.journal.box)
    down.step()
    assert sum("/calls/" in topic for topic in sent.topics()) == 1


def test_a_new_appointment_sends_a_new_list(context: Context, down: Downlink, hall: Hall, sent: Sent) -> None:
    sent.clear()
    now = context.clock.now()
    with db.unit_of_work(context.engine) as s:
        service.make_appointment(
            s,
            court_id=hall.court.id,
            kind=wire.VisitKind.APPOINTMENT,
            slot_start=now,
            slot_end=now + timedelta(hours=1),
            key=signing_key(context.settings.data / "keys", "appointments"),
            by=SEED,
            now=now,
        )
    down.step()
    lists = [payload for topic, payload, retain in sent.messages if retain and hall.journal.box in topic]
    roster = wire.Roster.model_validate_json(wire.SignedDocument.model_validate_json(lists[0]).body)
    assert len(roster.entries) == 1


def test_a_new_day_sends_its_lists(down: Downlink, clock: FixedClock, sent: Sent, hall: Hall) -> None:
    sent.clear()
    clock.at += timedelta(days=1)
    down.step()
    assert topics.document(hall.journal.box, "roster") in sent.topics()


def test_settings_go_down_once_and_again_to_a_box_that_comes_back(
    context: Context, down: Downlink, hall: Hall, sent: Sent
) -> None:
    topic = topics.document(hall.journal.box, "settings")
    with db.unit_of_work(context.engine) as s:
        admin = replace(people.actor(s, hall.court, Role.COURT_ADMIN), court_path="/辽/")
        form = forms.NewEdition(hold_minutes=0, note="试用")
        fleet.make_edition(s, HallSettings(widen_seconds=90), form, by=admin, now=context.clock.now())
    for _ in range(3):
        down.step()
    assert sent.topics().count(topic) == 1
    down.hello(hall.journal.box)
    down.step()
    assert sent.topics().count(topic) == 2
