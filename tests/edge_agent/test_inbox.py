"""What comes down: each message finds its reader, and rubbish harms nobody."""

from datetime import datetime
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import assist
from edge_agent.box import Box
from edge_agent.inbox import BoxInbox
from shared import wire
from shared.clock import FixedClock
from tests.edge_agent import papers


@pytest.fixture
def inbox(box: Box, clock: FixedClock, centre_key: Ed25519PrivateKey) -> BoxInbox:
    return BoxInbox(box, keys=[centre_key.public_key()], clock=clock)


def test_a_signed_roster_is_taken_up(
    inbox: BoxInbox, box: Box, centre_key: Ed25519PrivateKey, appointment_id: UUID, now: datetime
) -> None:
    paper = papers.roster(papers.entry(appointment_id, at=now), at=now)
    inbox.take("down/documents/roster", papers.signed(paper, centre_key))
    assert box.hall.rosters == {"2026-11-23": paper}


def test_rosters_of_past_days_are_dropped(
    inbox: BoxInbox, box: Box, centre_key: Ed25519PrivateKey, clock: FixedClock
) -> None:
    for day in (23, 24):
        clock.at = clock.at.replace(day=day)
        paper = papers.roster(at=clock.at, serial=day)
        inbox.take("down/documents/roster", papers.signed(paper, centre_key))
    assert list(box.hall.rosters) == ["2026-11-24"]


def test_a_refused_paper_is_an_alarm_until_a_good_one_comes(
    inbox: BoxInbox, box: Box, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    inbox.take("down/documents/roster", papers.signed(papers.roster(at=now), Ed25519PrivateKey.generate()))
    assert box.alarms["alarm.document_refused"].detail == "roster: wrong_key"
    inbox.take("down/documents/roster", papers.signed(papers.roster(at=now), centre_key))
    assert box.alarms == {}


def test_a_state_under_the_name_of_another_call_is_not_taken(
    inbox: BoxInbox, box: Box, now: datetime
) -> None:
    call = assist.press(box, origin=wire.CallOrigin.PAGE_BUTTON, now=now)
    state = wire.CallState(call_id=call.id, status=wire.CallStatus.CLOSED, at=now)
    inbox.take(f"down/calls/{uuid4()}", state.model_dump_json().encode())
    assert box.hall.calls[call.id].open


@pytest.mark.parametrize("path", ["down/calls/x", "down/documents/roster", "down/else", "", "///"])
@pytest.mark.parametrize(
    "payload", [b"\xff\xfe", b"[" * 5000, b"{}", b"null"], ids=["bytes", "deep", "empty", "null"]
)
def test_rubbish_changes_nothing(inbox: BoxInbox, box: Box, path: str, payload: bytes) -> None:
    inbox.take(path, payload)
    assert (box.hall.calls, box.hall.rosters) == ({}, {})


def test_a_full_disk_loses_no_paper_from_force(
    inbox: BoxInbox, box: Box, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
    inbox.take("down/documents/roster", papers.signed(papers.roster(at=now), centre_key))
    assert box.hall.rosters == {}
