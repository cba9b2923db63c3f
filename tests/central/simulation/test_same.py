"""The two ways to make a province, act by act through the services and in bulk, make the same."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from central import db
from central.commands import log
from central.events.kinds import Kind
from central.petitions import queries as petitions
from central.petitions.invariants import INVARIANTS
from central.petitions.states import Act
from central.simulation import acting, filling
from central.simulation.plan import Plan
from shared.clock import FixedClock
from tests.central.simulation import provinces
from tests.support.site import context_on

MADE = provinces.small()
#: What the plan leaves out: corrected contact data and case numbers, conflicts of interest, the ledger's ways, and stops: by the shipped rules nothing but a
#: re-review stops, which no course comes to.
#: Reviews too; and in so small a year nobody is opened again by a third person.
LEFT_OUT = {
    Act.REGISTER,
    Act.CHANGE_CONTACT,
    Act.CHANGE_CASES,
    Act.NAME_CONFLICT,
    Act.RECUSE,
    Act.STOP_CLOCKS,
    Act.RESUME_CLOCKS,
    Act.RECORD_PAST_REPLY,
    Act.CLOSE_PAST,
    Act.RATE,
    Act.DECIDE_REOPEN,
    Act.ASK_REVIEW,
    Act.ADMIT_REVIEW,
    Act.REFUSE_REVIEW,
    Act.WITHDRAW_REVIEW,
    Act.ASSIGN_REVIEW,
    Act.SAVE_OPINION,
    Act.SUBMIT_OPINION,
    Act.RETURN_OPINION,
    Act.APPROVE_OPINION,
    Act.DELIVER_OPINION,
    Act.EXCUSE_OPINION,
    Act.END_SAME_FACTS,
}

#: Turned away with reasons, clocks that stand still for what is missing, and run again.
STOPS = {Kind.PETITION_DECLINED, Kind.PETITION_SUPPLEMENT_ASKED, Kind.PETITION_SUPPLEMENTED}
#: More time was asked for and refused; so small a year seldom holds that.
REFUSED = provinces.small(seed="18", courts=2, total=8)
REFUSALS = {Kind.PETITION_EXTENSION_ASKED, Kind.PETITION_EXTENSION_REFUSED}


def test_the_small_year_holds_every_act_of_the_table() -> None:
    acts = {each.deed.act for each in acting.happenings(MADE) if each.deed}
    assert set(Act) - acts == LEFT_OUT


@pytest.mark.parametrize(("made", "holds"), [(MADE, STOPS), (REFUSED, REFUSALS)], ids=["year", "refused"])
def test_rows_and_events_of_both_ways_are_the_same_and_hold(
    fresh_engine: Engine, another_engine: Engine, tmp_path: Path, made: Plan, holds: set[Kind]
) -> None:
    provinces.acted(fresh_engine, made)
    # The same keys, so that blind indexes can be compared too.
    context = context_on(another_engine, tmp_path / "data", FixedClock(made.end))
    provinces.begun(another_engine, made)
    assert filling.run(context, made, workers=1, progress=lambda _count: None)

    acted, bulk = provinces.events(fresh_engine), provinces.events(another_engine)
    assert acted.keys() == bulk.keys()
    for number, events in acted.items():
        for one, other in zip(events, bulk[number], strict=True):
            assert one == other, number
    assert {kind for events in acted.values() for _, kind, *_ in events} >= holds
    rows = provinces.rows(fresh_engine)
    assert rows == provinces.rows(another_engine)
    assert rows["draft_version"]
    # No made-up answer uses a shipped phrase: the bulk way counts none.
    assert provinces.phrases(fresh_engine) == provinces.phrases(another_engine) == []

    report = log.run(context)
    assert report.findings == []
    assert report.events >= sum(map(len, bulk.values()))
    with db.session(another_engine, writes=False) as s:
        assert [petitions.count_breaking(s, each) for each in INVARIANTS] == [0] * len(INVARIANTS)
