"""Search as pages and programs ask for it: the index brought up to the log first, so that what was just saved is found."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from sqlmodel import Session

from central.actor import Actor
from central.petitions.queries import After, Filter
from central.search import following, paper, queries, segments, texts
from central.search.grammar import Query
from central.search.queries import Found
from central.search.shelf import Shelf, is_damage, shelf_of
from central.vault.errors import KeyGone, KeyUnknown, SealBroken
from central.vault.vault import Vault

texts.add_source(paper.recognised)

#: For so long a search brings the index up to the log; the job does the rest.
PATIENCE = 0.4
#: How long the job works at a time.
SHIFT = 20.0


@dataclass(frozen=True, slots=True)
class Index:
    """Where the index is, and of which database."""

    shelf: Shelf
    engine: Engine


def index_of(data: Path, vault: Vault, engine: Engine) -> Index:
    """Return the index of a data folder."""
    return Index(shelf_of(data, vault), engine)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a search came to. `found` is None while there is no index; `behind`: newer petitions may not be in it yet."""

    found: Found | None
    behind: bool = False
    built: int = 0
    total: int = 0


def search(
    s: Session,
    *,
    index: Index,
    query: Query,
    actor: Actor,
    filter_: Filter | None = None,
    after: After | None = None,
    limit: int = queries.PAGE,
) -> Answer:
    """Return what the actor may see of what matches, newest first."""
    behind = not _advanced(index)
    for _ in range(3):
        try:
            with index.shelf.view() as view:
                if view is None:
                    break
                asked = filter_ or Filter()
                found = queries.page(
                    s, view, query=query, actor=actor, filter_=asked, after=after, limit=limit
                )
            return Answer(found, behind)
        except (KeyGone, KeyUnknown):
            # A segment was written anew while it was read.
            continue
        except (sqlite3.Error, SealBroken, ValueError) as error:
            if not is_damage(error):
                raise
            index.shelf.forget()
            _advanced(index)
    standing = following.standing(index.shelf, index.engine)
    return Answer(None, behind=True, built=standing.built, total=standing.total)


def _advanced(index: Index) -> bool:
    try:
        return following.advance(index.shelf, index.engine, seconds=PATIENCE, writes=False)
    except sqlite3.OperationalError:
        return False  # held by another, who does the same


def run(index: Index, *, seconds: float = SHIFT) -> int:
    """Follow the log, build what there is not, write segments that are due; for the job. Return how many segments were written."""
    if not following.advance(index.shelf, index.engine, seconds=seconds):
        return 0
    following.let_go_of_begun(index.shelf)
    path, written = index.shelf.current(), 0
    while path is not None and written < 4 and segments.tidy(index.shelf.open(path)):
        written += 1
        following.advance(index.shelf, index.engine, seconds=seconds)
    return written
