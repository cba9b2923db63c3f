"""Looks at the rule sets: usable, and none missing under which a petition began."""

import sqlite3
from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from central.deadlines.models import DeadlineClock
from central.deadlines.rules import BadRules
from central.deadlines.shipped import open_book
from central.doctor.findings import Finding, Machine, wrong
from central.doctor.stored import reading
from central.petitions.models import Petition
from central.settings import Settings


def rules(settings: Settings, machine: Machine) -> Iterator[Finding]:
    """Files that cannot be used; versions that petitions and clocks name and nobody has any more."""
    del machine
    try:
        book = open_book(settings.deadlines.rules_dir)
    except BadRules as error:
        yield wrong("rules", "doctor.rules_refused", reason=str(error))
        return
    try:
        with reading(settings) as connection:
            named = {
                *connection.execute(select(col(Petition.rules_version)).distinct()).scalars(),
                *connection.execute(select(col(DeadlineClock.rules_version)).distinct()).scalars(),
            }
    except (SQLAlchemyError, sqlite3.Error):
        return  # told by the look at the database
    for version in sorted(each for each in named if each not in book):
        yield wrong("rules", "doctor.rules_missing", version=version, known=", ".join(book.versions()))
