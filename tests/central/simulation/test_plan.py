"""The plan alone: the same for a seed, believable, and possible under the table of acts."""

from collections import Counter
from datetime import date, timedelta
from random import Random

import pytest

from central.deadlines.calendar import shipped_calendar
from central.petitions import steps
from central.petitions.models import Channel
from central.petitions.states import Act, State
from central.simulation import courses, plan
from central.simulation.deeds import Course
from central.simulation.grammar import Grammar, words
from central.simulation.hours import Hours, days_from
from shared.clock import court_day
from tests.central.simulation import provinces

MADE = provinces.small(seed="3", courts=5, total=900, years=3)
CALENDAR = shipped_calendar()


def everything(made: plan.Plan) -> list[Course]:
    found = []
    for code in made.flows:
        listed = plan.arrivals(made, code)
        found += [courses.course(made, code, place, listed) for place in range(len(listed))]
    return found


COURSES = everything(MADE)


def test_the_same_seed_makes_the_same_petitions_and_another_seed_others() -> None:
    again = provinces.small(seed="3", courts=5, total=900, years=3)
    assert everything(again) == COURSES
    other = everything(provinces.small(seed="4", courts=5, total=900, years=3))
    assert [each.form["text"] for each in other] != [each.form["text"] for each in COURSES]


def test_the_total_is_exact_and_each_court_has_its_share() -> None:
    assert len(COURSES) == MADE.total == 900
    assert all(total > 0 for total in MADE.totals)


def test_without_a_total_a_province_of_five_years_has_about_a_million() -> None:
    courts = provinces.province().courts
    made = plan.make(
        seed="1", courts=plan.choose(courts, len(courts)), years=5, last=provinces.LAST, total=None
    )
    assert 850_000 < made.total < 1_200_000


def test_every_act_is_one_that_the_table_knows_in_that_state_and_in_order_of_time() -> None:
    for each in COURSES:
        state: State | None = steps.find(None, Act.REGISTER).to
        before = each.registered_at
        for deed in each.deeds:
            state = steps.find(state, deed.act).to
            assert deed.at >= before, each.number
            before = deed.at


def test_everybody_works_in_working_hours_of_the_calendar() -> None:
    hours = Counter[int]()
    for each in COURSES:
        for deed in each.deeds:
            assert CALENDAR.is_working_day(court_day(deed.at)), deed
            hours[(deed.at.hour + 8) % 24] += 1
    assert set(hours) <= {8, 9, 10, 11, 13, 14, 15, 16}


def test_on_days_off_petitions_come_in_online_alone() -> None:
    off = [each for each in COURSES if not CALENDAR.is_working_day(court_day(each.received_at))]
    assert off
    assert {each.form["channel"] for each in off} == {str(Channel.ONLINE)}


def test_nothing_is_received_after_it_was_registered_nor_after_the_end() -> None:
    for each in COURSES:
        assert each.received_at <= each.registered_at <= MADE.end
        assert all(deed.at <= MADE.end for deed in each.deeds)


def test_numbers_count_each_year_of_each_court_from_one_in_the_order_of_registration() -> None:
    series: dict[str, list[int]] = {}
    for each in sorted(COURSES, key=lambda one: (one.court, one.place)):
        head, _, serial = each.number.rpartition("-")
        series.setdefault(head, []).append(int(serial))
    assert all(serials == list(range(1, len(serials) + 1)) for serials in series.values())


def test_fewer_come_in_around_the_spring_festival_than_after_it() -> None:
    flow = provinces.small(courts=1, total=20_000, years=5).flows["辽"]
    counts = {flow.first + timedelta(days=place): count for place, count in enumerate(flow.counts)}
    festival = date(2024, 2, 10)
    dip = sum(counts[festival + timedelta(days=offset)] for offset in range(-12, 12))
    after = sum(counts[festival + timedelta(days=offset)] for offset in range(14, 38))
    assert dip < after / 1.8


