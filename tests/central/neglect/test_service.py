"""Learnt on a made-up province, tested on the quarters that followed, shown to those it concerns."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from central import db, jobs
from central.accounts import grants
from central.accounts.models import Staff
from central.actor import Role
from central.context import Context
from central.deadlines.models import DeadlineClock
from central.neglect import fitting, queries, service
from central.neglect.features import Office
from central.neglect.fitting import Fitted
from central.neglect.models import NeglectModel
from central.neglect.queries import Course, Granted
from central.neglect.service import Example
from central.petitions.models import Petition
from central.settings import Neglect
from central.simulation import filling
from shared.clock import FixedClock, court_day
from shared.ids import new_id
from tests.central.simulation import provinces
from tests.factories import accounts
from tests.factories.accounts import House
from tests.factories.courts import MORNING
from tests.support.site import application, context_on

MADE = provinces.small(seed="2", courts=3, total=1100, years=2.5)


@pytest.fixture
def province(fresh_engine: Engine, tmp_path: Path) -> Context:
    context = context_on(fresh_engine, tmp_path / "data", FixedClock(MADE.end + timedelta(hours=1)))
    provinces.begun(fresh_engine, MADE)
    assert filling.run(context, MADE, workers=1, progress=lambda _count: None)
    return context


@pytest.fixture
def client(province: Context) -> Iterator[TestClient]:
    with TestClient(application(province), follow_redirects=False) as made:
        yield made


def signed(client: TestClient, login: str) -> TestClient:
    answer = client.post("/login", data={"username": login, "password": provinces.PASSWORD})
    assert answer.status_code == 303, answer.text
    return client


def test_it_learns_from_what_was_known_and_is_tested_on_what_came_after(
    province: Context, client: TestClient
) -> None:
    now, wanted = province.clock.now(), Neglect(margin_auc=0, margin_brier=0)
    with province.read() as s:
        found = service.gathered(s, until=court_day(now))
        model = service.trained(s, now=now, wanted=wanted)
    assert model is not None
    assert {each.missed for each in found} == {True, False}
    assert all(each.day <= each.due_on < court_day(now) for each in found)
    for split in model.content["splits"]:
        past = [each for each in found if each.known_on.isoformat() <= split["first"]]
        assert len(past) == split["learnt"]  # nothing of the quarter itself was learnt from
        then = [each for each in found if split["first"] < each.day.isoformat() <= split["last"]]
        assert (split["tested"], split["missed"]) == (len(then), sum(each.missed for each in then))
        _check_by_hand(split, past, then)
    mean = sum(split["model"]["auc"] for split in model.content["splits"]) / len(model.content["splits"])
    assert mean > 0.6

    client = signed(client, "lead.ln")
    assert "还不够多" in client.get("/neglect").text
    model.in_force = False
    with db.unit_of_work(province.engine) as s:
        s.add(model)
    page = client.get("/neglect").text
    assert "预警未启用" in page
    assert f"{model.content['splits'][-1]['model']['auc']:.3f}" in page
    assert "<svg" in page
    assert "可能逾期" not in client.get(f"/petitions/{_open(province)}").text  # silent while not in force

    with db.unit_of_work(province.engine) as s:
        s.get_one(NeglectModel, model.id).in_force = True
    shown = [client.get(f"/petitions/{each}").text for each in _opens(province)]
    assert any("可能逾期" in text for text in shown)
    listed = [client.get(f"/work?tab=court&level={level}").text for level in ("red", "amber", "green")]
    assert sum(text.count("可能逾期") for text in listed) > 0
    signed(client, "reg.ln")
    assert client.get("/neglect").status_code == 403
    assert all("可能逾期" not in client.get(f"/petitions/{each}").text for each in _opens(province)[:5])
    assert "可能逾期" not in client.get("/work?tab=court").text


def _check_by_hand(split: dict[str, Any], past: list[Example], then: list[Example]) -> None:
    """Hold AUC and Brier error against their definitions: every pair compared, every chance read off as a page does."""
    fitted = fitting.fit(
        fitting.table([each.values for each in past]), fitting.column([each.missed for each in past])
    )
    used = fitting.column([each.used for each in past])
    steps = fitting.isotonic(used, fitting.column([each.missed for each in past]))
    plain = Fitted((1.0,), 0.0, (0.0,), steps)  # the share of time used, as a model of one feature
    for way, model, rows in (
        ("model", fitted, [each.values for each in then]),
        ("base", plain, [(each.used,) for each in then]),
    ):
        odds = [sum(w * v for w, v in zip(model.weights, row, strict=True)) + model.bias for row in rows]
        pairs = [
            (late > kept) + (late == kept) / 2
            for late, one in zip(odds, then, strict=True)
            if one.missed
            for kept, other in zip(odds, then, strict=True)
            if not other.missed
        ]
        errors = [
            (fitting.one_chance(model, row) - each.missed) ** 2 for row, each in zip(rows, then, strict=True)
        ]
        assert split[way]["auc"] == pytest.approx(sum(pairs) / len(pairs), abs=5e-4), way
        assert split[way]["brier"] == pytest.approx(sum(errors) / len(errors), abs=5e-4), way


def test_an_extension_counts_from_the_day_on_which_it_was_granted() -> None:
    clock = DeadlineClock(
        petition_id=new_id(),
        rule="answer_class6",
        rules_version="1",
        started_on=date(2026, 3, 2),
        due_on=date(2026, 5, 31),
        extension_days=30,
    )
    granted = [
        Granted(date(2026, 4, 10), "answer_class6", 10),
        Granted(date(2026, 4, 20), "answer_class6", 30),
    ]
    course = Course([clock], [], [], granted)
    seen = [queries.snapshot(course, date(2026, 4, day), Office(1, 1, 0), clock) for day in (9, 10, 20)]
    assert [(each.extension_days, each.due_on) for each in seen] == [
        (0, date(2026, 5, 1)),
        (10, date(2026, 5, 11)),
        (30, date(2026, 5, 31)),
    ]


def test_handlers_are_counted_as_they_were_on_the_day(context: Context, house: House) -> None:
    first, later = court_day(MORNING), court_day(MORNING) + timedelta(days=10)
    with db.unit_of_work(context.engine) as s:
        person = s.get_one(Staff, house.handler.staff_id)
        grants.set_active(
            s,
            staff=person,
            active=False,
            reason="调离",
            by=accounts.actor(s, house.court, Role.COURT_ADMIN),
            now=MORNING + timedelta(days=10),
        )
    with context.read() as s:
        known = queries.offices(s)
    assert known.handlers_on(house.court.id, first) == 1
    assert known.handlers_on(house.court.id, later - timedelta(days=1)) == 1
    assert known.handlers_on(house.court.id, later) == 0


def test_a_job_learns_once_a_week_and_a_place_without_a_past_learns_nothing(context: Context) -> None:
    assert jobs.learn_neglect(context) == ""
    with db.unit_of_work(context.engine) as s:
        assert queries.newest(s) is None
        assert service.due_to_train(s, now=context.clock.now(), wanted=Neglect())
        content = {"names": [], "splits": []}
        now = context.clock.now()
        s.add(
            NeglectModel(
                made_at=now, until=court_day(now), examples=1, petitions=1, in_force=False, content=content
            )
        )
        s.flush()
        assert not service.due_to_train(s, now=now + timedelta(days=6), wanted=Neglect())
        assert service.due_to_train(s, now=now + timedelta(days=7), wanted=Neglect())


@pytest.mark.parametrize(
    ("auc", "brier", "stands"), [(0.74, 0.12, True), (0.72, 0.12, False), (0.9, 0.145, False)]
)
def test_it_is_in_force_only_with_both_margins(auc: float, brier: float, *, stands: bool) -> None:
    split = {"model": {"auc": auc, "brier": brier}, "base": {"auc": 0.7, "brier": 0.15}}
    assert service._beats([split], Neglect()) is stands


def _opens(context: Context) -> list[str]:
    today = court_day(context.clock.now())
    with context.read() as s:
        query = Petition.__table__.select().where(Petition.is_open)  # type: ignore[attr-defined]
        rows = s.connection().execute(query).mappings().all()
        root = next(row["court_id"] for row in rows if row["number"].startswith("辽-"))
    return [
        str(row["id"])
        for row in rows
        if row["court_id"] == root and row["next_due_on"] and row["next_due_on"] >= today
    ][:40]


def _open(context: Context) -> str:
    return _opens(context)[0]
