"""`minyi obligations`: the numbers of a court and month, with the formula."""

from sqlalchemy import Engine

from central import db
from central.petitions.states import State
from tests.central.commands.conftest import Minyi
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import tree


def test_a_court_and_month_are_counted_with_those_below(minyi: Minyi, fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        courts = tree(s)
        here, there = house(s, courts["辽0102"]), house(s, courts["辽0103"])
        petitions.at(s, here, State.TRANSFERRED, to=there)
        petitions.at(s, here, State.CLOSED)
    found = minyi("obligations", "--court", "辽01", "--month", "2026-11", "--json").json
    answer = found["duties"]["answer"]
    assert (found["court"], found["month"], found["formula"]) == (
        "辽01",
        "2026-11",
        "in_time / (in_time + late + open_overdue)",
    )
    assert answer["owed"] == sum(
        answer[part]
        for part in ("in_time", "late", "open_overdue", "open_in_time", "excused", "moved", "released")
    )
    assert {code: numbers["owed"] for code, numbers in answer["courts"].items()} == {"辽0102": 2, "辽0103": 1}
    assert (answer["in_time"], answer["moved"]) == (1, 1)
    said = minyi("obligations", "--court", "辽0102", "--month", "2026-11").out
    assert "On-time rate = in time ÷ (in time + late + open and overdue)" in said


def test_what_cannot_be_read_ends_with_a_sentence(minyi: Minyi, fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        tree(s)
    wrong = minyi("obligations", "--court", "辽01", "--month", "2026-13")
    assert (wrong.code, "2026-10" in wrong.err) == (2, True)
    assert minyi("obligations", "--court", "辽99", "--month", "2026-11").code == 2
