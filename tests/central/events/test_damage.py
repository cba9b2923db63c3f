"""Values that no program wrote: the check names where they stand and goes on."""

from contextlib import suppress

import pytest
from sqlalchemy import Connection, Table, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from central import tables
from central.db import UtcDateTime
from central.events.journal import journaled_models
from tests.central.events.conftest import UNLOGGED, World, tried

assert tables.ALL
NAMES = [str(kind.__tablename__) for kind in journaled_models()] + ["event", "chain", "anchor", "numbering"]
LITE = ["'\\garbage'", "x'ff00'", "CAST(x'ff' AS TEXT)"]
#: PostgreSQL holds the types itself; these are what it takes and Python does not.
MOMENTS = ["'infinity'", "'-infinity'", "'0044-03-15 12:00 BC'"]


def damages(name: str, kind: str) -> list[tuple[str, str]]:
    """Return (column, SQL value) pairs for one table."""
    found: Table = SQLModel.metadata.tables[name]
    if kind == "sqlite":
        columns, values = [each for each in found.columns if each.name not in UNLOGGED], LITE
    else:
        columns, values = [each for each in found.columns if isinstance(each.type, UtcDateTime)], MOMENTS
    return [(each.name, value) for each in columns for value in tried(values, each.name)]


def damage(connection: Connection, name: str, column_name: str, value: str) -> bool:
    """Put a value into one row; say whether the engine let it in and it is another."""
    row = {"sqlite": "rowid", "postgresql": "ctid"}[connection.dialect.name]
    first = f"(SELECT {row} FROM {name} ORDER BY {row} LIMIT 1)"
    differs = f'"{column_name}" {"IS NOT" if row == "rowid" else "IS DISTINCT FROM"} {value}'
    with suppress(DBAPIError):
        done = connection.execute(
            text(f'UPDATE {name} SET "{column_name}" = {value} WHERE {row} = {first} AND {differs}')
        )
        return done.rowcount == 1
    return False


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_value_of_its_column_is_named_and_breaks_nothing(province: World, name: str) -> None:
    missed = []
    for column_name, value in damages(name, province.engine.dialect.name):
        with province.by_hand() as connection:
            if damage(connection, name, column_name, value) and province.verify(connection).first is None:
                missed.append(f"{column_name} = {value}")
    assert missed == []


@pytest.mark.parametrize(
    "data",
    [
        "",
        "{",
        "[]",
        "null",
        '{"rows":7}',
        '{"rows":[7,{"t":[],"k":{}}]}',
        '{"rows":[{"t":"petition"}]}',
        "[" * 100_000,
    ],
    ids=range(8),
)
def test_an_event_whose_data_cannot_be_read_is_named(province: World, data: str) -> None:
    with province.by_hand() as connection:
        last = connection.execute(text("SELECT max(id) FROM event")).scalar_one()
        connection.execute(text("UPDATE event SET data = :data WHERE id = :id"), {"data": data, "id": last})
        first = province.verify(connection).first
    assert first is not None
    assert (first.event_id, first.problem) == (last, "event_changed")


@pytest.mark.parametrize("content", [b"", b"[]", b"\xff\xfe", b'{"day":7}'], ids=range(4))
def test_a_damaged_file_of_a_seal_is_named(province: World, content: bytes) -> None:
    path = min(province.anchors.glob("*.json"))
    kept = path.read_bytes()
    path.write_bytes(content)
    try:
        with province.by_hand() as connection:
            first = province.verify(connection).first
    finally:
        path.write_bytes(kept)
    assert first is not None
    assert (first.stream, first.problem) == (f"anchor/{path.stem}", "anchor_differs_from_file")
