"""The page of quality over a year in which every petition was sorted: its counts and the petitions behind a number, for the province and one court.

`--rows` petitions are in one year, each with a choice, 70 of 100 beside a proposal. And what proposes: one text, with its reasons.
"""

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import Engine, Table
from sqlalchemy import select as core_select
from sqlmodel import Session, col

from central import db
from central.accounts import queries as accounts
from central.actor import Actor, Via
from central.courts import queries as courts
from central.demo.deciding import examples
from central.petitions.models import Petition
from central.sorting import quality, queries, tree
from central.sorting.competence import competent
from central.sorting.models import PetitionCategory
from central.sorting.queries import Behind
from central.sorting.scheme import current
from central.suggestions import grams, learning, model
from shared.ids import new_id
from tests.bench import million
from tests.bench.kept import prepared
from tests.bench.rows import Options, Row, percentile

YEAR = ("2025-12", "2026-11")
ROUNDS = 9
_TABLE: Table = PetitionCategory.__table__  # type: ignore[attr-defined]


def run(options: Options) -> list[Row]:
    """Return milliseconds of the reads behind the page, and of one proposal."""
    rows = list(_proposing())
    with prepared(options, "sorting", lambda engine: _fill(engine, options.rows), written=False) as (
        engine,
        _,
    ):
        for who in ("sup.ln", "lead.0102"):
            for name, act in _cases(engine, who).items():
                taken = _milliseconds(engine, act)
                rows.append(Row(f"{name}, {who}", "p50", percentile(taken, 0.5), "ms"))
                rows.append(Row(f"{name}, {who}", "p95", percentile(taken, 0.95), "ms"))
    return rows


def _proposing() -> list[Row]:
    made = list(examples())
    labels = [current().categories[code].label for _, code in made]
    fitted = model.unpacked(learning.fit([text for text, _ in made], labels, seed=1, fewest=2))
    taken = []
    for text, _ in made[:60]:
        start = time.process_time()
        found = tree.levels(current(), fitted.labels, model.chances(fitted, text * 5).tolist(), 0.5)
        model.stretches(model.evidence(fitted, cleaned := grams.clean(text * 5), [0]), cleaned)
        competent(text, (), [], above=False)
        taken.append((time.process_time() - start) * 1000)
        assert found is not None
    return [
        Row("one proposal of 250 signs with its words", "processor time, p50", percentile(taken, 0.5), "ms")
    ]


def _fill(engine: Engine, rows: int) -> None:
    million.fill(engine, count=rows)
    rng, now = random.Random(5), datetime(2026, 11, 20, tzinfo=UTC)
    codes = [each for each in current().categories if len(each) == 6]
    months = quality.months_to(YEAR[1])
    version = new_id()
    with db.unit_of_work(engine) as s:
        ids = list(s.execute(core_select(col(Petition.id))).scalars())
        for start in range(0, len(ids), 5_000):
            lot = [_row(rng, key, codes, months, version, now) for key in ids[start : start + 5_000]]
            s.connection().execute(_TABLE.insert(), lot)
    if engine.dialect.name == "postgresql":
        with db.unit_of_work(engine) as s:
            s.connection().exec_driver_sql("ANALYZE")


def _row(
    rng: random.Random, key: object, codes: list[str], months: list[str], version: object, now: datetime
) -> dict[str, object]:
    code = rng.choice(codes)
    proposed = None if rng.random() < 0.3 else code if rng.random() < 0.85 else rng.choice(codes)
    return {
        "petition_id": key,
        "scheme": current().version,
        "code": code,
        "first_at": now,
        "month": rng.choice(months),
        "at": now,
        "by_id": None,
        "proposed": proposed,
        "percent": 80 if proposed else None,
        "model_id": version,
        "seen": proposed is not None,
    }


def _cases(engine: Engine, username: str) -> dict[str, Callable[[Session], object]]:
    with db.session(engine, writes=False) as s:
        staff = accounts.by_username(s, username)
        assert staff is not None
        who: Actor = accounts.actor_of(staff, courts.get(s, staff.court_id), Via.WEB)

    def page(s: Session) -> object:
        rows = queries.counted(s, actor=who, since=YEAR[0], until=YEAR[1])
        return quality.by_month(rows, quality.months_to(YEAR[1])), quality.by_category(rows)

    return {
        "figures of a year": page,
        "petitions behind a number": lambda s: queries.behind(s, Behind(*YEAR, what="changed"), actor=who),
    }


def _milliseconds(engine: Engine, act: Callable[[Session], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        with db.session(engine, writes=False) as s:
            start = time.perf_counter()
            act(s)
            taken.append((time.perf_counter() - start) * 1000)
    return taken
