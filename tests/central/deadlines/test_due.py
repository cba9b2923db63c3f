"""Due days worked out by hand, each with the article it follows."""

from datetime import date

import pytest

from central.deadlines.calendar import shipped_calendar
from central.deadlines.due import Due, Pause, Span, Why, add_months, due, late_by, share_used
from central.deadlines.rules import Unit
from central.deadlines.shipped import shipped_rules

CALENDAR = shipped_calendar()
RULES = shipped_rules()


def on(text: str) -> date:
    return date.fromisoformat(text)


def of(
    key: str, start: str, *pauses: tuple[str, str | None], extension: int = 0, today: str | None = None
) -> Due:
    stops: list[Pause] = [(on(begin), on(end) if end else None) for begin, end in pauses]
    now = on(today) if today else None
    return due(RULES.get(key), on(start), CALENDAR, pauses=stops, extension_days=extension, today=now)


@pytest.mark.parametrize(
    ("key", "start", "expected", "law"),
    [
        ("procedural_reply", "2026-03-02", "2026-03-09", "practice: 7 days, the first not counted"),
        (
            "procedural_reply",
            "2026-09-24",
            "2026-10-08",
            "practice; Civil Code art. 203: National Day passed over",
        ),
        ("written_notice", "2026-03-02", "2026-03-17", "Regulation art. 23: 15 days"),
        (
            "written_notice",
            "2026-09-20",
            "2026-10-08",
            "Regulation art. 22; Civil Procedure Law art. 85: roll",
        ),
        ("objection", "2026-03-02", "2026-03-09", "Regulation art. 23 para 3: 5 working days over a weekend"),
        ("objection", "2026-09-18", "2026-09-24", "Regulation art. 23 para 3: Sunday 09-20 is worked"),
        (
            "objection",
            "2026-09-30",
            "2026-10-13",
            "Regulation art. 23 para 3: holiday, then worked Saturday 10-10",
        ),
        ("answer", "2026-03-10", "2026-06-10", "practice: 3 months are not 90 days (06-08)"),
        ("answer", "2023-11-30", "2024-02-29", "Civil Code art. 202: last day of a leap February"),
        ("answer", "2026-11-30", "2027-03-01", "Civil Code arts 202, 203: 02-28 is a Sunday"),
        ("answer_class6", "2026-03-02", "2026-05-06", "Regulation art. 34: 60 days end on Labour Day"),
        ("progress", "2026-01-31", "2026-02-28", "practice: monthly; this Saturday is worked"),
        ("review_request", "2026-04-01", "2026-05-06", "Regulation art. 35: 30 days to ask"),
        ("review_answer", "2026-03-02", "2026-04-01", "Regulation art. 35: 30 days to answer"),
        ("re_review_answer", "2026-03-02", "2026-04-01", "Regulation art. 36: 30 days to answer"),
        ("supplement", "2026-03-02", "2026-03-17", "house: 15 days to supplement"),
        ("follow_up", "2026-03-02", "2026-04-01", "house: 30 days after delivery"),
        ("delivery", "2026-03-02", "2026-03-09", "house: 7 days after issue"),
    ],
)
def test_the_due_day_is_the_one_counted_by_hand(key: str, start: str, expected: str, law: str) -> None:
    assert of(key, start).due_on == on(expected), law


def test_an_extension_is_appended_before_rolling_article_34() -> None:
    extended = of("answer_class6", "2026-03-02", extension=30)
    assert (extended.unextended_on, extended.ended_on, extended.due_on) == (
        on("2026-05-01"),
        on("2026-05-31"),
        on("2026-06-01"),
    )


def test_the_days_of_a_hearing_are_not_counted_article_36() -> None:
    paused = of("re_review_answer", "2026-03-02", ("2026-03-10", "2026-03-13"))
    assert (paused.paused_days, paused.ended_on, paused.due_on) == (3, on("2026-04-04"), on("2026-04-07"))


