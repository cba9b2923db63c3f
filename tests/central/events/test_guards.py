"""The tables of the log take new rows and nothing else, whoever writes the statement."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.central.events.conftest import World

REFUSED = [
    "UPDATE event SET actor = 'staff:somebody else'",
    "UPDATE event SET data = data WHERE id = 1",
    "DELETE FROM event WHERE id = (SELECT max(id) FROM event)",
    "DELETE FROM event",
    "UPDATE anchor SET digest = 'x'",
    "DELETE FROM anchor",
    "UPDATE access_entry SET staff_id = NULL",
    "DELETE FROM access_entry",
    "DELETE FROM chain",
    "UPDATE chain SET seq = seq - 1",
    "UPDATE chain SET hash = 'x'",
    "UPDATE chain SET stream = stream || 'x'",
]


@pytest.mark.parametrize("statement", REFUSED)
def test_what_is_written_stays(province: World, statement: str) -> None:
    with province.engine.connect() as connection, pytest.raises(DBAPIError, match="only added"):
        connection.execute(text(statement))


@pytest.mark.parametrize("table", ["event", "anchor", "chain", "access_entry"])
def test_the_tables_are_not_emptied_at_once(province: World, table: str) -> None:
    if province.engine.dialect.name == "sqlite":
        return  # it has no such statement
    with province.engine.connect() as connection, pytest.raises(DBAPIError, match="only added"):
        connection.execute(text(f"TRUNCATE {table}"))


def test_a_head_moves_on(province: World) -> None:
    with province.engine.connect() as connection:
        connection.execute(text("UPDATE chain SET seq = seq + 1, hash = 'x'"))
        connection.rollback()


def test_an_event_is_not_replaced(province: World) -> None:
    if province.engine.dialect.name == "sqlite":
        with province.engine.connect() as connection:
            connection.execute(text("PRAGMA recursive_triggers = ON"))
            with pytest.raises(DBAPIError, match="only added"):
                connection.execute(text("REPLACE INTO event SELECT * FROM event WHERE id = 1"))
