"""The real process, killed at random moments: what a person was told is there, whatever happens."""

import http.client
import random
import threading
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from edge_agent.opening import open_store
from edge_agent.outbox import Outbox
from shared import wire
from tests.support.edgebox import BOX_ID, HallBox
from tests.support.processes import Processes, wait_until

pytestmark = pytest.mark.hall
ROUNDS = 5
#: The tap that got no answer is repeated, as the page does it.
LOST = (OSError, http.client.HTTPException)
ORDER = [wire.BoxEvent.TICKET_TAKEN, wire.BoxEvent.TICKET_CALLED, wire.BoxEvent.TICKET_SERVED]


class Told:
    """What people were told, over all rounds."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.tickets: dict[str, str] = {}
        self.taps: dict[str, str] = {}
        self.lost: set[str] = set()
        self.calls: set[str] = set()
        self.answers = 0

    def note(self, nonce: str, ticket: dict[str, str]) -> None:
        with self.lock:
            assert self.tickets.setdefault(ticket["id"], ticket["number"]) == ticket["number"]
            assert self.taps.setdefault(nonce, ticket["id"]) == ticket["id"]
            self.lost.discard(nonce)
            self.answers += 1


def visitors(box: HallBox, told: Told, kind: str) -> None:
    """Take numbers until the box is gone."""
    while True:
        nonce = uuid4().hex
        try:
            told.note(nonce, box.take(kind, nonce))
        except LOST:
            with told.lock:
                told.lost.add(nonce)
            return


def staff(box: HallBox, told: Told) -> None:
    """Call the next and have the help button pressed and answered, until the box is gone."""
    try:
        while True:
            box.post("/counter/1/next")
            call = box.post("/help").data["call"]
            with told.lock:
                told.calls.add(call)
                told.answers += 1
            box.post(f"/counter/1/help/{call}/close", {"note": "ok"})
    except LOST:
        return


def one_round(box: HallBox, told: Told, dice: random.Random) -> None:
    """Kill the box in the middle of everything, start it again, and repeat the taps that got no answer."""
    box.sign_in()
    enough = told.answers + dice.randint(3, 60)
    crowd = [
        threading.Thread(target=visitors, args=(box, told, "query")),
        threading.Thread(target=visitors, args=(box, told, "letter_drop")),
        threading.Thread(target=staff, args=(box, told)),
    ]
    for one in crowd:
        one.start()
    wait_until(lambda: told.answers >= enough, what="some people were answered")
    box.kill()
    for one in crowd:
        one.join()
    box.start()
    for nonce in sorted(told.lost):
        told.note(nonce, box.take("query", nonce))


def journal(box: HallBox) -> list[wire.Envelope]:
    store = open_store(box.data, box=BOX_ID, now=datetime.now(UTC))
    try:
        return [wire.Envelope.model_validate_json(row.payload) for row in Outbox(store).oldest(100_000)]
    finally:
        store.close()


@pytest.mark.parametrize("seed", [20261123, 7])
def test_what_was_answered_is_there_after_kill_9(started: Processes, tmp_path: Path, seed: int) -> None:
    dice, told = random.Random(seed), Told()
    box = HallBox(started, tmp_path).start()
    for _ in range(ROUNDS):
        one_round(box, told, dice)
    for ident, number in told.tickets.items():
        assert number in box.get(f"/?step=result&ticket={ident}", {"accept": "text/html"}).text
    box.process.stop()
    events = journal(box)
    assert_journal_is_whole(events)
    assert_everything_told_is_in(events, told)


def assert_journal_is_whole(events: list[wire.Envelope]) -> None:
    """Numbers without gap or repeat, one epoch, and each ticket's life in its order."""
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    assert len({event.event_id for event in events}) == len(events)
    assert len({event.epoch for event in events}) == 1
    lives: dict[UUID, list[wire.BoxEvent]] = {}
    for event in events:
        if isinstance(event.body, wire.TicketTaken | wire.TicketCalled | wire.TicketEnded):
            lives.setdefault(event.body.ticket_id, []).append(event.body.type)
    assert all(life == ORDER[: len(life)] for life in lives.values())


def assert_everything_told_is_in(events: list[wire.Envelope], told: Told) -> None:
    """Each number and each call that a person saw, once; no number twice in a kind."""
    taken = [event.body for event in events if isinstance(event.body, wire.TicketTaken)]
    assert {str(one.ticket_id) for one in taken} == set(told.tickets)
    assert Counter((one.day, one.kind, one.number) for one in taken).most_common(1)[0][1] == 1
    raised = [str(event.body.call_id) for event in events if isinstance(event.body, wire.AssistanceRaised)]
    assert len(raised) == len(set(raised))
    assert told.calls <= set(raised)


def test_a_second_process_on_the_same_folder_does_not_start(started: Processes, tmp_path: Path) -> None:
    box = HallBox(started, tmp_path).start()
    second = started.start("second", box.process.args)
    assert second.wait() == 2
    assert "another minyi-edge runs on" in second.output
    assert box.take()["number"] == "C001"


def test_a_taken_port_is_said(started: Processes, tmp_path: Path) -> None:
    box = HallBox(started, tmp_path).start()
    other = HallBox(started, tmp_path, name="other", http={"port": box.port})
    child = started.start("other", [*HallBox.COMMAND, other.config])
    assert child.wait() == 2
    assert f"cannot listen on 127.0.0.1:{box.port}: Address already in use" in child.output


def test_a_folder_that_cannot_be_written_is_said(started: Processes, tmp_path: Path) -> None:
    (tmp_path / "box").write_text("a file where the folder should be")
    box = HallBox(started, tmp_path)
    child = started.start("box", [*HallBox.COMMAND, box.config])
    assert child.wait() == 2
    assert "cannot write in" in child.output


def test_a_folder_of_another_box_is_not_touched(started: Processes, tmp_path: Path) -> None:
    box = HallBox(started, tmp_path).start()
    box.process.stop()
    other = HallBox(started, tmp_path, name="other", data=box.data, box="ln0103-1")
    child = started.start("other", [*HallBox.COMMAND, other.config])
    assert child.wait() == 2
    assert f"holds the journal of box {BOX_ID}" in child.output


def test_sigterm_ends_it_in_good_order(started: Processes, tmp_path: Path) -> None:
    box = HallBox(started, tmp_path).start()
    assert box.process.stop() == 0
    assert not (box.data / "run.json").exists()


def test_devices_of_files_work(started: Processes, tmp_path: Path) -> None:
    box = HallBox(started, tmp_path).start()
    ticket = box.take()
    slip = box.data / "printed" / f"{ticket['number']}.txt"
    box.process.wait_for(slip.exists, what="the slip is printed")
    (box.data / "button").touch()
    box.process.wait_for(
        lambda: (box.data / "lamp").read_text() == "calling", what="the lamp says that somebody calls"
    )
