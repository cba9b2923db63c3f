"""Sealed columns, blind indexes and data keys; what is there is sealed, or opened again on the way back.

SQLite cannot make a column that must not be empty without a default; it is never used.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
import sqlmodel.sql.sqltypes
from alembic import op

from central.db import vault_of
from central.vault import columns
from central.vault.vault import Vault

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BATCH = 500


class Sealed(NamedTuple):
    """A table: its key, who owns the data key of a row, its columns with their old types."""

    key: str
    owner: tuple[str, str]
    columns: dict[str, sa.types.TypeEngine[Any]]


def text(length: int) -> sqlmodel.sql.sqltypes.AutoString:
    return sqlmodel.sql.sqltypes.AutoString(length=length)


OF_PETITION = ("petition", "petition_id")
TABLES = {
    "petition": Sealed("id", ("petition", "id"), {"subject": text(200), "text": sa.Text(), "salt": text(32)}),
    "petitioner": Sealed(
        "petition_id",
        OF_PETITION,
        {"name": text(100), "phone": text(25), "address": text(300), "id_number": text(40), "salt": text(32)},
    ),
    "demand": Sealed("id", OF_PETITION, {"text": text(2000), "salt": text(32)}),
    "note": Sealed("id", OF_PETITION, {"text": sa.Text(), "salt": text(32)}),
    "reply": Sealed("id", OF_PETITION, {"text": sa.Text(), "salt": text(32)}),
    "reply_item": Sealed("id", OF_PETITION, {"facts": sa.Text(), "basis": sa.Text(), "salt": text(32)}),
    "delivery": Sealed("id", OF_PETITION, {"proof": text(300), "salt": text(32)}),
    "follow_up": Sealed("id", OF_PETITION, {"words": sa.Text(), "salt": text(32)}),
    "ledger_entry": Sealed("petition_id", OF_PETITION, {"cells": sa.Text(), "salt": text(32)}),
    "ledger_refusal": Sealed("id", ("ledger_import", "import_id"), {"cell": sa.Text()}),
    "assistance_call": Sealed("id", ("", "halls"), {"note": text(200), "salt": text(32)}),
    "refused_event": Sealed("id", ("", "halls"), {"raw": sa.Text(), "note": text(200), "salt": text(32)}),
}
MAYBE_EMPTY = frozenset({"name", "phone", "address", "id_number"})
INDEXED = ("phone", "id_number")


def upgrade() -> None:
    for owner in ("petition", "ledger_import"):
        add(owner, "key_id", sa.Uuid(), may_be_empty=False)
        give_keys(owner)
    for source in INDEXED:
        index = f"{source}_index"
        op.add_column("petitioner", sa.Column(index, text(20), nullable=True))
        op.create_index(op.f(f"ix_petitioner_{index}"), "petitioner", [index])
    join_cells()
    for name, table in TABLES.items():
        replace(name, table, dict.fromkeys(table.columns, sa.LargeBinary()), sealed)


def downgrade() -> None:
    for name, table in TABLES.items():
        replace(name, table, table.columns, opened)
    part_cells()
    for source in INDEXED:
        op.drop_index(op.f(f"ix_petitioner_{source}_index"), "petitioner")
        op.drop_column("petitioner", f"{source}_index")
    op.drop_column("ledger_import", "key_id")
    op.drop_column("petition", "key_id")


def add(table: str, name: str, kind: sa.types.TypeEngine[Any], *, may_be_empty: bool) -> None:
    lite = op.get_bind().dialect.name == "sqlite"
    default = (
        sa.text("x''" if isinstance(kind, sa.LargeBinary) else "''") if lite and not may_be_empty else None
    )
    op.add_column(table, sa.Column(name, kind, nullable=may_be_empty or not lite, server_default=default))


def need_value(table: str, name: str) -> None:
    """Refuse rows without a value from now on; on SQLite the column was made so."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column(table, name, nullable=False)


def the_vault() -> Vault:
    found = vault_of(op.get_bind())
    if found is None:
        msg = "there is something to seal or open: give the engine a vault"
        raise RuntimeError(msg)
    return found


def give_keys(name: str) -> None:
    table = sa.table(name, sa.column("id", sa.Uuid()), sa.column("key_id", sa.Uuid()))
    change = table.update().where(table.c.id == sa.bindparam("row_id")).values(key_id=sa.bindparam("given"))
    for rows in batches(sa.select(table.c.id), table.c.id):
        keys = the_vault().new_keys(len(rows))
        values = [{"row_id": row.id, "given": key} for row, key in zip(rows, keys, strict=True)]
        op.get_bind().execute(change, values)
    need_value(name, "key_id")


def batches(query: sa.Select[Any], key: sa.ColumnElement[Any]) -> Iterator[list[sa.Row[Any]]]:
    """Yield all rows, some hundreds at a time; the first column is the key by which they go on."""
    behind: Any = None
    while True:
        part = query if behind is None else query.where(key > behind)
        rows = list(op.get_bind().execute(part.order_by(key).limit(BATCH)))
        if not rows:
            return
        yield rows
        behind = rows[-1][0]


Change = Callable[[Vault, str, sa.Row[Any], UUID | None, list[str]], dict[str, Any]]


