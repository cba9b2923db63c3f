"""Rows of tables as plain mappings, whole and with their defaults."""

from functools import lru_cache
from typing import Any, cast

from pydantic_core import PydanticUndefined
from sqlalchemy import Table
from sqlmodel import SQLModel

from central.events import journal
from central.petitions.models import new_salt
from shared.ids import new_id

Row = dict[str, Any]


def table_of(kind: type[SQLModel]) -> Table:
    """Return the table of a model."""
    return cast("Table", kind.__table__)  # type: ignore[attr-defined]


@lru_cache
def blank(kind: type[SQLModel]) -> tuple[Row, bool, bool]:
    """Return a row of a table with its defaults, and whether it has an id and a salt."""
    fields = kind.model_fields
    row = {n: None if f.default is PydanticUndefined else f.default for n, f in fields.items()}
    return row, "id" in fields, "salt" in fields


def new_row(kind: type[SQLModel], /, **values: Any) -> Row:
    """Return a whole row of a table with its defaults, a fresh id and a fresh salt."""
    empty, has_id, has_salt = blank(kind)
    row = {**empty, **values}
    if has_id and row["id"] is None:
        row["id"] = new_id()
    if has_salt and row["salt"] is None:
        row["salt"] = new_salt()
    return row


@lru_cache
def open_columns(table: Table) -> frozenset[str]:
    """Return the columns of which the log holds the value itself."""
    return frozenset(name for name, _, sensitive in journal.columns(table) if not sensitive)
