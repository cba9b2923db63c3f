"""Extensions asked for and decided, clocks stopped and running again, and the rules under which a petition began."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from central.deadlines import queries, stops
from central.deadlines.books import UnknownRules
from central.deadlines.calendar import shipped_calendar
from central.deadlines.extensions import ExtensionRefused
from central.deadlines.kinds import FIRST_VERSION
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Ground
from central.deadlines.shipped import open_book
from central.errors import Conflict
from central.events.verify import verify
from central.petitions import queries as petition_queries
from central.petitions.models import Petition
from central.petitions.states import Act, NotReady, NotYours, State
from shared.clock import court_day
from tests.central.deadlines.test_books import FUJIAN, newer
from tests.factories import petitions
from tests.factories.accounts import House, house
from tests.factories.courts import MORNING


@pytest.fixture
def here(s: Session) -> House:
    return house(s)


def class6(s: Session, here: House) -> Petition:
    """Return a petition under art. 31(6) that its handler works on."""
    petition = petitions.registered(s, here, kind="class6")
    for act in (Act.ACCEPT, Act.ASSIGN, Act.TAKE_UP):
        petitions.do(s, here, petition, act)
    return petition


def clock(s: Session, petition: Petition, rule: str) -> DeadlineClock:
    return next(each for each in queries.of_petition(s, petition.id) if each.rule == rule)


def running(s: Session, petition: Petition) -> set[str]:
    return {each.rule for each in queries.running(s, petition.id)}


def test_acceptance_under_class6_starts_sixty_days_in_place_of_three_months(s: Session, here: House) -> None:
    petition = class6(s, here)
    assert clock(s, petition, "answer").outcome == "cancelled"
    sixty = clock(s, petition, "answer_class6")
    assert sixty.due_on >= court_day(MORNING) + timedelta(days=60)
    assert petition.next_rule == "answer_class6"


def test_the_kind_can_be_put_right_on_acceptance(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.ACCEPT, kind="class6")
    assert (petition.kind, "answer_class6" in running(s, petition)) == ("class6", True)


def test_a_general_petition_stays_on_three_months(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.ACCEPT)
    assert "answer_class6" not in running(s, petition)


def test_an_accusation_owes_no_written_notice_under_the_regulation(s: Session, here: House) -> None:
    assert "written_notice" not in running(s, petitions.registered(s, here, kind="accusation"))


def test_an_extension_needs_two_people_and_moves_the_due_day(s: Session, here: House) -> None:
    petition = class6(s, here)
    before = clock(s, petition, "answer_class6").due_on
    petitions.do(s, here, petition, Act.ASK_EXTENSION, days=20)
    assert (petition.next_act, petition.next_person_id) == (Act.DECIDE_EXTENSION, here.leader.staff_id)
    assert clock(s, petition, "answer_class6").due_on == before
    with pytest.raises(NotYours):
        petitions.do(s, here, petition, Act.DECIDE_EXTENSION, by=here.handler)
    petitions.do(s, here, petition, Act.DECIDE_EXTENSION)
    extended = clock(s, petition, "answer_class6")
    assert extended.extension_days == 20
    assert extended.due_on > before
    assert petition.next_due_on == extended.due_on
    assert petition.next_act == Act.SUBMIT


def test_the_petitioner_reads_why_and_not_why_it_was_refused(s: Session, here: House) -> None:
    petition = class6(s, here)
    for decision, words in (("refuse", "理由不足"), ("grant", "案情复杂")):
        petitions.do(s, here, petition, Act.ASK_EXTENSION, days=10, remark="需要调取档案")
        petitions.do(
            s,
            here,
            petition,
            Act.DECIDE_EXTENSION,
            decision=decision,
            remark=words,
            now=MORNING + timedelta(minutes=len(words)),
        )
    told = {note.text for note in petition_queries.notes(s, petition.id) if note.public}
    assert "案情复杂" in told
    assert not {"需要调取档案", "理由不足"} & told


def test_no_more_than_the_rule_allows_in_all(s: Session, here: House) -> None:
    petition = class6(s, here)
    with pytest.raises(ExtensionRefused) as error:
        petitions.do(s, here, petition, Act.ASK_EXTENSION, days=31)
    assert error.value.values["room"] == 30
    petitions.do(s, here, petition, Act.ASK_EXTENSION, days=20)
    petitions.do(s, here, petition, Act.DECIDE_EXTENSION)
    with pytest.raises(ExtensionRefused):
        petitions.do(s, here, petition, Act.ASK_EXTENSION, days=11)
    petitions.do(s, here, petition, Act.ASK_EXTENSION, days=10)
    petitions.do(s, here, petition, Act.DECIDE_EXTENSION)
    with pytest.raises(NotReady):
        petitions.do(s, here, petition, Act.ASK_EXTENSION, days=1)


def test_the_leader_may_grant_less_but_not_more_than_there_is(s: Session, here: House) -> None:
    petition = class6(s, here)
    petitions.do(s, here, petition, Act.ASK_EXTENSION, days=30)
    with pytest.raises(ExtensionRefused):
        petitions.do(s, here, petition, Act.DECIDE_EXTENSION, days=40)
    s.rollback()


def test_what_has_run_out_is_not_extended_afterwards(s: Session, here: House) -> None:
    petition = class6(s, here)
    late = MORNING + timedelta(days=100)
    with pytest.raises(ExtensionRefused) as error:
        petitions.do(s, here, petition, Act.ASK_EXTENSION, now=late)
    assert error.value.key == "deadlines.extended_too_late"


def test_a_request_that_waited_too_long_can_only_be_refused(s: Session, here: House) -> None:
    petition, late = class6(s, here), MORNING + timedelta(days=100)
    petitions.do(s, here, petition, Act.ASK_EXTENSION)
    with pytest.raises(ExtensionRefused):
        petitions.do(s, here, petition, Act.DECIDE_EXTENSION, now=late)
    petition.extension_rule, petition.extension_days = "answer_class6", 30
    petitions.do(s, here, petition, Act.DECIDE_EXTENSION, now=late, decision="refuse")
    assert petition.extension_rule is None


def test_the_courts_three_months_cannot_be_extended(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.HANDLING)
    with pytest.raises(NotReady):
        petitions.do(s, here, petition, Act.ASK_EXTENSION)


def test_nobody_approves_an_extension_of_their_own(s: Session, here: House) -> None:
    petition = class6(s, here)
    petition.leader_id = petition.handler_id
    with pytest.raises(Conflict, match="four_eyes"):
        petitions.do(s, here, petition, Act.ASK_EXTENSION)


def test_a_request_ends_when_the_petition_goes_on(s: Session, here: House) -> None:
    petition = class6(s, here)
    petitions.do(s, here, petition, Act.ASK_EXTENSION)
    petitions.do(s, here, petition, Act.ASSIGN)
    assert (petition.extension_rule, petition.extension_days) == (None, None)


def re_review(s: Session, petition: Petition) -> DeadlineClock:
    """Return a running re-review clock of a petition: reviews are asked for elsewhere, the clock is the same."""
    day = court_day(MORNING)
    made = DeadlineClock(
        petition_id=petition.id,
        court_id=petition.court_id,
        rule="re_review_answer",
        rules_version=FIRST_VERSION,
        started_on=day,
        due_on=day + timedelta(days=30),
    )
    s.add(made)
    s.flush()
    return made


def later(days: int) -> datetime:
    return MORNING + timedelta(days=days)


def test_the_days_of_a_hearing_are_not_counted(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.HANDLING)
    made, three_months = re_review(s, petition), clock(s, petition, "answer").due_on
    petitions.do(s, here, petition, Act.STOP_CLOCKS, now=later(5))
    assert made.standing_still
    petitions.do(s, here, petition, Act.RESUME_CLOCKS, now=later(9))
    start = court_day(MORNING)
    assert not made.standing_still
    assert made.due_on == shipped_calendar().next_working_day(start + timedelta(days=34))
    assert clock(s, petition, "answer").due_on == three_months


def test_a_clock_that_nothing_may_stop_is_not_stopped(s: Session, here: House) -> None:
    with pytest.raises(NotReady):
        petitions.do(s, here, petitions.at(s, here, State.HANDLING), Act.STOP_CLOCKS)


def test_a_ground_that_the_rule_does_not_name_stops_nothing(s: Session, here: House) -> None:
    petition = petitions.at(s, here, State.HANDLING)
    re_review(s, petition)
    with pytest.raises(Conflict, match="nothing_stops"):
        petitions.do(s, here, petition, Act.STOP_CLOCKS, stopped_by="other")


def test_two_grounds_at_once_leave_each_day_out_once(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    answer, day = clock(s, petition, "answer"), court_day(MORNING)
    before = answer.due_on
    stops.pause(s, petition_id=petition.id, ground=Ground.SUPPLEMENT, on=day + timedelta(days=1))
    stops.pause(s, petition_id=petition.id, ground=Ground.SUPPLEMENT, on=day + timedelta(days=3))
    again = stops.resume(
        s,
        petition_id=petition.id,
        on=day + timedelta(days=11),
        calendar=shipped_calendar(),
        grounds=[Ground.SUPPLEMENT],
    )
    assert answer in again
    moved = (answer.due_on - before).days
    assert 10 <= moved <= 20


def test_what_ends_while_it_stands_still_is_not_late(s: Session, here: House) -> None:
    petition = petitions.registered(s, here)
    petitions.do(s, here, petition, Act.ASK_SUPPLEMENT)
    petitions.do(s, here, petition, Act.WITHDRAW, now=later(200))
    assert {each.outcome for each in queries.of_petition(s, petition.id)} == {"cancelled"}
    assert not any(each.until_on is None for each in queries.pauses(s, petition.id))


def test_extension_and_pause_compose_in_any_order(s: Session, here: House) -> None:
    found = []
    for order in ((Act.ASK_EXTENSION, Act.STOP_CLOCKS), (Act.STOP_CLOCKS, Act.ASK_EXTENSION)):
        petition = class6(s, here)
        sixty = clock(s, petition, "answer_class6")
        for act in order:
            if act is Act.ASK_EXTENSION:
                petitions.do(s, here, petition, Act.ASK_EXTENSION, days=30, now=later(4))
                petitions.do(s, here, petition, Act.DECIDE_EXTENSION, now=later(4))
            else:
                stops.pause(s, petition_id=petition.id, ground=Ground.SUPPLEMENT, on=court_day(later(2)))
                stops.resume(
                    s,
                    petition_id=petition.id,
                    on=court_day(later(12)),
                    calendar=shipped_calendar(),
                    grounds=[Ground.SUPPLEMENT],
                )
        found.append(sixty.due_on)
    assert found[0] == found[1] >= court_day(MORNING) + timedelta(days=100)


def under(s: Session, folder: Path, **files: str) -> None:
    """Give the installation of the session further rule sets."""
    for name, text in files.items():
        (folder / f"{name}.toml").write_text(text, "utf-8")
    s.info["rules"] = open_book(folder)


def test_a_petition_keeps_the_rules_under_which_it_began(s: Session, here: House, tmp_path: Path) -> None:
    old = petitions.registered(s, here, received_on=date(2026, 11, 20))
    under(s, tmp_path, new=newer(start="2026-11-22", figure=3))
    new = petitions.registered(s, here)
    assert (old.rules_version, new.rules_version) == (FIRST_VERSION, "2027-01-01")
    day = court_day(MORNING)
    assert clock(s, new, "procedural_reply").due_on == day + timedelta(days=3)
    assert clock(s, old, "procedural_reply").due_on >= date(2026, 11, 27)
    for petition in (old, new):
        petitions.do(s, here, petition, Act.DECLINE, now=later(1))
    assert {clock(s, old, "delivery").rules_version, clock(s, new, "delivery").rules_version} == {
        FIRST_VERSION,
        "2027-01-01",
    }


def test_a_petition_of_a_province_begins_as_that_province_reads_the_rules(
    s: Session, here: House, tmp_path: Path
) -> None:
    under(s, tmp_path, ln=FUJIAN.replace("闽", "辽").replace("fj-", "ln-"))
    petition = petitions.registered(s, here)
    assert petition.rules_version == "2022-05-01+ln-2024"
    first = clock(s, petition, "procedural_reply")
    assert first.due_on == date(2026, 12, 2)
    assert (first.rules_version, petition.next_due_on) == ("2022-05-01+ln-2024", first.due_on)


def test_rules_that_are_gone_are_a_sentence_and_change_nothing(
    s: Session, here: House, tmp_path: Path
) -> None:
    petition = petitions.registered(s, here)
    petition.rules_version = "lost"
    for each in queries.of_petition(s, petition.id):
        each.rules_version = "lost"
    with pytest.raises(UnknownRules):
        petitions.do(s, here, petition, Act.ACCEPT)


def test_what_these_acts_write_can_be_rebuilt_from_the_events(
    s: Session, here: House, tmp_path: Path
) -> None:
    petition = class6(s, here)
    petitions.do(s, here, petition, Act.ASK_EXTENSION)
    petitions.do(s, here, petition, Act.DECIDE_EXTENSION)
    supplemented = petitions.registered(s, here)
    petitions.do(s, here, supplemented, Act.ASK_SUPPLEMENT)
    petitions.do(s, here, supplemented, Act.RECEIVE_SUPPLEMENT, now=later(3))
    assert verify(s, public_key=None, anchor_folder=tmp_path).findings == []


def test_by_other_names_the_asker_is_only_the_handler(s: Session, here: House) -> None:
    petition = class6(s, here)
    with pytest.raises(NotYours):
        petitions.do(s, here, petition, Act.ASK_EXTENSION, by=here.leader)
