"""Write tales: rows in bulk, events with their chains. One call, one batch, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from functools import cache

from sqlalchemy.sql.ddl import sort_tables
from sqlmodel import Session, SQLModel

from central.events import bulk, log
from central.events.models import Chain, Event
from central.intake.tales import Row, Tale, table_of
from central.petitions.models import Petition
from central.vault.columns import seal_row
from central.vault.rows import vault_of
from central.vault.vault import Vault


def write_tales(s: Session, tales: Sequence[Tale]) -> None:
    """Write all rows and events of new petitions. The session's own changes are flushed first."""
    s.flush()
    seal(vault_of(s), tales)
    write_sealed(s, tales)


def write_sealed(s: Session, tales: Sequence[Tale]) -> None:
    """Write tales whose rows are sealed already."""
    for kind in in_order({kind for tale in tales for kind in tale.rows}):
        bulk.insert(s, kind, [row for tale in tales for row in tale.rows.get(kind, ())])
    events, chains = chained(s, tales)
    bulk.insert(s, Event, events)
    bulk.insert(s, Chain, chains)


def in_order(kinds: Iterable[type[SQLModel]]) -> list[type[SQLModel]]:
    """Return tables so that what refers to another comes after it."""
    return list(_in_order(frozenset(kinds)))


@cache
def _in_order(kinds: frozenset[type[SQLModel]]) -> tuple[type[SQLModel], ...]:
    # Of these alone: a process that only writes petitions does not know every table that others refer to.
    by_table = {table_of(kind): kind for kind in sorted(kinds, key=lambda each: table_of(each).name)}
    return tuple(by_table[table] for table in sort_tables(by_table))


def seal(vault: Vault, tales: Sequence[Tale]) -> None:
    """Seal every row with the key of its petition. The events were made from the plain rows and hold digests."""
    for tale in tales:
        [petition] = tale.rows[Petition]
        for kind, rows in tale.rows.items():
            for row in rows:
                seal_row(vault, table_of(kind), row, petition["key_id"])


def chained(s: Session, tales: Sequence[Tale]) -> tuple[list[Row], list[Row]]:
    """Return the rows of the events and of the heads of their chains."""
    ids = iter(log.next_ids(s, sum(len(tale.events) for tale in tales)))
    events, chains = list[Row](), list[Row]()
    for tale in tales:
        link = log.Link(tale.stream)
        for draft in tale.events:
            row = log.chained(next(ids), link, draft)
            link = log.Link(tale.stream, row["seq"], row["hash"])
            events.append(row)
        chains.append({"stream": link.stream, "seq": link.seq, "hash": link.hash})
    return events, chains
