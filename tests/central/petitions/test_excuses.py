"""When logged attempts bear an excuse out, case by case."""

from datetime import date, timedelta

import pytest

from central.petitions import excuses
from central.petitions.excuses import Attempt, Excuse, Means, Tried
from central.web.catalogue import catalogue

DAY = date(2026, 11, 23)


def calls(*days: int, result: str = "nobody_answered", by: str = "phone") -> list[Attempt]:
    return [Attempt(DAY + timedelta(days=day), by, result) for day in days]


CASES = [
    (Excuse.NOBODY_ANSWERED, calls(0, 0, 1), True),
    (Excuse.NOBODY_ANSWERED, calls(0, 0, 0), False),
    (Excuse.NOBODY_ANSWERED, calls(0, 1), False),
    (Excuse.NOBODY_ANSWERED, calls(0, 0, 1, result="wrong_number"), False),
    (Excuse.NOBODY_ANSWERED, calls(0, 1) + calls(2, result="not_met", by="in_person"), True),
    (Excuse.WRONG_NUMBER, calls(0, result="wrong_number"), False),
    (Excuse.WRONG_NUMBER, calls(0, 1, 2, result="wrong_number"), False),
    (
        Excuse.WRONG_NUMBER,
        calls(0, result="wrong_number") + calls(0, result="no_contact", by="search"),
        True,
    ),
    (Excuse.WRONG_NUMBER, calls(0) + calls(0, result="no_contact", by="search"), False),
    (Excuse.NO_CONTACT, calls(0, result="no_contact", by="search"), True),
    (Excuse.NO_CONTACT, calls(0, 1, 2), False),
    (Excuse.ANONYMOUS, calls(0, result="anonymous", by="search"), True),
    (Excuse.ANONYMOUS, [], False),
]


@pytest.mark.parametrize(("excuse", "attempts", "expected"), CASES, ids=range(len(CASES)))
def test_an_excuse_needs_its_attempts(excuse: Excuse, attempts: list[Attempt], expected: bool) -> None:
    assert excuses.suffices(excuse, excuses.shown(excuse, attempts)) is expected


@pytest.mark.parametrize("excuse", list(Excuse))
def test_without_any_attempt_no_excuse_holds(excuse: Excuse) -> None:
    assert not excuses.suffices(excuse, excuses.shown(excuse, []))


def test_who_left_a_name_is_not_anonymous() -> None:
    assert excuses.contradicted(Excuse.ANONYMOUS, {"name"})
    assert excuses.contradicted(Excuse.NO_CONTACT, {"name", "phone"})
    assert not excuses.contradicted(Excuse.NO_CONTACT, {"name"})
    assert not excuses.contradicted(Excuse.NOBODY_ANSWERED, {"name", "phone", "address"})


@pytest.mark.parametrize(
    ("means", "result"),
    [("phone", "returned"), ("phone", "anonymous"), ("post", "not_met"), ("search", "nobody_answered")],
)
def test_a_means_has_its_own_results(means: str, result: str) -> None:
    assert not excuses.possible(means, result)


def test_every_result_can_be_come_to_and_every_means_has_its_sentence() -> None:
    assert set().union(*excuses.RESULTS.values()) == set(Tried)
    for means in Means:
        assert catalogue().has(f"petitions.attempt_result.{means}")
    for excuse in Excuse:
        assert catalogue().has(f"petitions.evidence.{excuse}")
