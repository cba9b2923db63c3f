"""`minyi search`: how the index stands, and building it anew."""

from sqlalchemy import Engine

from central import db
from central.petitions.states import State
from tests.central.commands.conftest import Minyi
from tests.factories import petitions
from tests.factories.accounts import house
from tests.factories.courts import tree


def test_the_index_is_built_anew_and_says_how_it_stands(minyi: Minyi, fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        here = house(s, tree(s)["辽0102"])
        petitions.at(s, here, State.REGISTERED)
    before = minyi("search", "status", "--json").json
    assert (before["state"], before["path"]) == ("building", "")
    assert "no index yet" in minyi("search", "status").out

    built = minyi("search", "rebuild")
    assert (built.code, "1" in built.out) == (0, True)
    ready = minyi("search", "status", "--json").json
    assert (ready["state"], ready["petitions"], ready["behind"]) == ("ready", 1, 0)
    assert ready["size"] > 0
    with db.unit_of_work(fresh_engine) as s:
        petitions.at(s, here, State.REGISTERED)
    assert minyi("search", "status", "--json").json["behind"] > 0

    assert minyi("search", "rebuild").code == 0
    anew = minyi("search", "status", "--json").json
    assert (anew["petitions"], anew["behind"], anew["path"] != ready["path"]) == (2, 0, True)
    assert "2" in minyi("search", "status").out