def replace(name: str, table: Sealed, kinds: dict[str, sa.types.TypeEngine[Any]], change: Change) -> None:
    """Put new columns in the place of others, filled by `change`; nothing of the old ones stays in the file."""
    for column, kind in kinds.items():
        add(name, f"{column}_new", kind, may_be_empty=column in MAYBE_EMPTY)
    fill(name, table, change)
    for column in kinds:
        op.drop_column(name, column)
        op.alter_column(name, f"{column}_new", new_column_name=column)
        if column not in MAYBE_EMPTY:
            need_value(name, column)
    if op.get_bind().dialect.name == "postgresql":
        # A dropped column and former versions of rows stay in the table's file until it is written anew.
        [(column, kind), *_] = kinds.items()
        shown = kind.compile(dialect=op.get_bind().dialect)
        empty = "''::bytea" if isinstance(kind, sa.LargeBinary) else "''"
        op.execute(f'ALTER TABLE {name} ALTER COLUMN "{column}" TYPE {shown} USING "{column}" || {empty}')


def fill(name: str, table: Sealed, change: Change) -> None:
    names = list(table.columns)
    indexes = [f"{source}_index" for source in INDEXED if source in names]
    rows = sa.table(
        name,
        sa.column(table.key, sa.Uuid()),
        sa.column(table.owner[1], sa.Uuid()),
        *(sa.column(each) for each in [*names, *indexes]),
        *(sa.column(f"{each}_new") for each in names),
    )
    query = sa.select(rows.c[table.key].label("row_id"), *(rows.c[each] for each in names))
    if table.owner[0]:
        owner = sa.table(table.owner[0], sa.column("id", sa.Uuid()), sa.column("key_id", sa.Uuid())).alias(
            "owner"
        )
        query = query.add_columns(owner.c.key_id.label("owner_key"))
        query = query.join_from(rows, owner, owner.c.id == rows.c[table.owner[1]], isouter=True)
    targets = [f"{each}_new" for each in names] + indexes
    update = rows.update().where(rows.c[table.key] == sa.bindparam("b_id"))
    update = update.values({each: sa.bindparam(f"b_{each}") for each in targets})
    for found in batches(query, rows.c[table.key]):
        vault = the_vault()
        named = None if table.owner[0] else vault.named_key(table.owner[1])
        keys = [named or row.owner_key for row in found]
        vault.prefetch(keys)
        values = [
            {"b_id": row.row_id} | change(vault, name, row, key, names)
            for row, key in zip(found, keys, strict=True)
        ]
        op.get_bind().execute(update, values)


def sealed(vault: Vault, name: str, row: sa.Row[Any], key: UUID | None, names: list[str]) -> dict[str, Any]:
    if key is None:
        msg = f"{name} {row.row_id} belongs to no petition"
        raise LookupError(msg)
    found: dict[str, Any] = {}
    for each in names:
        value = getattr(row, each)
        where = columns.place(name, row.row_id, each)
        found[f"b_{each}_new"] = None if value is None else vault.seal(key, value.encode(), aad=where)
        if each in INDEXED:
            found[f"b_{each}_index"] = None if value is None else vault.blind_index(each, value)
    return found


def opened(vault: Vault, name: str, row: sa.Row[Any], key: UUID | None, names: list[str]) -> dict[str, Any]:
    del key
    found: dict[str, Any] = {}
    for each in names:
        value = getattr(row, each)
        where = columns.place(name, row.row_id, each)
        found[f"b_{each}_new"] = None if value is None else str(columns.open_text(vault, bytes(value), where))
        if each in INDEXED:
            found[f"b_{each}_index"] = None
    return found


CELLS = sa.table(
    "ledger_refusal",
    sa.column("id", sa.Uuid()),
    sa.column("value", sa.String()),
    sa.column("details", sa.JSON()),
    sa.column("cell", sa.Text()),
)


def join_cells() -> None:
    """Put the value of a refused cell and what its sentence is filled with into one column."""
    add("ledger_refusal", "cell", sa.Text(), may_be_empty=False)
    change = CELLS.update().where(CELLS.c.id == sa.bindparam("b_id")).values(cell=sa.bindparam("b_cell"))
    for rows in batches(sa.select(CELLS.c.id, CELLS.c.value, CELLS.c.details), CELLS.c.id):
        values = [
            {"b_id": row.id, "b_cell": json.dumps([row.value, row.details], ensure_ascii=False)}
            for row in rows
        ]
        op.get_bind().execute(change, values)
    op.drop_column("ledger_refusal", "value")
    op.drop_column("ledger_refusal", "details")


def part_cells() -> None:
    add("ledger_refusal", "value", text(200), may_be_empty=False)
    add("ledger_refusal", "details", sa.JSON(), may_be_empty=False)
    change = CELLS.update().where(CELLS.c.id == sa.bindparam("b_id"))
    change = change.values(value=sa.bindparam("b_value"), details=sa.bindparam("b_details"))
    for rows in batches(sa.select(CELLS.c.id, CELLS.c.cell), CELLS.c.id):
        parted = [(row.id, json.loads(row.cell or '["", {}]')) for row in rows]
        values = [{"b_id": key, "b_value": cell[0], "b_details": cell[1]} for key, cell in parted]
        op.get_bind().execute(change, values)
    for name in ("value", "details"):
        need_value("ledger_refusal", name)
    op.drop_column("ledger_refusal", "cell")
