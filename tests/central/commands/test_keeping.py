"""`minyi keeping`: the schedule checked, the sweep at once."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine, update
from sqlmodel import col

from central import db
from central.petitions.models import Petition
from central.petitions.states import State
from tests.central.commands.conftest import Minyi
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import MORNING


def test_the_schedule_in_force_is_printed(minyi: Minyi, tmp_path: Path) -> None:
    shipped = minyi("keeping", "schedule")
    assert (shipped.code, "2026-11" in shipped.out, "withdrawn    erase   5" in shipped.out) == (
        0,
        True,
        True,
    )
    own = tmp_path / "own.toml"
    own.write_text('version = "1"\n[[rule]]\nkind = "merged"\nthen = "keep"\n', "utf-8")
    assert minyi("keeping", "schedule", "--json", KEEPING__SCHEDULE=str(own)).json == {
        "version": "1",
        "rule": [{"kind": "merged", "then": "keep", "years": None}],
    }
    bad = tmp_path / "bad.toml"
    bad.write_text('version = "1"\n[[rule]]\nkind = "merged"\nthen = "burn"\n', "utf-8")
    wrong = minyi("keeping", "schedule", KEEPING__SCHEDULE=str(bad))
    assert (wrong.code, "rule.0.then" in wrong.err) == (2, True)
    missing = minyi("keeping", "schedule", KEEPING__SCHEDULE=str(tmp_path / "none.toml"))
    assert (missing.code, "none.toml" in missing.err) == (2, True)


def test_the_sweep_says_what_it_did(minyi: Minyi, fresh_engine: Engine) -> None:
    nothing = {"due": 0, "decided": 0, "erased": 0, "files": 0}
    with db.unit_of_work(fresh_engine) as s:
        petition = petitions.at(s, house(s), State.WITHDRAWN)
        petition_id = petition.id
    assert minyi("keeping", "sweep", "--json").json == nothing
    with db.unit_of_work(fresh_engine) as s:
        # Withdrawn long before the clock of this machine.
        long_ago = update(Petition).where(col(Petition.id) == petition_id)
        s.connection().execute(long_ago.values(closed_at=MORNING - timedelta(days=20 * 366)))
    assert minyi("keeping", "sweep", "--json").json == nothing | {"due": 1}
    assert "0 came due" in minyi("keeping", "sweep").out
