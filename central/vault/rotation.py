"""A new master key in place of another, while everything runs, and data keys anew. Both go on where a crash stopped them."""

import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, bindparam, select

from central.vault import columns, master
from central.vault.errors import MasterProblem
from central.vault.rows import KeyOwner, Sealing
from central.vault.store import KeyStore, Wrapped
from central.vault.vault import Vault, unwrapped, wrapped

#: Keys that are wrapped anew in one transaction: others wait for some milliseconds at most.
LOT = 1000
#: Rows of an owner (petitions) that are sealed anew in one transaction.
OWNERS = 100
Progress = Callable[[int], None]


def prepare(vault: Vault) -> str:
    """Put a new master key into the file without using it yet; return its id. For units that get a copy at their start."""
    waiting = _waiting(vault)
    if waiting:
        return waiting
    made = master.new_master()
    try:
        master.write(vault.ring.path, [*vault.ring.all(), made])
    except OSError as error:
        raise MasterProblem(
            "vault.master_not_writable", path=vault.ring.path, reason=error.strerror
        ) from None
    vault.ring.reload()
    return made.id


def begin(vault: Vault) -> str:
    """Make a new master key the current one, unless a rotation is under way; return the id of the current one."""
    if not any(row.state == "old" for row in vault.store.masters()):
        vault.store.set_current(prepare(vault))
    return vault.master_id


def _waiting(vault: Vault) -> str:
    """Return the id of a master key that was prepared and never used, or ''."""
    known = {row.id for row in vault.store.masters()}
    return next((each.id for each in reversed(vault.ring.all()) if each.id not in known), "")


def rewrap(vault: Vault, *, progress: Progress = lambda _done: None) -> int:
    """Wrap every data key with the current master; masters that wrap nothing any more retire. Return how many keys."""
    done = 0
    for row in vault.store.masters():
        if row.state != "old":
            continue
        while count := _rewrap_lot(vault, row.id):
            done += count
            progress(done)
            # Whoever waits for the store's one write lock sleeps in steps: leave it a gap.
            time.sleep(0.002)
    vault.store.cut_log()
    return done


def _rewrap_lot(vault: Vault, old: str) -> int:
    store = vault.store
    with store.writing() as db:
        current = store.current() or ""
        rows = store.wrapped_by(old, LOT)
        if not rows:
            # No key is wrapped by a master that is not the current one, so this stays true.
            db.execute("UPDATE master SET state = 'retired' WHERE id = ?", (old,))
            return 0
        db.executemany(
            "UPDATE data_key SET master = ?, wrapped = ? WHERE id = ? AND master = ? AND wrapped IS NOT NULL",
            [(current, _anew(vault, current, row), row.key_id.bytes, old) for row in rows],
        )
    return len(rows)


def _anew(vault: Vault, current: str, row: Wrapped) -> bytes:
    raw = unwrapped(vault.ring.get(row.master), row)
    return wrapped(vault.ring.get(current), vault.suite, row.key_id, raw)[1]


def forget(vault: Vault, master_id: str) -> None:
    """Take a retired master key out of the file: backups made under it can be opened no more."""
    if any(row.id == master_id and row.state != "retired" for row in vault.store.masters()):
        raise MasterProblem("vault.master_in_use", master=master_id)
    kept = [each for each in vault.ring.all() if each.id != master_id]
    if len(kept) == len(vault.ring.all()):
        raise MasterProblem("vault.master_other", master=master_id, path=vault.ring.path)
    master.write(vault.ring.path, kept)
    vault.ring.reload()


def owners() -> list[Table]:
    """Return the tables whose rows have data keys of their own."""
    return sorted({_table(kind) for kind in _kinds(KeyOwner)}, key=lambda table: table.name)


def _kinds(base: type) -> list[Any]:
    found: list[Any] = []
    below: type
    for below in base.__subclasses__():
        found += [below, *_kinds(below)]
    return [kind for kind in found if hasattr(kind, "__table__")]


def _table(kind: Any) -> Table:
    table: Table = kind.__table__
    return table


def _belonging(owner: str) -> list[tuple[Table, str]]:
    """Return the tables with sealed columns that belong to an owner, and the column that names it."""
    kinds = [kind for kind in _kinds(Sealing) if kind.__sealed_by__[0] == owner]
    return [(_table(kind), kind.__sealed_by__[1]) for kind in kinds if columns.sealed_columns(_table(kind))]


def reseal_some(
    connection: Connection, vault: Vault, owner: Table, behind: UUID | None
) -> tuple[UUID | None, int]:
    """Give the next owners behind `behind` new keys and seal all that is theirs anew; return the last of them and the rows written.

    One transaction of the caller. The owners are locked first, as every act locks its petition: nobody writes below them
    meanwhile. What a session sealed with the former key before it waited stays readable, for a key is kept as long as the one
    that took its place, and destroyed with it.
    """
    query = select(owner.c.id, owner.c.key_id).order_by(owner.c.id).limit(OWNERS).with_for_update()
    if behind is not None:
        query = query.where(owner.c.id > behind)
    rows = connection.execute(query).all()
    if not rows:
        return None, 0
    fresh = dict(zip((row.id for row in rows), vault.new_keys(len(rows)), strict=True))
    vault.store.replace([(fresh[row.id], row.key_id) for row in rows])
    vault.prefetch([*fresh.values(), *(row.key_id for row in rows)])
    change = owner.update().where(owner.c.id == bindparam("b_id")).values(key_id=bindparam("b_key"))
    connection.execute(change, [{"b_id": each, "b_key": key} for each, key in fresh.items()])
    written = [_reseal(connection, vault, table, column, fresh) for table, column in _belonging(owner.name)]
    return rows[-1].id, len(rows) + sum(written)


def _reseal(connection: Connection, vault: Vault, table: Table, column: str, fresh: dict[UUID, UUID]) -> int:
    names = columns.sealed_columns(table)
    [key] = table.primary_key.columns
    chosen = [key.label("b_id"), table.c[column].label("b_owner"), *(table.c[name] for name in names)]
    rows = connection.execute(select(*chosen).where(table.c[column].in_(fresh))).all()
    changes = [_anew_row(vault, table, names, row._asdict(), fresh) for row in rows]
    if changes:
        # What is written must be what was read: a row that changed in between keeps its own seal.
        same = [table.c[name].is_not_distinct_from(bindparam(f"was_{name}")) for name in names]
        values: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        connection.execute(table.update().where(key == bindparam("b_id"), *same).values(values), changes)
    return len(changes)


def _anew_row(
    vault: Vault, table: Table, names: Sequence[str], row: dict[str, Any], fresh: dict[UUID, UUID]
) -> dict[str, Any]:
    found: dict[str, Any] = {"b_id": row["b_id"]}
    for name in names:
        found[f"was_{name}"] = found[f"new_{name}"] = row[name]
        if row[name] is None:
            continue
        where = columns.place(table.name, row["b_id"], name)
        text = columns.open_text(vault, row[name], where)
        if not isinstance(text, columns.Erased):
            found[f"new_{name}"] = columns.seal_text(vault, fresh[row["b_owner"]], text, where)
    return found


def place_of(store: KeyStore, owner: Table) -> UUID | None:
    """Return the last owner that a broken-off work sealed anew."""
    found = store.mark(mark_of(owner))
    return UUID(found) if found else None


def unfinished(store: KeyStore) -> bool:
    """Say whether sealing anew was broken off: it goes on without yet another master key."""
    return any(place_of(store, owner) for owner in owners())


def mark_of(owner: Table) -> str:
    """Return the name under which the store remembers how far sealing anew got."""
    return f"reseal:{owner.name}"
