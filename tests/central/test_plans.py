"""Each list that is made for a million petitions is read from an index: no plan walks a large table from end to end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.db import is_sqlite
from central.deadlines import queries as deadlines
from central.deadlines.levels import Level, Shares
from central.notifications import queries as notifications
from central.obligations import queries as obligations
from central.obligations.rules import Period, What
from central.petitions import worklists
from central.petitions.states import State
from central.petitions.worklists import Measure, Tab, Wanted
from central.supervision import queries as supervision
from tests.factories import accounts as people
from tests.factories import courts, petitions

TODAY = date(2026, 11, 24)
MEASURE = Measure(TODAY, Shares(0.5, 0.8))
LARGE = ("petition", "clock", "clock_pause", "supervision_order", "supervision_round", "notice", "event")


@contextmanager
def planned(s: Session) -> Iterator[list[str]]:
    """Collect the plans of all statements that are sent meanwhile."""
    sent: list[tuple[str, Any]] = []

    def note(_c: object, _u: object, statement: str, parameters: Any, *_: object) -> None:
        if statement.startswith(("SELECT", "WITH")):
            sent.append((statement, parameters))

    plans: list[str] = []
    connection = s.connection()
    event.listen(connection.engine, "before_cursor_execute", note)
    try:
        yield plans
    finally:
        event.remove(connection.engine, "before_cursor_execute", note)
    # Tables of a test are small: it is asked whether an index could serve, not which way is quicker here.
    if not is_sqlite(s):
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    word = "EXPLAIN QUERY PLAN" if is_sqlite(s) else "EXPLAIN"
    for statement, parameters in sent:
        rows = connection.exec_driver_sql(f"{word} {statement}", parameters).all()
        plans += [str(row[-1]).strip() for row in rows]


def walks(plans: list[str]) -> list[str]:
    """Return the lines of plans that read a whole large table."""
    found = []
    for line in plans:
        words = line.replace("->", " ").split()
        lite = words[:1] == ["SCAN"] and words[1] in LARGE and "USING" not in words
        full = words[:3] == ["Seq", "Scan", "on"] and words[3] in LARGE
        if lite or full:
            found.append(line)
    return found


@pytest.fixture
def actors(s: Session) -> dict[str, Actor]:
    """A registrar of a court with petitions, its handler, and the supervisor of the province."""
    made = courts.tree(s)
    here = people.house(s, made["辽0102"])
    for state in (State.REGISTERED, State.HANDLING, State.AWAITING_SUPPLEMENT, State.REPLIED):
        petitions.at(s, here, state)
    return {
        "registrar": here.registrar,
        "handler": here.handler,
        "supervisor": people.actor(s, made["辽"], Role.SUPERVISOR),
    }


def asked(s: Session, actor: Actor) -> obligations.Asked:
    return obligations.Asked("answer", accounts.visible_courts(s, actor), Period(202601, 202611), TODAY)


Read = Callable[[Session, Actor], object]
LISTS: dict[str, Read] = {
    **{
        f"work {tab} {level or 'all'}": lambda s, actor, tab=tab, level=level: worklists.page(  # type: ignore[misc]
            s, actor=actor, tab=tab, wanted=Wanted(level=level), measure=MEASURE
        )
        for tab in Tab
        for level in (None, Level.RED, Level.OVERDUE)
    },
    "counts of worklists": lambda s, actor: worklists.counts(s, actor=actor, today=TODAY),
    "ledger": lambda s, actor: obligations.tallies(s, asked(s, actor), actor=actor),
    **{
        f"behind {what}": lambda s, actor, what=what: obligations.behind(  # type: ignore[misc]
            s, asked(s, actor), what, actor=actor
        )
        for what in (What.OWED, What.OPEN_OVERDUE, What.LATE)
    },
    **{
        f"orders {tab}": lambda s, actor, tab=tab: supervision.listed(s, actor, tab=tab, today=TODAY)  # type: ignore[misc]
        for tab in supervision.Tab
    },
    "counts of orders": lambda s, actor: supervision.counts(s, actor, today=TODAY),
    "the sweep": lambda s, _: s.exec(deadlines.to_note(TODAY, limit=9)).all(),
    "reminders": lambda s, _: notifications.reached(
        s, today=TODAY, horizon=TODAY, shares=MEASURE.shares, after=None, limit=9
    ),
}


def test_no_list_walks_a_large_table(s: Session, actors: dict[str, Actor]) -> None:
    found: dict[str, list[str]] = {}
    for name, read in LISTS.items():
        for role, actor in actors.items():
            s.expire_all()
            with planned(s) as plans:
                read(s, actor)
            assert plans or role != "supervisor", name  # others have fewer lists
            if walked := walks(plans):
                found[f"{name}, {role}"] = walked
    assert found == {}
