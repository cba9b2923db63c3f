"""Signed papers: everything doubtful is refused, and the last good one stays in force (reliability S13)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import documents
from edge_agent.box import Box
from edge_agent.documents import Answer
from shared import wire
from tests.edge_agent import papers

Give = Callable[..., Answer]


@pytest.fixture
def give(box: Box, centre_key: Ed25519PrivateKey, now: datetime) -> Give:
    def given(payload: bytes, name: str = "roster") -> Answer:
        return documents.take(box, payload, name=name, keys=[centre_key.public_key()], now=now)

    return given


@pytest.fixture
def good(appointment_id: UUID, now: datetime) -> wire.Roster:
    return papers.roster(papers.entry(appointment_id, at=now), at=now, serial=5)


def test_a_good_roster_is_taken_and_known_the_second_time(
    give: Give, good: wire.Roster, centre_key: Ed25519PrivateKey
) -> None:
    payload = papers.signed(good, centre_key)
    assert [give(payload), give(payload)] == [Answer.TAKEN, Answer.KNOWN]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"serial": 4}, Answer.OLD),
        ({"salt": "other"}, Answer.OLD),
        ({"serial": 6, "box": "ln0103-1"}, Answer.OTHER_BOX),
        ({"serial": 6, "not_after": datetime(2026, 11, 22).astimezone()}, Answer.EXPIRED),
        ({"serial": 6, "not_after": datetime(2026, 11, 24)}, Answer.UNREADABLE),  # noqa: DTZ001  the fault under test
    ],
)
def test_a_doubtful_roster_is_refused_and_the_last_good_one_kept(
    box: Box,
    give: Give,
    good: wire.Roster,
    centre_key: Ed25519PrivateKey,
    change: dict[str, object],
    expected: Answer,
) -> None:
    give(papers.signed(good, centre_key))
    assert give(papers.signed(good.model_copy(update=change), centre_key)) is expected
    assert box.hall.rosters == {good.day: good}
    assert "alarm.document_refused" in box.alarms


def test_a_roster_signed_by_somebody_else_is_refused(give: Give, good: wire.Roster) -> None:
    assert give(papers.signed(good, Ed25519PrivateKey.generate())) is Answer.WRONG_KEY


def test_a_truncated_or_renamed_paper_is_refused(
    give: Give, good: wire.Roster, centre_key: Ed25519PrivateKey
) -> None:
    payload = papers.signed(good, centre_key)
    assert give(payload[:-20]) is Answer.UNREADABLE
    assert give(payload, "settings") is Answer.UNREADABLE


def test_the_serial_is_remembered_over_a_restart_and_the_papers_day(
    box: Box,
    give: Give,
    good: wire.Roster,
    centre_key: Ed25519PrivateKey,
    opened: Callable[[], Box],
    now: datetime,
) -> None:
    give(papers.signed(good, centre_key))
    again = opened()
    assert again.hall.rosters == {good.day: good}
    older = papers.roster(at=now + timedelta(days=1), serial=5)
    keys = [centre_key.public_key()]
    payload = papers.signed(older, centre_key)
    assert documents.take(again, payload, name="roster", keys=keys, now=now) is Answer.OLD


def test_tomorrows_roster_does_not_push_out_todays(
    box: Box, give: Give, good: wire.Roster, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    give(papers.signed(good, centre_key))
    give(papers.signed(papers.roster(at=now + timedelta(days=1), serial=6), centre_key))
    assert sorted(box.hall.rosters) == ["2026-11-23", "2026-11-24"]


def test_no_beginning_and_no_changed_byte_of_a_paper_is_taken(
    box: Box, give: Give, good: wire.Roster, centre_key: Ed25519PrivateKey
) -> None:
    give(papers.signed(good, centre_key))
    newer = good.model_copy(update={"serial": 9})
    payload = papers.signed(newer, centre_key)
    for cut in range(len(payload)):
        assert give(payload[:cut]) not in documents.GOOD, cut
    assert box.hall.rosters == {good.day: good}
    for at in range(len(payload)):
        give(payload[:at] + bytes([payload[at] ^ 1]) + payload[at + 1 :])
        # The last sign of a signature has bits that mean nothing; whatever is taken is what was signed.
        assert box.hall.rosters in ({good.day: good}, {good.day: newer}), at


def test_an_old_paper_is_not_taken_after_the_box_was_reset(
    box: Box, give: Give, good: wire.Roster, centre_key: Ed25519PrivateKey
) -> None:
    """The box's memory is new; at its enrolment the centre told it how far papers had come."""
    documents.raise_floor(box.store, 7)
    for serial in (5, 6, 7):
        assert give(papers.signed(good.model_copy(update={"serial": serial}), centre_key)) is Answer.OLD
    assert box.hall.rosters == {}
    assert give(papers.signed(good.model_copy(update={"serial": 8}), centre_key)) is Answer.TAKEN
    documents.raise_floor(box.store, 3)
    assert give(papers.signed(good.model_copy(update={"serial": 8}), centre_key)) is Answer.KNOWN