def test_a_late_office_answers_late_more_often() -> None:
    late, others = Counter[bool](), Counter[bool]()
    made = provinces.small(seed="5", courts=14, total=3000, years=3)
    assert {office.late for office in made.offices.values()} == {True, False}
    for each in everything(made):
        issued = [deed.at for deed in each.deeds if deed.act is Act.ISSUE][:1]
        if issued:
            office = made.offices[each.court]
            (late if office.late else others)[issued[0] - each.received_at > timedelta(days=93)] += 1
    assert late[True] / late.total() > 1.5 * others[True] / others.total()


def test_a_backlog_grows_where_more_comes_in_than_can_be_done() -> None:
    flow = provinces.small(courts=1, total=4000, years=5).flows["辽"]
    assert max(flow.backlogs) > 1.0
    assert min(flow.backlogs) == 0.0


def test_somebody_who_comes_again_is_the_same_person_and_nobody_can_be_reached() -> None:
    phones = Counter(each.form["phone"] for each in COURSES if each.form["phone"])
    assert max(phones.values()) > 1
    assert all(phone.startswith("100") and len(phone) == 11 for phone in phones)
    assert all(each.form["text"].startswith("【模拟】") for each in COURSES)


def test_a_merged_petition_names_an_earlier_one_of_the_same_court_that_is_still_open() -> None:
    by_id = {each.id: each for each in COURSES}
    merged = [each for each in COURSES if each.joined]
    assert merged
    for each in merged:
        target = by_id[each.joined] if each.joined else each
        assert target.court == each.court
        assert target.registered_at < each.deeds[-1].at


def test_ids_are_of_version_7_and_ordered_by_the_time_of_registration() -> None:
    mine = [each for each in COURSES if each.court == "辽"]
    assert all(each.id.version == 7 for each in mine)
    assert [each.id.int >> 80 for each in mine] == sorted(each.id.int >> 80 for each in mine)
    assert len({each.id for each in COURSES}) == len(COURSES)


def test_a_working_time_and_its_moment_are_each_others() -> None:
    hours = Hours(CALENDAR, date(2026, 1, 1), date(2026, 3, 31))
    for at in (0.0, 0.2501, 3.4999, 3.5001, 17.93):
        assert hours.of(hours.moment(at)) == pytest.approx(at, abs=1 / 420)


def test_a_time_outside_the_hours_is_the_next_one_inside() -> None:
    hours = Hours(CALENDAR, date(2026, 11, 2), date(2026, 11, 30))  # begins on a Monday
    assert hours.place(date(2026, 11, 2), 0) == 0.0
    assert hours.place(date(2026, 11, 2), 12 * 60 + 30) == 0.5
    assert hours.place(date(2026, 11, 2), 20 * 60) == 1.0
    assert hours.place(date(2026, 11, 7), 10 * 60) == 5.0


def test_a_grammar_says_what_its_symbols_hold_and_refuses_one_that_is_missing() -> None:
    grammar = Grammar({"greeting": ["{who} greets"], "who": ["A", "B"]})
    assert grammar.say(Random(1), "greeting") in {"A greets", "B greets"}
    assert grammar.say(Random(1), "greeting", {"who": "C"}) == "C greets"
    with pytest.raises(ValueError, match="there is no symbol who"):
        Grammar({"greeting": ["{who} greets"]})
    assert len({words().say(Random(seed), "text") for seed in range(200)}) > 190


@pytest.mark.parametrize("count", [1, 2, 9, 118])
def test_the_courts_chosen_hang_together(count: int) -> None:
    chosen = plan.choose(provinces.province().courts, count)
    assert len(chosen) == count
    codes = {spec.code for spec in chosen}
    assert all(spec.parent is None or spec.parent in codes for spec in chosen)


def test_days_are_counted_with_both_ends() -> None:
    assert list(days_from(date(2026, 1, 1), date(2026, 1, 2))) == [date(2026, 1, 1), date(2026, 1, 2)]
