"""The counts are those of the rows, court by court and month by month; nobody counts what is kept from them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from central.actor import Actor, Role, Via, system
from central.courts.models import Court
from central.deadlines.duties import DUTIES, Result
from central.deadlines.models import DeadlineClock
from central.obligations import queries, report
from central.obligations.queries import Asked
from central.obligations.rules import Period, Tally, What, part_of, total
from central.petitions.states import Act, State
from shared.clock import court_day
from tests.factories import petitions
from tests.factories.accounts import House, actor, house
from tests.factories.courts import MORNING, tree

ALL = Period(190001, 299912)
SYSTEM = system(Via.COMMAND)
NOVEMBER = 202611


@dataclass
class Ledger:
    s: Session
    courts: dict[str, Court]
    here: House
    there: House

    def tally(self, code: str, duty: str, *, days: int = 0, by: Actor = SYSTEM, month: int = 0) -> Tally:
        self.s.flush()
        asked = self.asked(duty, days, code)
        cells = queries.tallies(self.s, asked, actor=by)
        return total(each for (_, at), each in cells.items() if month in {0, at})

    def asked(self, duty: str, days: int, *codes: str) -> Asked:
        chosen = [self.courts[code] for code in codes or self.courts]
        return Asked(duty, chosen, ALL, court_day(MORNING) + timedelta(days=days))


@pytest.fixture
def ledger(s: Session) -> Ledger:
    courts = tree(s)
    return Ledger(s, courts, house(s, courts["辽0102"]), house(s, courts["辽0103"]))


def after(days: int) -> datetime:
    return MORNING + timedelta(days=days)


def test_what_came_in_owes_a_procedural_reply_and_an_answer(ledger: Ledger) -> None:
    petitions.registered(ledger.s, ledger.here)
    for duty in ("procedural_reply", "answer", "written_notice"):
        assert ledger.tally("辽0102", duty) == Tally(open_in_time=1)
        assert ledger.tally("辽0103", duty) == Tally()


def test_the_due_day_itself_is_in_time(ledger: Ledger) -> None:
    petitions.registered(ledger.s, ledger.here)
    assert ledger.tally("辽0102", "procedural_reply", days=7) == Tally(open_in_time=1)
    assert ledger.tally("辽0102", "procedural_reply", days=8) == Tally(open_overdue=1)


def test_a_duty_stands_in_the_month_of_its_court_day(ledger: Ledger) -> None:
    last_evening = datetime.fromisoformat("2026-10-31T23:59:00+08:00")
    petitions.registered(ledger.s, ledger.here, received_at=last_evening.isoformat())
    petitions.registered(ledger.s, ledger.here, received_at=(last_evening + timedelta(minutes=1)).isoformat())
    assert ledger.tally("辽0102", "answer", month=202610).owed == 1
    assert ledger.tally("辽0102", "answer", month=202611).owed == 1


def test_the_sender_owed_the_procedural_reply_and_the_receiver_owes_the_answer(ledger: Ledger) -> None:
    petitions.at(ledger.s, ledger.here, State.TRANSFERRED, to=ledger.there)
    assert ledger.tally("辽0102", "procedural_reply") == Tally(in_time=1)
    assert ledger.tally("辽0102", "answer") == Tally(moved=1)
    assert ledger.tally("辽0103", "procedural_reply") == Tally(open_in_time=1)
    assert ledger.tally("辽0103", "answer") == Tally(open_in_time=1)


def test_passing_on_what_is_overdue_takes_nothing_back(ledger: Ledger) -> None:
    petition = petitions.registered(ledger.s, ledger.here)
    petitions.do(ledger.s, ledger.here, petition, Act.TRANSFER, court="辽0103", now=after(100))
    assert ledger.tally("辽0102", "answer", days=100) == Tally(late=1)
    assert ledger.tally("辽0102", "procedural_reply", days=100) == Tally(late=1)
    assert ledger.tally("辽0103", "answer", days=100) == Tally(open_in_time=1)


def test_an_objection_gives_the_duties_back(ledger: Ledger) -> None:
    petition = petitions.at(ledger.s, ledger.here, State.TRANSFERRED, to=ledger.there)
    petitions.do(ledger.s, ledger.there, petition, Act.RETURN, now=after(2))
    assert ledger.tally("辽0103", "procedural_reply") == Tally(moved=1)
    assert ledger.tally("辽0103", "answer") == Tally(moved=1)
    assert ledger.tally("辽0102", "procedural_reply") == Tally(in_time=1, open_in_time=1)
    assert ledger.tally("辽0102", "answer") == Tally(moved=1, open_in_time=1)


@pytest.mark.parametrize(
    ("state", "reply", "answer"),
    [
        (State.DECLINED, Tally(in_time=1), Tally(in_time=1)),
        (State.TO_LITIGATION, Tally(in_time=1), Tally(in_time=1)),
        (State.WITHDRAWN, Tally(released=1), Tally(released=1)),
        (State.REPLIED, Tally(in_time=1), Tally(in_time=1)),
        (State.CLOSED, Tally(in_time=1), Tally(in_time=1)),
        (State.AWAITING_SUPPLEMENT, Tally(open_in_time=1), Tally(open_in_time=1)),
    ],
)
def test_each_ending_has_its_effect(ledger: Ledger, state: State, reply: Tally, answer: Tally) -> None:
    petitions.at(ledger.s, ledger.here, state)
    assert (ledger.tally("辽0102", "procedural_reply"), ledger.tally("辽0102", "answer")) == (reply, answer)


def test_a_merged_one_leaves_its_answer_to_the_other(ledger: Ledger) -> None:
    petitions.at(ledger.s, ledger.here, State.MERGED)
    assert ledger.tally("辽0102", "answer") == Tally(released=1, open_in_time=1)


def test_opened_again_an_answer_is_owed_anew(ledger: Ledger) -> None:
    petition = petitions.at(ledger.s, ledger.here, State.CLOSED)
    petitions.do(ledger.s, ledger.here, petition, Act.REOPEN, now=after(20))
    assert ledger.tally("辽0102", "answer", month=202611) == Tally(in_time=1)
    assert ledger.tally("辽0102", "answer", month=202612) == Tally(open_in_time=1)


def test_waiting_for_a_supplement_is_not_overdue_unless_it_was(ledger: Ledger) -> None:
    petitions.at(ledger.s, ledger.here, State.AWAITING_SUPPLEMENT)
    late = petitions.registered(ledger.s, ledger.here)
    petitions.do(ledger.s, ledger.here, late, Act.ASK_SUPPLEMENT, now=after(10))
    assert ledger.tally("辽0102", "procedural_reply", days=12) == Tally(open_in_time=1, open_overdue=1)


def test_withdrawn_while_it_stood_still_is_not_late(ledger: Ledger) -> None:
    petition = petitions.at(ledger.s, ledger.here, State.AWAITING_SUPPLEMENT)
    petitions.do(ledger.s, ledger.here, petition, Act.WITHDRAW, now=after(30))
    assert ledger.tally("辽0102", "procedural_reply", days=30) == Tally(released=1)


def test_an_excuse_counts_apart(ledger: Ledger) -> None:
    petition = petitions.registered(ledger.s, ledger.here)
    petitions.excused(ledger.s, ledger.here, petition, Act.EXCUSE_REPLY)
    tally = ledger.tally("辽0102", "procedural_reply")
    assert (tally, tally.rate) == (Tally(excused=1), None)


def _busy(ledger: Ledger) -> None:
    """A province with something in every part."""
    for state in State:
        petitions.at(ledger.s, ledger.here, state, to=ledger.there)
    for state in (State.HANDLING, State.DECLINED):
        petitions.at(ledger.s, ledger.there, state)
    for at in ("2026-01-31T09:00:00+08:00", "2024-02-29T09:00:00+08:00"):
        petitions.registered(ledger.s, ledger.there, received_at=at)
    petitions.excused(ledger.s, ledger.here, petitions.registered(ledger.s, ledger.here), Act.EXCUSE_REPLY)
    ledger.s.flush()


def _slowly(s: Session, duty: str, today: date) -> dict[tuple[Any, int], Tally]:
    found: dict[tuple[Any, int], Tally] = {}
    for clock in s.exec(select(DeadlineClock)).all():
        if clock.rule == duty:
            assert clock.court_id is not None
            assert clock.owed_month is not None
            late = clock.due_on < today and not clock.standing_still
            part = part_of(Result(str(clock.result)), overdue=late)
            cell = (clock.court_id, clock.owed_month)
            found[cell] = found.get(cell, Tally()) + Tally.one(part, 1)
    return found


@pytest.mark.parametrize("days", [0, 9, 200])
def test_the_counts_are_those_of_the_rows(ledger: Ledger, days: int) -> None:
    _busy(ledger)
    for duty in DUTIES:
        asked = ledger.asked(duty, days)
        counted = {
            cell: each for cell, each in queries.tallies(ledger.s, asked, actor=SYSTEM).items() if each.owed
        }
        assert counted == _slowly(ledger.s, duty, asked.today), duty


@pytest.mark.parametrize("what", list(What))
def test_the_rows_behind_a_number_are_as_many(ledger: Ledger, what: What) -> None:
    _busy(ledger)
    for duty in DUTIES:
        asked = ledger.asked(duty, 9)
        counted = total(queries.tallies(ledger.s, asked, actor=SYSTEM).values()).of(what)
        pages, after_ = list[queries.Duty](), None
        while rows := queries.behind(ledger.s, asked, what, actor=SYSTEM, after=after_, limit=2):
            pages += rows
            last = rows[-1]
            after_ = queries.After(
                last.court.path, str(last.clock.result), last.clock.owed_month or 0, last.clock.id
            )
        assert len({row.clock.id for row in pages}) == len(pages) == counted, duty


def test_who_is_kept_from_a_petition_does_not_count_it(ledger: Ledger) -> None:
    house(ledger.s, ledger.courts["辽01"])  # takes it over
    petition = petitions.registered(ledger.s, ledger.here)
    petitions.registered(ledger.s, ledger.here)
    petitions.do(
        ledger.s,
        ledger.here,
        petition,
        Act.NAME_CONFLICT,
        ground="accused",
        person=ledger.here.leader.username,
    )
    assert ledger.tally("辽0102", "answer", by=ledger.here.registrar).owed >= 1
    named = ledger.tally("辽0102", "answer", by=ledger.here.leader)
    assert ledger.tally("辽0102", "answer").owed - named.owed == 1
    rows = queries.behind(ledger.s, ledger.asked("answer", 0, "辽0102"), What.OWED, actor=ledger.here.leader)
    assert petition.id not in {row.petition.id for row in rows}


def test_a_court_is_counted_with_those_below_it(ledger: Ledger) -> None:
    _busy(ledger)
    above = actor(ledger.s, ledger.courts["辽01"], Role.SUPERVISOR)
    asked = ledger.asked("answer", 9)
    cells = queries.tallies(ledger.s, asked, actor=above)
    made = report.made(ledger.courts["辽"], asked.courts, Period(202401, 202612), cells)
    assert [part.court.code for part in made.parts] == ["辽", "辽01", "辽02"]
    assert made.total == total(part.tally for part in made.parts)
    assert made.total.owed == len(
        [c for c in ledger.s.exec(select(DeadlineClock)).all() if c.rule == "answer"]
    )
