"""Sealing `rows` petitions as they come in, a new master key, and all data keys and fields anew. The bar of S11: 100,000 rows a minute."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from central import db
from central.vault import rotation
from tests.bench import million
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.support.vaults import vault_in

BAR = 100_000


def run(options: Options) -> list[Row]:
    """Return petitions, wrapped keys and rows a minute; keys and rows with their share of the bar."""
    with database(options.engine) as url, tempfile.TemporaryDirectory(prefix="minyi-keys-") as name:
        vault = vault_in(Path(name))
        engine = db.make_engine(url, vault=vault)
        db.upgrade(engine)
        counts: list[int] = []

        def reseal() -> None:
            for owner in rotation.owners():
                behind = None
                while True:
                    with db.unit_of_work(engine) as s:
                        behind, rows = rotation.reseal_some(s.connection(), vault, owner, behind)
                    counts.append(rows)
                    if behind is None:
                        break

        filled = _seconds(lambda: million.fill(engine, count=options.rows))
        rotation.begin(vault)
        keys: list[int] = []
        wrapped = _seconds(lambda: keys.append(rotation.rewrap(vault)))
        sealed = _seconds(reseal)
        engine.dispose()
    return [
        Row("fill, sealed as it comes in", "rate", options.rows / filled * 60, "petitions per minute"),
        _rate("new master key: data keys", sum(keys), wrapped),
        _rate("new data keys: rows sealed anew", sum(counts), sealed),
    ]


def _rate(case: str, count: int, seconds: float) -> Row:
    rate = count / seconds * 60
    return Row(case, "rate", rate, "per minute", ratio=rate / BAR, base="bar")


def _seconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start