def test_stopping_and_resuming_on_one_day_costs_nothing() -> None:
    assert of("answer", "2026-03-10", ("2026-04-01", "2026-04-01")) == of("answer", "2026-03-10")


def test_a_pause_from_the_start_day_counts_like_a_start_on_the_day_it_ends() -> None:
    assert (
        of("written_notice", "2026-03-02", ("2026-03-02", "2026-03-09")).due_on
        == of("written_notice", "2026-03-09").due_on
    )


def test_a_pause_shifts_months_by_its_own_days_whatever_month_it_fell_in() -> None:
    february = of("answer", "2026-01-12", ("2026-02-01", "2026-02-11"))
    march = of("answer", "2026-01-12", ("2026-03-01", "2026-03-11"))
    assert february.ended_on == march.ended_on == on("2026-04-22")


def test_overlapping_pauses_count_each_day_once() -> None:
    twice = of("review_answer", "2026-03-02", ("2026-03-12", "2026-03-16"), ("2026-03-10", "2026-03-13"))
    assert twice.paused_days == 6


def test_a_pause_after_the_last_day_changes_nothing() -> None:
    assert of("review_answer", "2026-03-02", ("2026-04-01", "2026-05-10")) == of(
        "review_answer", "2026-03-02"
    )


def test_a_pause_that_ended_before_the_start_changes_nothing() -> None:
    assert of("review_answer", "2026-03-02", ("2026-01-01", "2026-03-02")) == of(
        "review_answer", "2026-03-02"
    )


def test_an_open_pause_leaves_out_the_days_until_today() -> None:
    assert of("review_answer", "2026-03-02", ("2026-03-10", None), today="2026-03-20").paused_days == 10


def test_an_open_pause_without_today_lasts_until_the_latest_known_day() -> None:
    pauses = ("2026-03-10", None), ("2026-03-12", "2026-03-14")
    assert of("review_answer", "2026-03-02", *pauses).paused_days == 4


def test_a_period_that_ends_on_a_rest_day_can_still_be_paused_before_the_day_it_moves_to() -> None:
    paused = of("delivery", "2026-03-07", ("2026-03-14", "2026-03-18"))
    assert (paused.ended_on, paused.due_on) == (on("2026-03-14"), on("2026-03-19"))
    assert paused.rolled == (
        Span(on("2026-03-14"), on("2026-03-14"), Why.WEEKEND),
        Span(on("2026-03-15"), on("2026-03-18"), Why.PAUSE),
    )


def test_without_rolling_a_period_ends_on_the_rest_day_itself() -> None:
    rule = RULES.adjusted("written_notice", roll=False).get("written_notice")
    assert due(rule, on("2026-09-20"), CALENDAR).due_on == on("2026-10-05")


def test_counting_the_first_day_ends_one_day_earlier() -> None:
    rule = RULES.adjusted("answer", count_first_day=True).get("answer")
    counted = due(rule, on("2026-03-10"), CALENDAR)
    assert (counted.first_counted, counted.due_on, counted.left_out) == (
        on("2026-03-10"),
        on("2026-06-09"),
        (),
    )


def test_the_seven_days_read_as_working_days_skip_the_weekend() -> None:
    rule = RULES.adjusted("procedural_reply", unit=Unit.WORKING_DAYS).get("procedural_reply")
    assert due(rule, on("2026-03-02"), CALENDAR).due_on == on("2026-03-11")


@pytest.mark.parametrize(
    ("occurrence", "expected"), [(1, "2026-03-02"), (2, "2026-03-31"), (3, "2026-04-30")]
)
def test_monthly_progress_is_counted_from_its_first_day_and_does_not_drift(
    occurrence: int, expected: str
) -> None:
    calendar = CALENDAR.with_overrides({on("2026-02-28"): False})
    assert due(RULES.get("progress"), on("2026-01-31"), calendar, occurrence=occurrence).due_on == on(
        expected
    )


