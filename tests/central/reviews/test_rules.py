"""Which review may be asked for, and what a delivery opens."""

from datetime import date

import pytest

from central.deadlines.rules import Moment
from central.errors import Conflict
from central.reviews import letters
from central.reviews.models import Review
from central.reviews.rules import End, Outcome, Past, Stage, delivered, is_late, next_stage
from shared.ids import new_id
from tests.factories.courts import MORNING

UPHELD = Past("review", "decided", "upheld")


@pytest.mark.parametrize(
    ("past", "stage"),
    [
        ([], Stage.REVIEW),
        ([Past("review", "withdrawn")], Stage.REVIEW),
        ([UPHELD], Stage.RE_REVIEW),
        ([UPHELD, Past("re_review", "withdrawn")], Stage.RE_REVIEW),
    ],
    ids=["first", "taken back", "after a review", "re-review taken back"],
)
def test_review_comes_first_then_re_review(past: list[Past], stage: Stage) -> None:
    assert next_stage(past) is stage


@pytest.mark.parametrize(
    ("past", "key"),
    [
        ([Past("review", End.REFUSED)], "reviews.refused_before"),
        ([UPHELD, Past("re_review", "decided", "changed")], "reviews.final"),
    ],
)
def test_after_a_refusal_or_a_re_review_nothing_more_can_be_asked(past: list[Past], key: str) -> None:
    with pytest.raises(Conflict, match=key):
        next_stage(past)


def test_the_last_day_is_in_time() -> None:
    assert not is_late(date(2026, 12, 23), date(2026, 12, 23))
    assert is_late(date(2026, 12, 24), date(2026, 12, 23))


@pytest.mark.parametrize("outcome", Outcome)
def test_only_a_review_that_stands_opens_the_way_to_a_re_review(outcome: Outcome) -> None:
    opens = outcome is not Outcome.SENT_BACK
    assert (delivered("review", outcome) is Moment.REVIEW_DELIVERED) == opens
    assert delivered("re_review", outcome) is Moment.RE_REVIEW_DELIVERED


def row(stage: Stage, outcome: Outcome) -> Review:
    return Review(
        petition_id=new_id(),
        stage=stage.value,
        came="portal",
        asked_at=MORNING,
        asked_on=date(2026, 12, 1),
        until_on=date(2026, 12, 23),
        asked="请求复查",
        before_court_id=new_id(),
        before_state="closed",
        before_delivered_on=date(2026, 11, 23),
        outcome=outcome.value,
        facts="查明一",
        basis="依据一",
    )


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_letter_says_what_was_found_decided_and_may_be_done(stage: Stage, outcome: Outcome) -> None:
    text = letters.decision(
        row(stage, outcome),
        number="辽0102-2026-000001",
        courts=letters.Courts(court="某中院", below="某区院", against="某区院", above="某高院"),
        on=date(2026, 12, 9),
    )
    for part in ("辽0102-2026-000001", "查明一", "依据一", "某中院\n2026年12月9日", "2026年12月1日"):
        assert part in text
    assert "{" not in text
    assert ("第三十六条第三款" in text) == (stage is Stage.RE_REVIEW and outcome is not Outcome.SENT_BACK)
    assert ("向某高院请求复核" in text) == (stage is Stage.REVIEW and outcome is not Outcome.SENT_BACK)


@pytest.mark.parametrize("outcome", Outcome)
def test_a_re_review_speaks_of_the_review_and_of_the_court_that_made_it(outcome: Outcome) -> None:
    courts = letters.Courts(court="某高院", below="某区院", against="某中院", above="某高院")
    found = row(Stage.RE_REVIEW, outcome)
    text = letters.decision(found, number="辽0102-2026-000001", courts=courts, on=date(2026, 12, 9))
    assert "您对某中院的复查意见不服" in text
    assert "复查意见" in text.split("三、意见")[1].split("\n\n")[1]
    parts = letters.decision_parts(found, number="辽0102-2026-000001", courts=courts)
    assert all(words in text for _, words in parts)
