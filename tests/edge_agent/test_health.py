"""How the box says that it is well."""

from datetime import datetime

from edge_agent import assist, health, tickets
from edge_agent.desk import Desk
from shared import wire


def test_a_box_without_a_line_is_well(desk: Desk) -> None:
    found = health.report(desk)
    assert (found["status"], found["line"]) == ("ok", "off")


def test_a_disk_that_refuses_makes_it_unwell(desk: Desk, now: datetime) -> None:
    desk.box.raise_alarm("alarm.cannot_keep", now=now)
    assert health.report(desk)["status"] == "unwell"


def test_a_lost_camera_does_not(desk: Desk, now: datetime) -> None:
    desk.box.raise_alarm("alarm.device_lost", now=now, detail="camera")
    found = health.report(desk)
    assert found["status"] == "ok"
    assert found["alarms"] == [{"key": "alarm.device_lost", "detail": "camera", "since": now.isoformat()}]


def test_the_figures_count_who_waits_and_what_waits(desk: Desk, now: datetime) -> None:
    tickets.walk_in(desk.box, kind=wire.VisitKind.QUERY, nonce="a", now=now)
    assist.press(desk.box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    lines = health.metrics(desk).splitlines()
    assert "minyi_edge_visitors_waiting 1" in lines
    assert "minyi_edge_calls_open 1" in lines
    assert "minyi_edge_events_waiting 2" in lines
