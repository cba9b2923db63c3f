"""Appointment codes at the kiosk, with and without the centre's roster."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import checkin, documents
from edge_agent.box import Box
from edge_agent.checkin import Outcome
from edge_agent.errors import TooMany
from shared import wire
from shared.wire import Refusal
from tests.edge_agent import papers

Present = Callable[..., Outcome]


@pytest.fixture
def present(box: Box, centre_key: Ed25519PrivateKey, now: datetime) -> Present:
    def shown(text: str, nonce: str = "n", at: datetime = now) -> Outcome:
        return checkin.check_in(box, text=text, keys=[centre_key.public_key()], nonce=nonce, now=at)

    return shown


@pytest.fixture
def give(box: Box, centre_key: Ed25519PrivateKey, now: datetime) -> Callable[[wire.Roster], None]:
    def given(paper: wire.Roster) -> None:
        payload = papers.signed(paper, centre_key)
        answer = documents.take(box, payload, name="roster", keys=[centre_key.public_key()], now=now)
        assert answer is documents.Answer.TAKEN

    return given


def test_a_signed_code_opens_a_number_without_any_roster(
    present: Present, appointment_id: UUID, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    outcome = present(papers.token(appointment_id, centre_key, at=now))
    assert outcome.ticket is not None
    assert (outcome.ticket.label, outcome.ticket.appointment_id) == ("B001", appointment_id)


def test_a_code_opens_once_and_says_which_number_it_opened(
    present: Present,
    appointment_id: UUID,
    centre_key: Ed25519PrivateKey,
    now: datetime,
    reported: Callable[[], list[wire.Body]],
) -> None:
    text = papers.token(appointment_id, centre_key, at=now)
    first = present(text, "one")
    again = present(text, "two")
    assert (again.refusal, again.ticket) == (Refusal.ALREADY_USED, first.ticket)
    assert reported()[1:] == [wire.CheckinRefused(reason=Refusal.ALREADY_USED, appointment_id=appointment_id)]


def test_a_code_stays_used_after_a_restart(
    present: Present,
    opened: Callable[[], Box],
    appointment_id: UUID,
    centre_key: Ed25519PrivateKey,
    now: datetime,
) -> None:
    text = papers.token(appointment_id, centre_key, at=now)
    present(text)
    again = checkin.check_in(opened(), text=text, keys=[centre_key.public_key()], nonce="x", now=now)
    assert again.refusal is Refusal.ALREADY_USED


def test_the_same_tap_gets_the_same_number(
    present: Present, appointment_id: UUID, centre_key: Ed25519PrivateKey, now: datetime
) -> None:
    text = papers.token(appointment_id, centre_key, at=now)
    assert present(text, "tap").ticket == present(text, "tap").ticket


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("https://example.invalid/pay", Refusal.UNREADABLE),
        ("MY1.AAAA", Refusal.UNREADABLE),
        ("", Refusal.UNREADABLE),
    ],
)
def test_what_is_no_code_is_refused_kindly(present: Present, text: str, reason: Refusal) -> None:
    assert present(text).refusal is reason


def test_a_forged_code_is_refused(present: Present, appointment_id: UUID, now: datetime) -> None:
    assert (
        present(papers.token(appointment_id, Ed25519PrivateKey.generate(), at=now)).refusal is Refusal.FORGED
    )


def test_a_typed_code_opens_a_number_by_the_roster(
    present: Present, give: Callable[[wire.Roster], None], appointment_id: UUID, now: datetime
) -> None:
    give(papers.roster(papers.entry(appointment_id, at=now), at=now))
    outcome = present("abcde-23456")
    assert outcome.ticket is not None
    assert outcome.ticket.appointment_id == appointment_id


def test_a_typed_code_that_is_not_in_the_roster_is_unknown(
    present: Present, give: Callable[[wire.Roster], None], appointment_id: UUID, now: datetime
) -> None:
    give(papers.roster(papers.entry(appointment_id, at=now), at=now))
    assert present("ZZZZZ99999").refusal is Refusal.UNKNOWN


def test_without_a_roster_a_typed_code_is_sent_to_the_staff(present: Present) -> None:
    assert present(papers.TYPED).sentence == "refusal.no_roster"


def test_an_expired_roster_counts_no_more(
    present: Present, give: Callable[[wire.Roster], None], appointment_id: UUID, now: datetime
) -> None:
    give(papers.roster(papers.entry(appointment_id, at=now), at=now, not_after=now + timedelta(minutes=1)))
    assert present(papers.TYPED, at=now + timedelta(minutes=2)).sentence == "refusal.no_roster"


def test_a_revoked_appointment_is_refused_also_by_its_signed_code(
    present: Present,
    give: Callable[[wire.Roster], None],
    appointment_id: UUID,
    centre_key: Ed25519PrivateKey,
    now: datetime,
) -> None:
    give(papers.roster(papers.entry(appointment_id, at=now, revoked=True), at=now))
    assert present(papers.token(appointment_id, centre_key, at=now)).refusal is Refusal.REVOKED
    assert present(papers.TYPED, "typed").refusal is Refusal.REVOKED


@pytest.mark.parametrize("text", ["MY1.é", "MY1." + "A" * 400, "\x00", "ＡＢＣＤＥ2345"])
def test_odd_signs_are_no_code(present: Present, text: str) -> None:
    assert present(text).refusal is Refusal.UNREADABLE


def test_codes_are_not_tried_without_end(
    present: Present, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    for number in range(checkin.REFUSALS_PER_MINUTE):
        present("nothing", str(number))
    with pytest.raises(TooMany):
        present("nothing")
    assert len(reported()) == checkin.REFUSALS_PER_MINUTE
    assert present("nothing", at=now + timedelta(minutes=1)).refusal is Refusal.UNREADABLE
