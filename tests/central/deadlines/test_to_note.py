"""The sweep finds what is overdue and not noted by one index, on both engines."""

from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from central.db import is_sqlite
from central.deadlines import queries
from central.deadlines.models import DeadlineClock
from central.petitions.models import Petition
from central.petitions.states import Act
from tests.factories import petitions
from tests.factories.accounts import House, house

MONDAY = date(2026, 11, 23)


@pytest.fixture
def here(s: Session) -> House:
    return house(s)


def found(s: Session, today: date) -> list[DeadlineClock]:
    return list(s.exec(queries.to_note(today, limit=100)))


def of(s: Session, petition: Petition, rule: str) -> DeadlineClock:
    return next(clock for clock in queries.of_petition(s, petition.id) if clock.rule == rule)


def test_a_clock_is_found_the_day_after_its_due_day(s: Session, here: House) -> None:
    reply = of(s, petitions.registered(s, here), "procedural_reply")
    assert reply not in found(s, reply.due_on)
    assert reply in found(s, reply.due_on + timedelta(days=1))


def test_what_is_noted_or_ended_or_stands_still_is_not_found(s: Session, here: House) -> None:
    noted = petitions.registered(s, here)
    for clock in queries.of_petition(s, noted.id):
        clock.noted_on = MONDAY
    asked = petitions.registered(s, here)
    petitions.do(s, here, asked, Act.ASK_SUPPLEMENT)
    gone = petitions.registered(s, here)
    petitions.do(s, here, gone, Act.WITHDRAW)
    s.flush()
    assert [clock.rule for clock in found(s, date(2030, 1, 1))] == ["supplement"]
    assert {c.rule: c.standing_still for c in queries.running(s, asked.id)} == {
        "procedural_reply": True,
        "written_notice": True,
        "answer": True,
        "supplement": False,
    }


def test_what_was_supplemented_is_found_again(s: Session, here: House) -> None:
    asked = petitions.registered(s, here)
    petitions.do(s, here, asked, Act.ASK_SUPPLEMENT)
    petitions.do(s, here, asked, Act.RECEIVE_SUPPLEMENT)
    s.flush()
    assert [clock.rule for clock in found(s, date(2030, 1, 1))] == [
        "procedural_reply",
        "written_notice",
        "answer",
    ]


def test_pages_follow_each_other(s: Session, here: House) -> None:
    for _ in range(3):
        petitions.registered(s, here)
    s.flush()
    everything, paged, after = found(s, date(2030, 1, 1)), list[DeadlineClock](), None
    while page := list(s.exec(queries.to_note(date(2030, 1, 1), after=after, limit=2))):
        paged += page
        after = (page[-1].due_on, page[-1].id)
    assert paged == everything
    assert len(paged) == 9


def test_the_index_serves_it(s: Session) -> None:
    query = queries.to_note(date(2030, 1, 1), limit=100)
    if is_sqlite(s):
        sql = query.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True})
        plan = s.connection().execute(text(f"EXPLAIN QUERY PLAN {sql}"))
    else:
        s.connection().execute(text("SET LOCAL enable_seqscan = off"))
        s.connection().execute(text("SET LOCAL enable_sort = off"))
        sql = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
        plan = s.connection().execute(text(f"EXPLAIN {sql}"))
    assert "ix_clock_to_note" in "\n".join(str(row) for row in plan)
