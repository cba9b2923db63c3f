"""Schema steps of the box's file. A step is never edited; `user_version` counts those taken."""

import sqlite3

STEPS = (
    """
    create table meta (key text primary key, value text not null) without rowid;
    create table outbox (
        seq integer primary key,
        event_id text not null unique,
        at text not null,
        payload blob not null,
        state text not null check (state in ('waiting', 'parked', 'kept')),
        reason text not null default '',
        settled_at text
    );
    create index outbox_open on outbox (state, seq) where state <> 'kept';
    create table ticket (
        id text primary key, day text not null, kind text not null, number integer not null,
        nonce text unique, sealed blob not null, unique (day, kind, number)
    ) without rowid;
    create table call (id text primary key, day text not null, open integer not null, sealed blob not null) without rowid;
    create table used_appointment (appointment_id text primary key, day text not null) without rowid;
    create table document (
        name text not null, day text not null, serial integer not null, sealed blob not null, primary key (name, day)
    ) without rowid;
    """,
    # Numbers of calls for help: a copy of these overtakes a long journal.
    """
    create table urgent (seq integer primary key);
    """,
    # Pages kept at counters; their pictures lie sealed to the centre in files beside this one.
    """
    create table paper_batch (
        id text primary key, counter integer not null, state text not null check (state in ('open', 'sent', 'kept')),
        settled_at text not null, sealed blob not null
    ) without rowid;
    create index paper_batch_state on paper_batch (state, id);
    """,
    # Settings of the centre: proven, on trial, the last that were not kept.
    """
    create table settings (
        slot text primary key check (slot in ('good', 'trial', 'refused')), serial integer not null, sealed blob not null
    ) without rowid;
    """,
    # Blocks of receipt numbers, each with the next one to give, and the receipts given. `upcoming` only ever rises.
    """
    create table receipt_block (
        first integer primary key, last integer not null, upcoming integer not null check (upcoming between first and last + 1)
    );
    create table receipt (number integer primary key, day text not null, nonce text not null unique, sealed blob not null);
    create index receipt_day on receipt (day, number);
    """,
    # Numbers printed in advance for hours without screens; `day` is the hall day of the last thing that happened to one.
    """
    create table spare (
        number integer primary key, day text not null, nonce text not null,
        state text not null check (state in ('open', 'keyed')), sealed blob not null
    );
    create index spare_state on spare (state, number);
    create index spare_nonce on spare (nonce);
    """,
)


def upgrade(connection: sqlite3.Connection) -> None:
    """Take the steps not yet taken, each whole or not at all."""
    (done,) = connection.execute("pragma user_version").fetchone()
    for number, step in enumerate(STEPS[done:], start=done + 1):
        connection.executescript(f"begin immediate; {step}; pragma user_version = {number}; commit;")
