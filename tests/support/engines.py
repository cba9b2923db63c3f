"""Engines for tests: those of one kind share what was compiled, those on one PostgreSQL database their connections.

Each test has a database, so an engine, of its own. SQLAlchemy compiles a statement once for an engine; without this half of what a
test does is to compile what the test before it had compiled. PostgreSQL databases serve several tests in turn: a new connection
has to read the catalogue of every table first, which takes longer than most tests.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, Pool

from central import db
from central.vault.vault import Vault

_first: dict[str, Engine] = {}
_pools: dict[str, Pool] = {}


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


@contextmanager
def lasting(url: str, *, vault: Vault | None = None) -> Iterator[Engine]:
    """An engine on `url` that leaves its connections to the next one there, unless something still uses one at its end."""
    made = engine_on(url, vault=vault)
    if made.dialect.name == "postgresql":
        made.pool = _pools.setdefault(url, made.pool)
    yield made
    if made.pool is not _pools.get(url) or made.pool.checkedout():  # type: ignore[attr-defined]
        made.dispose()
        forget(url)


def forget(url: str) -> None:
    """Close the connections that were kept for `url`."""
    if url in _pools:
        _pools.pop(url).dispose()
