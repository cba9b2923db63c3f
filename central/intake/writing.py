"""Write tales: rows in bulk, events with their chains. One call, one batch, in the caller's transaction."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from sqlalchemy.sql.ddl import sort_tables
from sqlmodel import Session, SQLModel

from central.events import bulk, log
from central.events.models import Chain, Event
from central.intake.blanks import Row, table_of
from central.intake.tales import Tale
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
    _write_chains(s, [(tale.stream, tale.events) for tale in tales])


def _write_chains(s: Session, listed: Sequence[tuple[str, Sequence[log.Draft]]]) -> None:
    events, chains = chained(s, listed)
    bulk.insert(s, Event, events)
    bulk.insert(s, Chain, chains)


class Ready(NamedTuple):
    """One petition as the driver takes it, but for its number, the ids of its events and their chain.

    `number` stands where the petition's number will; `key` tells the row of the ledger, `calendar` by what days were counted.
    """

    key: str
    number: str
    calendar: str
    stream: str
    rows: list[tuple[type[SQLModel], list[bulk.Bound]]]
    events: list[log.Draft]


def ready(key: str, tale: Tale, *, number: str, calendar: str, engine: str) -> Ready:
    """Return a sealed tale as the driver of `engine` takes it; it was told with `number` in place of the petition's number."""
    rows = [(kind, bulk.bound(kind, listed, engine)) for kind, listed in tale.rows.items()]
    return Ready(key, number, calendar, tale.stream, rows, tale.events)


def write_ready(s: Session, listed: Sequence[Ready], numbers: Sequence[str]) -> None:
    """Write petitions that were made ready, each with its number, in the caller's transaction."""
    by_kind: dict[type[SQLModel], list[bulk.Bound]] = {}
    chains = list[tuple[str, list[log.Draft]]]()
    place = list(table_of(Petition).columns.keys()).index("number")
    for one, number in zip(listed, numbers, strict=True):
        for kind, rows in one.rows:
            known = by_kind.setdefault(kind, [])
            if kind is Petition:
                known += [(*row[:place], number, *row[place + 1 :]) for row in rows]
            else:
                known += rows
        first = one.events[0]
        told = replace(first, data=first.data.replace(f'"{one.number}"', f'"{number}"', 1))
        chains.append((one.stream, [told, *one.events[1:]]))
    for kind in in_order(by_kind):
        bulk.insert_bound(s, kind, by_kind[kind])
    _write_chains(s, chains)


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


def chained(s: Session, listed: Sequence[tuple[str, Sequence[log.Draft]]]) -> tuple[list[Row], list[Row]]:
    """Return the rows of the events of new streams and of the heads of their chains."""
    ids = iter(log.next_ids(s, sum(len(drafts) for _, drafts in listed)))
    events, chains = list[Row](), list[Row]()
    for stream, drafts in listed:
        link = log.Link(stream)
        for draft in drafts:
            row = log.chained(next(ids), link, draft)
            link = log.Link(stream, row["seq"], row["hash"])
            events.append(row)
        chains.append({"stream": link.stream, "seq": link.seq, "hash": link.hash})
    return events, chains
