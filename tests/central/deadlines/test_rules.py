"""The shipped rules against their sources, and rule files that must be refused."""

from datetime import date

import pytest

from central.deadlines.rules import BadRules, Basis, Moment, Unit, load_rules
from central.deadlines.shipped import shipped_rules

RULES = shipped_rules()
ONE = """
version = "t"
effective_from = 2022-05-01
[rules.only]
article = "a"
source = "s"
basis = "law"
unit = "months"
amount = 3
roll = true
starts = ["received"]
ends = ["answer_issued"]
owed_by_court = true
"""


@pytest.mark.parametrize(
    ("key", "amount", "unit", "source"),
    [
        ("procedural_reply", 7, Unit.CALENDAR_DAYS, "courts' practice"),
        ("written_notice", 15, Unit.CALENDAR_DAYS, "arts 22, 23"),
        ("objection", 5, Unit.WORKING_DAYS, "art. 23 para 3"),
        ("answer", 3, Unit.MONTHS, "courts' practice"),
        ("answer_class6", 60, Unit.CALENDAR_DAYS, "art. 34"),
        ("progress", 1, Unit.MONTHS, "practice"),
        ("review_request", 30, Unit.CALENDAR_DAYS, "art. 35"),
        ("review_answer", 30, Unit.CALENDAR_DAYS, "art. 35"),
        ("re_review_request", 30, Unit.CALENDAR_DAYS, "art. 36"),
        ("re_review_answer", 30, Unit.CALENDAR_DAYS, "art. 36"),
        ("supplement", 15, Unit.CALENDAR_DAYS, "no source"),
        ("follow_up", 30, Unit.CALENDAR_DAYS, "no source"),
        ("delivery", 7, Unit.CALENDAR_DAYS, "no source"),
    ],
)
def test_a_shipped_rule_has_the_figure_of_its_source(key: str, amount: int, unit: Unit, source: str) -> None:
    rule = RULES.get(key)
    assert (rule.amount, rule.unit) == (amount, unit)
    assert source in rule.source.lower()


def test_a_rule_of_the_house_says_that_it_has_no_source_and_cites_no_article() -> None:
    unsourced = {rule.key for rule in RULES.rules if rule.source.startswith("No source") and not rule.article}
    assert unsourced == {rule.key for rule in RULES.rules if rule.basis is Basis.HOUSE}


def test_what_the_petitioner_may_do_is_not_owed_by_the_court() -> None:
    free = {rule.key for rule in RULES.rules if not rule.owed_by_court}
    assert free == {"objection", "review_request", "re_review_request", "supplement"}


def test_only_class_6_may_be_extended_and_by_30_days_at_most_article_34() -> None:
    assert {rule.key: rule.max_extension_days for rule in RULES.rules if rule.max_extension_days} == {
        "answer_class6": 30
    }


def test_receipt_starts_notice_reply_and_answer_side_by_side() -> None:
    started = [rule.key for rule in RULES.started_by(Moment.RECEIVED)]
    assert started == ["procedural_reply", "written_notice", "answer"]


def test_a_transfer_also_starts_the_time_to_object_article_23_3() -> None:
    assert RULES.get("objection") in RULES.started_by(Moment.TRANSFERRED_IN)


def test_issuing_the_answer_meets_every_answer_clock_and_stops_progress_replies() -> None:
    met = {rule.key for rule in RULES.ended_by(Moment.ANSWER_ISSUED)}
    assert {"answer", "answer_class6"} <= met
    assert RULES.get("progress") in RULES.cancelled_by(Moment.ANSWER_ISSUED)


def test_merging_never_takes_away_the_reply_owed_to_the_sender_of_a_letter() -> None:
    cancelled = {rule.key for rule in RULES.cancelled_by(Moment.MERGED)}
    assert cancelled.isdisjoint({"procedural_reply", "written_notice"})


def test_every_moment_is_used_by_a_rule() -> None:
    used = {moment for rule in RULES.rules for moment in (*rule.starts, *rule.ends, *rule.cancelled_by)}
    assert set(Moment) - used == set()


def test_the_regulation_is_in_force_from_the_first_of_may_2022() -> None:
    assert [RULES.in_force(day) for day in (date(2022, 4, 30), date(2022, 5, 1))] == [False, True]


def test_a_set_that_was_replaced_is_in_force_until_its_last_day() -> None:
    old = load_rules(ONE.replace("[rules.only]", "effective_to = 2023-01-31\n[rules.only]"))
    assert [old.in_force(day) for day in (date(2023, 1, 31), date(2023, 2, 1))] == [True, False]


def test_a_court_may_read_the_seven_days_as_working_days() -> None:
    changed = RULES.adjusted("procedural_reply", unit=Unit.WORKING_DAYS)
    assert changed.get("procedural_reply").unit is Unit.WORKING_DAYS
    assert changed.version == f"{RULES.version}+procedural_reply:unit=working_days"


def test_a_court_cannot_lengthen_a_period_of_law() -> None:
    with pytest.raises(BadRules, match="cannot be set"):
        RULES.adjusted("answer_class6", amount=90)


def test_rolling_is_a_setting_even_for_a_period_of_law() -> None:
    assert RULES.adjusted("written_notice", roll=False).get("written_notice").roll is False


def test_a_setting_out_of_range_is_refused() -> None:
    with pytest.raises(BadRules):
        RULES.adjusted("delivery", amount=0)


def test_adjusting_nothing_keeps_the_version() -> None:
    assert RULES.adjusted("delivery") is RULES


def test_an_unknown_key_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        RULES.get("nothing")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("amount = 3", "amount = 0"),
        ("amount = 3", 'amount = 3\ncolour = "red"'),
        ('unit = "months"', 'unit = "weeks"'),
        ('starts = ["received"]', "starts = []"),
        ('starts = ["received"]', 'starts = ["recieved"]'),
        ('ends = ["answer_issued"]', 'ends = ["answer_issued"]\ncancelled_by = ["answer_issued"]'),
        ('article = "a"', 'article = ""'),
        ("effective_from = 2022-05-01", ""),
        ("[rules.only]", "[rules.Only]"),
        ("[rules.only]", "rules = 3\n[other]"),
        ("version =", "version"),
    ],
)
def test_a_faulty_rule_file_is_refused(old: str, new: str) -> None:
    with pytest.raises(BadRules):
        load_rules(ONE.replace(old, new))
