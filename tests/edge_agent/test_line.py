"""The real box on a real broker: everything arrives once, in order, with its own times, whatever breaks."""

import random
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest

from shared import wire
from tests.edge_agent.fake_centre import CentreOnTheLine
from tests.support.edgebox import BOX_ID, HallBox
from tests.support.mosquitto import Mosquitto
from tests.support.processes import Processes, wait_until

pytestmark = pytest.mark.hall


@pytest.fixture
def centre(mosquitto: Mosquitto) -> Iterator[CentreOnTheLine]:
    with CentreOnTheLine(mosquitto.url, box=BOX_ID) as line:
        yield line


@pytest.fixture
def make_box(mosquitto: Mosquitto, started: Processes, tmp_path: Path) -> Callable[[str], HallBox]:
    def made(name: str) -> HallBox:
        return HallBox(started, tmp_path, name=name, mqtt={"url": mosquitto.url, "ack_seconds": 1})

    return made


@pytest.fixture
def box(make_box: Callable[[str], HallBox]) -> HallBox:
    return make_box("box").start()


def numbers(events: list[wire.Envelope]) -> list[int]:
    return [event.seq for event in events]


def all_sent(box: HallBox) -> None:
    """Wait until the box has a receipt for every event."""
    box.process.wait_for(
        lambda: box.get("/healthz").data["events_waiting"] == 0, timeout=60, what="the centre has everything"
    )


def take(box: HallBox, count: int) -> list[str]:
    return [box.take()["id"] for _ in range(count)]


def test_what_happens_without_a_broker_arrives_when_it_returns(
    box: HallBox, centre: CentreOnTheLine, mosquitto: Mosquitto
) -> None:
    told = take(box, 3)
    all_sent(box)
    mosquitto.stop()
    box.process.wait_for(
        lambda: box.get("/healthz").data["line"] == "down", what="the box sees the line is down"
    )
    told += take(box, 5)
    box.post("/help")
    assert box.get("/healthz").data["status"] == "ok"
    mosquitto.start()
    all_sent(box)
    assert numbers(centre.events) == list(range(1, 10))
    taken = [event.body for event in centre.events if isinstance(event.body, wire.TicketTaken)]
    assert [str(one.ticket_id) for one in taken] == told
    times = [event.at for event in centre.events]
    assert times == sorted(times)


def test_a_broker_killed_again_and_again_loses_and_doubles_nothing(
    box: HallBox, centre: CentreOnTheLine, mosquitto: Mosquitto
) -> None:
    told: list[str] = []
    for _ in range(3):
        told += take(box, 4)
        mosquitto.kill()
        told += take(box, 2)
        mosquitto.start()
    all_sent(box)
    assert numbers(centre.events) == list(range(1, len(told) + 1))


@pytest.mark.parametrize("seed", [1, 2])
def test_lost_and_doubled_receipts_change_nothing(box: HallBox, centre: CentreOnTheLine, seed: int) -> None:
    dice = random.Random(seed)
    centre.loses = lambda: dice.random() < 0.3
    centre.doubles = lambda: dice.random() < 0.3
    take(box, 40)
    all_sent(box)
    assert numbers(centre.events) == list(range(1, 41))


def test_a_centre_restored_from_a_backup_gets_the_rest_again(box: HallBox, centre: CentreOnTheLine) -> None:
    take(box, 10)
    all_sent(box)
    held = [event.event_id for event in centre.events]
    centre.restore(4)
    take(box, 1)
    box.process.wait_for(lambda: len(centre.events) == 11, what="the centre has everything again")
    assert [event.event_id for event in centre.events][:10] == held
    assert numbers(centre.events) == list(range(1, 12))


def test_a_box_killed_while_sending_sends_the_rest(box: HallBox, centre: CentreOnTheLine) -> None:
    centre.loses = lambda: len(centre.centre.events) > 5
    take(box, 20)
    box.process.wait_for(lambda: len(centre.events) > 5, what="some have arrived")
    box.kill()
    centre.loses = lambda: False
    box.start()
    all_sent(box)
    assert numbers(centre.events) == list(range(1, 21))


def test_who_comes_is_shown_in_the_hall_also_after_a_restart(
    box: HallBox, centre: CentreOnTheLine, mosquitto: Mosquitto
) -> None:
    call = UUID(box.post("/help").data["call"])
    box.process.wait_for(lambda: centre.events, what="the call has arrived")
    answered = wire.CallState(
        call_id=call, status=wire.CallStatus.ACKNOWLEDGED, by="王法官", at=centre.events[0].at
    )
    box.kill()
    centre.say(answered)
    box.start()
    page = {"accept": "text/html"}
    box.process.wait_for(
        lambda: "王法官 正在赶来" in box.get("/", page).text, what="the kiosk says who comes"
    )
    assert (box.data / "lamp").read_text() == "coming"
    assert "王法官" not in box.get("/display", page).text


def test_two_boxes_with_one_id_lose_nothing_of_either(
    make_box: Callable[[str], HallBox], centre: CentreOnTheLine
) -> None:
    first, second = make_box("first").start(), make_box("second").start()
    take(first, 3)
    take(second, 2)
    for box in (first, second):
        all_sent(box)
    journals: dict[UUID, list[int]] = {}
    for event in centre.events:
        journals.setdefault(event.epoch, []).append(event.seq)
    assert sorted(journals.values()) == [[1, 2], [1, 2, 3]]


def test_the_centre_sees_the_box_come_and_go(box: HallBox, centre: CentreOnTheLine) -> None:
    box.process.wait_for(lambda: any(one.online for one in centre.presence), what="the box is on the line")
    box.kill()
    box.start()
    box.process.stop()
    wait_until(lambda: not centre.presence[-1].online, what="the box has said goodbye")


def test_a_password_file_that_is_not_there_stops_no_hall(
    mosquitto: Mosquitto, started: Processes, tmp_path: Path
) -> None:
    line = {"url": mosquitto.url, "password_file": str(tmp_path / "secret")}
    box = HallBox(started, tmp_path, mqtt=line).start()
    box.take()
    box.process.wait_for(lambda: "link_down" in box.process.output, what="the box says why")
    (tmp_path / "secret").write_text("x\n")
    box.process.wait_for(lambda: box.get("/healthz").data["line"] == "up", what="the line is tried again")
