"""Where a simulation may be made, and what a second run finds."""

import multiprocessing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from central import db
from central.actor import Role
from central.commands import log
from central.errors import Conflict
from central.petitions import forms
from central.petitions import service as petitions
from central.simulation import filling, people, queries, service
from central.simulation.deeds import Who
from central.simulation.service import Found
from shared.clock import FixedClock
from tests.central.simulation import provinces
from tests.factories.accounts import house as make_house
from tests.factories.petitions import FORM, registered
from tests.support.site import context_on

MADE = provinces.small()


def found(engine: Engine, made: object = MADE) -> Found:
    with db.unit_of_work(engine) as s:
        return service.look(s, made)  # type: ignore[arg-type]


def test_an_empty_place_may_be_filled(fresh_engine: Engine) -> None:
    assert found(fresh_engine) is Found.EMPTY


def test_a_place_with_petitions_that_nobody_made_up_is_left_alone(fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        registered(s, make_house(s))
    with pytest.raises(Conflict, match="not_empty"):
        found(fresh_engine)


def test_an_account_that_is_there_is_not_made_to_act(fresh_engine: Engine) -> None:
    provinces.begun(fresh_engine, provinces.small(courts=1))
    with pytest.raises(Conflict, match="account_taken"), db.unit_of_work(fresh_engine) as s:
        service.begin(s, made=MADE, province=provinces.province(), password=provinces.PASSWORD, now=MADE.end)


def test_another_plan_is_not_mixed_in(fresh_engine: Engine) -> None:
    provinces.begun(fresh_engine, MADE)
    with pytest.raises(Conflict, match="another"):
        found(fresh_engine, provinces.small(seed="other"))


def test_a_petition_registered_meanwhile_ends_it(fresh_engine: Engine) -> None:
    provinces.begun(fresh_engine, MADE)
    with db.unit_of_work(fresh_engine) as s:
        clerk = people.read(s, MADE).actor(Who("辽", Role.REGISTRAR))
        petitions.register(s, form=forms.Register.model_validate(FORM), by=clerk, now=MADE.end)
    with pytest.raises(Conflict, match="touched"):
        found(fresh_engine)


def test_a_run_that_was_stopped_goes_on_and_comes_to_the_same(
    fresh_engine: Engine, another_engine: Engine, tmp_path: Path
) -> None:
    context = context_on(fresh_engine, tmp_path / "data", FixedClock(MADE.end))
    provinces.begun(fresh_engine, MADE)
    stop = multiprocessing.get_context("spawn").Event()
    assert not filling.run(context, MADE, workers=1, progress=lambda _count: stop.set(), stop=stop, size=7)
    assert found(fresh_engine) is Found.BEGUN
    with context.read() as s:
        assert 0 < queries.petitions(s) < MADE.total
    assert log.run(context).findings == []  # what is there is whole

    assert filling.run(context, MADE, workers=1, progress=lambda _count: None)
    other = context_on(another_engine, tmp_path / "data", FixedClock(MADE.end))
    provinces.begun(another_engine, MADE)
    assert filling.run(other, MADE, workers=2, progress=lambda _count: None)
    assert provinces.rows(fresh_engine) == provinces.rows(another_engine)
    assert provinces.events(fresh_engine) == provinces.events(another_engine)
    with db.unit_of_work(fresh_engine) as s:
        service.finish(s, now=MADE.end)
    assert found(fresh_engine) is Found.FINISHED


def test_courts_are_shared_out_evenly_and_none_is_left_out() -> None:
    made = provinces.small(courts=12, total=2000)
    piles = filling.shared_out(made, 3)
    assert sorted(code for pile in piles for code in pile) == sorted(spec.code for spec in made.courts)
    sizes = dict(zip((spec.code for spec in made.courts), made.totals, strict=True))
    loads = [sum(sizes[code] for code in pile) for pile in piles]
    assert max(loads) - min(loads) <= max(made.totals)


def test_the_summary_counts_every_answer_once(fresh_engine: Engine, tmp_path: Path) -> None:
    context = context_on(fresh_engine, tmp_path / "data", FixedClock(MADE.end))
    provinces.begun(fresh_engine, MADE)
    filling.run(context, MADE, workers=1, progress=lambda _count: None)
    with context.read() as s:
        rows = queries.years(s, MADE.first, MADE.last)
    assert [row.year for row in rows] == [2025, 2026]
    assert sum(row.owed for row in rows) >= MADE.total
    assert sum(row.open for row in rows) > 0
    assert all(row.in_time + row.late + row.dropped <= row.owed for row in rows)
