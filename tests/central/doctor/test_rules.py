"""`minyi doctor` names rule files that cannot be used and versions that are gone."""

from pathlib import Path

from sqlalchemy import Engine

from central import db
from central.deadlines.shipped import open_book
from central.doctor.findings import Level, Machine
from central.doctor.rules import rules
from central.settings import Deadlines, Settings
from tests.central.deadlines.test_books import newer
from tests.factories import petitions
from tests.factories.accounts import house


def looked(engine: Engine, folder: Path | None = None) -> list[tuple[str, str]]:
    url = engine.url.render_as_string(hide_password=False)
    settings = Settings.model_validate(
        {"db": {"url": url}, "deadlines": Deadlines(rules_dir=folder), "environment": "development"}
    )
    found = list(rules(settings, Machine()))
    assert all(each.level is Level.WRONG for each in found)
    return [(each.key, str(each.values.get("version", each.values.get("reason")))) for each in found]


def test_an_installation_with_all_its_rules_is_fine(fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        petitions.registered(s, house(s), kind="accusation")
    assert looked(fresh_engine) == []


def test_a_version_that_is_gone_is_named(fresh_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(newer(start="2026-01-01"), "utf-8")
    with db.unit_of_work(fresh_engine) as s:
        s.info["rules"] = open_book(tmp_path)
        petitions.registered(s, house(s))
    assert looked(fresh_engine, tmp_path) == []
    assert looked(fresh_engine) == [("doctor.rules_missing", "2027-01-01")]


def test_a_file_that_cannot_be_used_is_named(fresh_engine: Engine, tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("version = 3", "utf-8")
    [(key, reason)] = looked(fresh_engine, tmp_path)
    assert key == "doctor.rules_refused"
    assert "x.toml" in reason
