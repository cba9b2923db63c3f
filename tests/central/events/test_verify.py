"""Whatever is changed by hand in a table that the log covers, `verify` finds it and names the stream it is in."""

from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import islice, pairwise
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import Column, Row, Table, delete, insert, update
from sqlalchemy.exc import IntegrityError
from sqlmodel import SQLModel

from central import tables
from central.db import UtcDateTime
from central.events.journal import journaled_models, stream_of
from central.events.verify import Report
from central.vault.columns import Locked, SealedText
from shared.ids import new_id
from tests.central.events.conftest import EVERY, UNLOGGED, World, tried
from tests.factories.courts import MORNING

assert tables.ALL
LOG: dict[str, Table] = {name: SQLModel.metadata.tables[name] for name in ("event", "chain", "anchor")}
ROWS: dict[str, Table] = {str(kind.__tablename__): kind.__table__ for kind in journaled_models()}  # type: ignore[attr-defined]


def where(table: Table, row: Row[Any]) -> Any:
    return [column == getattr(row, column.name) for column in table.primary_key.columns]


def streams(table: Table, *rows: Any) -> set[str]:
    """Return the streams that a finding about any of `rows` may name."""
    found = set()
    for row in rows:
        values = row if isinstance(row, dict) else row._asdict()
        if table.name in {"event", "chain"}:
            found.add(values["stream"])
        elif table.name == "anchor":
            found.add(f"anchor/{values['day']}")
        else:
            found.add(stream_of(table, values))
    return found


def others(column: Column[Any], value: Any) -> list[Any]:
    """Return values that fit the column and are not `value`."""
    changed: list[Any] = [] if value is None or not column.nullable else [None]
    if isinstance(column.type, SealedText):
        kept = bytes(value or b"x")
        return [*changed, *map(Locked, (kept[:-1] + bytes((kept[-1] ^ 1,)), kept[:20], b"", kept + b"x"))]
    if value is None:
        kinds = {UUID: new_id(), date: date(2020, 1, 1), int: 7, bool: True}
        return [MORNING if isinstance(column.type, UtcDateTime) else kinds.get(column.type.python_type, "x")]
    match value:
        case bool():
            changed += [not value]
        case int():
            changed += [value + 1, value + 1000]
        case datetime():
            changed += [value + timedelta(microseconds=1)]
        case date():
            changed += [value + timedelta(days=1)]
        case UUID():
            changed += [new_id()]
        case _:
            changed += [value[:-1] + ("y" if value[-1:] == "x" else "x"), "~" + value[1:]]
    return changed


def unfound(report: Report, allowed: set[str]) -> str:
    """Return why a report does not do, or nothing."""
    first = report.first
    if first is None:
        return "not found"
    return "" if first.stream in allowed else f"named {first.stream} ({first.problem})"


def test_an_untouched_log_has_no_findings(province: World) -> None:
    with province.by_hand() as connection:
        report = province.verify(connection)
    assert report.findings == []
    assert report.first is None
    assert report.anchors == 2
    assert report.rows == sum(len(province.rows(table)) for table in ROWS.values())


def test_every_table_of_the_log_is_tried(province: World) -> None:
    assert [name for name, table in ROWS.items() if province.rows(table) == []] == []


@pytest.mark.parametrize("name", [*ROWS, *LOG])
def test_a_row_edited_in_any_column_is_found(province: World, name: str) -> None:
    table = (ROWS | LOG)[name]
    missed = []
    logged = [each for each in table.columns if each.name not in UNLOGGED]
    for row in tried(sample(province.rows(table), 2), name):
        for column in logged if EVERY or province.engine.dialect.name == "sqlite" else logged[::3]:
            for value in tried(others(column, getattr(row, column.name)), column.name):
                with (
                    province.by_hand() as connection,
                    suppress(IntegrityError),
                ):  # refused by the engine itself
                    why = ""
                    connection.execute(update(table).where(*where(table, row)).values({column: value}))
                    changed = row._asdict() | {column.name: value}
                    why = unfound(province.verify(connection), streams(table, row, changed))
                if why:
                    missed.append(f"{column.name}={value!r}: {why}")
    assert missed == []


@pytest.mark.parametrize("name", [*ROWS, *LOG])
def test_a_deleted_row_is_found(province: World, name: str) -> None:
    table = (ROWS | LOG)[name]
    missed = []
    for row in sample(province.rows(table), 6 if EVERY else 2):
        with province.by_hand() as connection:
            connection.execute(delete(table).where(*where(table, row)))
            why = unfound(province.verify(connection), streams(table, row))
        if why:
            missed.append(f"{row}: {why}")
    assert missed == []


@pytest.mark.parametrize("name", [*ROWS, *LOG])
def test_a_row_inserted_by_hand_is_found(province: World, name: str) -> None:
    table = (ROWS | LOG)[name]
    missed = []
    for row in sample(province.rows(table), 2):
        values = row._asdict() | fresh(table, row._asdict())
        with province.by_hand() as connection, suppress(IntegrityError):
            why = ""
            connection.execute(insert(table).values(**values))
            why = unfound(province.verify(connection), streams(table, row, values))
        if why:
            missed.append(f"{row}: {why}")
    assert missed == []


@pytest.mark.parametrize("name", [*ROWS, *LOG])
def test_two_rows_that_change_places_are_found(province: World, name: str) -> None:
    table = (ROWS | LOG)[name]
    rows = province.rows(table)
    missed = []
    for one, other in islice(pairwise(rows), 4 if EVERY else 1):
        with province.by_hand() as connection:
            connection.execute(delete(table).where(*where(table, one)))
            connection.execute(delete(table).where(*where(table, other)))
            keys = {column.name for column in table.primary_key.columns}
            for kept, given in ((one, other), (other, one)):
                own = {k: v for k, v in kept._asdict().items() if k in keys}
                connection.execute(insert(table).values(**(given._asdict() | own)))
            why = unfound(province.verify(connection), streams(table, one, other))
        if why:
            missed.append(f"{one}: {why}")
    assert missed == []


def sample(rows: list[Row[Any]], count: int) -> list[Row[Any]]:
    """Return the first, the last and what lies between at even distance."""
    return rows if len(rows) <= count else [rows[i * (len(rows) - 1) // (count - 1)] for i in range(count)]


def fresh(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    """Return new keys for a forged copy of a row, so that the engine itself does not refuse it."""
    changed: dict[str, Any] = {}
    unique = {c.name for index in table.indexes if index.unique for c in index.columns}
    unique |= {c.name for c in table.columns if c.unique}
    for column in table.columns:
        value = values[column.name]
        if not column.primary_key and column.name not in unique:
            continue
        if table.name == "event" and column.name == "stream":
            continue
        changed[column.name] = next((v for v in others(column, value) if v is not None), value)
    owner = journal_column(table)
    if owner in changed and owner not in {c.name for c in table.primary_key.columns}:
        del changed[owner]
    if isinstance(values.get("id"), int):
        changed["id"] = 10_000
    return changed


def journal_column(table: Table) -> str:
    return str(table.info.get("journal", ("", ""))[1])
