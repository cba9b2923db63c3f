"""`minyi simulate`: what it prints, what it refuses, and what a kill in the middle leaves."""

import sys
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from central import db
from central.petitions.models import Petition
from central.simulation.models import SimulationPart
from tests.central.commands.conftest import Minyi
from tests.factories.accounts import house
from tests.factories.petitions import registered
from tests.support.processes import Processes, wait_until

SMALL = ("--courts", "2", "--years", "1", "--seed", "9", "--until", "2026-11-20", "--workers", "1")


def written(engine: Engine) -> int:
    with db.session(engine, writes=False) as s:
        return s.execute(select(func.count()).select_from(Petition)).scalar_one()


def test_a_province_is_made_and_the_log_is_whole(minyi: Minyi, fresh_engine: Engine) -> None:
    answer = minyi("simulate", *SMALL, "--petitions", "60", "--json")
    assert answer.code == 0
    assert (answer.json["petitions"], answer.json["written"]) == (60, 60)
    assert answer.json["accounts"] == ["reg.01", "hand1.01", "lead.01", "sup.01"]
    assert sum(year["owed"] for year in answer.json["years"]) >= 60
    assert answer.json["password"]
    assert minyi("verify").code == 0
    assert written(fresh_engine) == 60


def test_a_second_run_writes_nothing_and_shows_no_password(minyi: Minyi) -> None:
    minyi("simulate", *SMALL, "--petitions", "20")
    answer = minyi("simulate", *SMALL, "--petitions", "20", "--json")
    assert (answer.code, answer.json["written"], answer.json["password"]) == (0, 0, None)


def test_other_options_in_the_same_place_are_refused(minyi: Minyi) -> None:
    minyi("simulate", *SMALL, "--petitions", "20")
    answer = minyi("simulate", *SMALL, "--petitions", "30")
    assert answer.code == 2
    assert "seed 9" in answer.err


def test_a_place_with_real_petitions_is_left_alone(minyi: Minyi, fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        registered(s, house(s))
    answer = minyi("simulate", *SMALL)
    assert answer.code == 2
    assert "no simulation made: 1." in answer.err
    assert written(fresh_engine) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        ("--courts", "0"),
        ("--courts", "119"),
        ("--years", "0"),
        ("--years", "90"),
        ("--petitions", "0"),
        ("--petitions", "99999999999"),
        ("--seed", " "),
        ("--seed", "x" * 61),
        ("--until", "2999-01-01"),
        ("--until", "1990-01-01"),
        ("--until", "2026-02-30"),
        ("--workers", "0"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_made_is_refused_with_a_sentence(
    minyi: Minyi, fresh_engine: Engine, wrong: tuple[str, str]
) -> None:
    answer = minyi("simulate", *SMALL, *wrong)
    assert answer.code == 2
    assert answer.err.strip()
    assert "Traceback" not in answer.err
    assert written(fresh_engine) == 0


def test_a_kill_in_the_middle_leaves_whole_petitions_and_a_second_run_adds_the_rest(
    started: Processes, database_url: str, fresh_engine: Engine, tmp_path: Path, minyi: Minyi
) -> None:
    total = "1200"
    args = ["simulate", *SMALL[:-1], "2", "--petitions", total]
    env = {"MINYI_DB__URL": database_url, "MINYI_DATA": str(tmp_path / "data")}
    run = started.start("simulate", [str(Path(sys.executable).with_name("minyi")), *args], env=env)
    wait_until(lambda: written(fresh_engine) > 0, timeout=150, what="the first batch is written")
    run.kill()
    left = written(fresh_engine)
    assert 0 < left < int(total)
    with db.session(fresh_engine, writes=False) as s:
        assert s.execute(select(func.sum(SimulationPart.done))).scalar_one() == left  # type: ignore[arg-type]
    assert minyi("verify").code == 0

    answer = minyi(*args, "--json")
    assert (answer.code, answer.json["written"]) == (0, int(total) - left)
    assert minyi("verify").code == 0