def test_the_sheet_lists_what_was_left_out_and_why() -> None:
    sheet = of("objection", "2026-09-30", ("2026-10-08", "2026-10-09"))
    assert [(span.first, span.days, span.why) for span in sheet.left_out] == [
        (on("2026-09-30"), 1, Why.FIRST_DAY),
        (on("2026-10-01"), 2, Why.HOLIDAY),
        (on("2026-10-03"), 2, Why.WEEKEND),
        (on("2026-10-05"), 3, Why.HOLIDAY),
        (on("2026-10-09"), 1, Why.PAUSE),
        (on("2026-10-11"), 1, Why.WEEKEND),
    ]
    assert (sheet.first_counted, sheet.due_on) == (on("2026-10-08"), on("2026-10-14"))


def test_the_sheet_lists_the_days_passed_over_at_the_end() -> None:
    assert of("answer_class6", "2026-03-02").rolled == (
        Span(on("2026-05-01"), on("2026-05-01"), Why.HOLIDAY),
        Span(on("2026-05-02"), on("2026-05-03"), Why.WEEKEND),
        Span(on("2026-05-04"), on("2026-05-05"), Why.HOLIDAY),
    )


def test_the_sheet_names_article_and_calendar_version() -> None:
    sheet = of("objection", "2026-09-30")
    assert (sheet.article, sheet.calendar_version) == ("信访工作条例第二十三条第三款", CALENDAR.version)


@pytest.mark.parametrize(
    ("key", "start", "estimated"),
    [
        ("objection", "2026-12-21", False),
        ("objection", "2026-12-28", True),
        ("answer", "2026-09-30", False),
        ("answer", "2026-10-08", True),
    ],
)
def test_a_due_day_that_rests_on_an_unpublished_year_is_marked(key: str, start: str, estimated: bool) -> None:
    assert of(key, start).estimated is estimated


def test_an_end_that_does_not_roll_asks_no_calendar_and_is_certain() -> None:
    rule = RULES.adjusted("answer", roll=False).get("answer")
    assert due(rule, on("2026-10-08"), CALENDAR).estimated is False


def test_a_pause_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValueError, match="pause"):
        of("answer", "2026-03-10", ("2026-04-02", "2026-04-01"))


def test_a_negative_extension_is_refused() -> None:
    with pytest.raises(ValueError, match="extension"):
        of("answer", "2026-03-10", extension=-1)


@pytest.mark.parametrize(("key", "occurrence"), [("answer", 2), ("progress", 0)])
def test_an_occurrence_the_rule_does_not_have_is_refused(key: str, occurrence: int) -> None:
    with pytest.raises(ValueError, match="occurrence"):
        due(RULES.get(key), on("2026-03-10"), CALENDAR, occurrence=occurrence)


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-10-31", 4, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-08-31", 13, "2027-09-30"),
    ],
)
def test_months_end_on_the_corresponding_day_or_the_last_civil_code_article_202(
    day: str, count: int, expected: str
) -> None:
    assert add_months(on(day), count) == on(expected)


@pytest.mark.parametrize(
    ("today", "days"), [("2026-03-08", 0), ("2026-03-09", 0), ("2026-03-10", 1), ("2026-04-09", 31)]
)
def test_lateness_begins_the_day_after_the_due_day(today: str, days: int) -> None:
    assert late_by(on("2026-03-09"), on(today)) == days


@pytest.mark.parametrize(
    ("today", "share"),
    [("2026-03-01", 0.0), ("2026-03-02", 0.0), ("2026-03-07", 0.5), ("2026-03-12", 1.0), ("2026-03-22", 2.0)],
)
def test_the_share_used_grows_from_start_to_due_day_and_beyond(today: str, share: float) -> None:
    assert share_used(on("2026-03-02"), on("2026-03-12"), on(today)) == share


def test_a_period_of_no_length_is_used_up_on_its_day() -> None:
    day = on("2026-03-02")
    assert [share_used(day, day, on(today)) for today in ("2026-03-01", "2026-03-02")] == [0.0, 1.0]
