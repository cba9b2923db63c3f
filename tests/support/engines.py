"""Engines for tests: those of one kind share what was compiled.

Each test has a database, so an engine, of its own. SQLAlchemy compiles a statement once for an engine; without this half of what a
test does is to compile what the test before it had compiled.
"""

from sqlalchemy import Engine

from central import db
from central.vault.vault import Vault

_first: dict[str, Engine] = {}


def engine_on(url: str, *, vault: Vault | None = None) -> Engine:
    """Return `db.make_engine(url, vault=vault)`, with the dialect and the compiled statements of the first of its kind."""
    made = db.make_engine(url, vault=vault)
    kind = made.dialect.name
    if kind not in _first:
        with made.connect():  # tells the dialect the server's version
            _first[kind] = made
    made.dialect = _first[kind].dialect
    made._compiled_cache = _first[kind]._compiled_cache
    return made
