"""The ledger of obligations and the worklists on a province of many petitions: reports of all courts, counts on tabs, pages of lists.

Some thousand petitions are written by the ledger import; the rest are copies of their rows with ids and numbers of their own, since
nothing here reads what is sealed or logged.
"""

import time
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Engine, Table, select, text
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.actor import Actor, Via
from central.courts import queries as courts
from central.deadlines.levels import Level, Shares
from central.deadlines.models import DeadlineClock
from central.events import bulk
from central.obligations import queries as obligations
from central.obligations import report
from central.obligations.rules import Period, What
from central.petitions import worklists
from central.petitions.models import Petition
from central.petitions.worklists import Measure, Tab, Wanted
from central.vault import columns
from central.vault.rows import vault_of
from central.vault.vault import Vault
from shared.ids import new_id
from tests.bench import kept, million
from tests.bench.rows import Options, Row, percentile

FIRST = 2_000
ROUNDS = 5
TODAY = date(2026, 11, 20)
SHARES = Shares(0.5, 0.8)
YEARS = Period(202101, 202612)
YEAR = Period(202512, 202611)


def run(options: Options) -> list[Row]:
    """Return the median of each in milliseconds, in a session of its own each time."""
    with kept.prepared(options, "worklist", lambda engine: _fill(engine, options.rows), written=False) as (
        engine,
        _,
    ):
        return [
            Row(case, "p50", percentile(_milliseconds(engine, act), 0.5), "ms", rows=options.rows)
            for case, act in _cases(engine).items()
        ]


def _fill(engine: Engine, rows: int) -> None:
    million.fill(engine, count=min(FIRST, rows))
    _copy(engine, max(1, rows // FIRST) - 1)


def _copy(engine: Engine, times: int) -> None:
    """Write each petition and its clocks `times` times more; open ones get due dates around today as often as long past."""
    petition, clock = (cast("Table", kind.__table__) for kind in (Petition, DeadlineClock))  # type: ignore[attr-defined]
    with db.unit_of_work(engine) as s:
        rows = [dict(row._mapping) for row in s.connection().execute(select(petition))]
        clocks = [dict(row._mapping) for row in s.connection().execute(select(clock))]
        s.rollback()
    vault = vault_of(db.session(engine, writes=False))
    step = kept.counted("copies", times)
    for turn in range(1, times + 1):
        ids: dict[UUID, UUID] = {row["id"]: new_id() for row in rows}
        later = timedelta(days=turn * 7 % 400)
        with db.unit_of_work(engine) as s:
            bulk.insert(s, Petition, [_again(vault, row, ids, turn, later) for row in rows])
            bulk.insert(s, DeadlineClock, [_clock(row, ids, later) for row in clocks])
        step(turn)
    with db.unit_of_work(engine) as s:
        s.connection().execute(text("ANALYZE"))


def _again(
    vault: Vault, row: dict[str, Any], ids: dict[UUID, UUID], turn: int, later: timedelta
) -> dict[str, Any]:
    due = row["next_due_on"] and row["next_due_on"] + later
    made = ids[row["id"]]
    sealed = {
        name: columns.seal_text(vault, row["key_id"], words, columns.place("petition", made, name)).sealed
        for name, words in (("subject", "题目"), ("salt", "0" * 32))
    }
    return (
        row
        | sealed
        | {
            "id": made,
            "number": f"{row['number']}x{turn}",
            "import_key": None,
            "next_due_on": due,
        }
    )


def _clock(row: dict[str, Any], ids: dict[UUID, UUID], later: timedelta) -> dict[str, Any]:
    moved = (
        {} if row["ended_on"] else {"due_on": row["due_on"] + later, "started_on": row["started_on"] + later}
    )
    return row | {"id": new_id(), "petition_id": ids[row["petition_id"]], **moved}


def _milliseconds(engine: Engine, act: Callable[[Session], object]) -> list[float]:
    taken = []
    for _ in range(ROUNDS):
        with db.session(engine, writes=False) as s:
            start = time.perf_counter()
            act(s)
            taken.append((time.perf_counter() - start) * 1000)
    return taken


def _person(s: Session, username: str) -> Actor:
    staff = accounts.by_username(s, username)
    assert staff is not None
    return accounts.actor_of(staff, courts.get(s, staff.court_id), Via.WEB)


def _cases(engine: Engine) -> dict[str, Callable[[Session], object]]:
    with db.session(engine, writes=False) as s:
        everything = list(courts.everything(s))
        high = next(court for court in everything if court.level == "high")
        names = {name: _person(s, name) for name in (million.REGISTRAR, "sup.ln")}
        below = list(accounts.visible_courts(s, names["sup.ln"]))
    top, desk = names["sup.ln"], names[million.REGISTRAR]
    measure = Measure(TODAY, SHARES)

    def made(s: Session, duty: str, period: Period) -> report.Report:
        cells = obligations.tallies(s, obligations.Asked(duty, below, period, TODAY), actor=top)
        return report.made(high, below, period, cells)

    def page(s: Session, who: Actor, tab: Tab, level: Level | None = None) -> object:
        return worklists.page(s, actor=who, tab=tab, wanted=Wanted(level=level), measure=measure)

    def behind(s: Session) -> object:
        asked = obligations.Asked("answer", below, YEAR, TODAY)
        return obligations.behind(s, asked, What.OPEN_OVERDUE, actor=top)

    return {
        "report, all courts, 6 years, procedural reply": lambda s: made(s, "procedural_reply", YEARS),
        "report, all courts, 6 years, answer": lambda s: made(s, "answer", YEARS),
        "report, all courts, 12 months, answer": lambda s: made(s, "answer", YEAR),
        "report, all courts, 1 month, answer": lambda s: made(s, "answer", Period(202610, 202610)),
        "petitions behind a number, all courts": behind,
        "counts on the tabs, registrar": lambda s: worklists.counts(s, actor=desk, today=TODAY),
        "counts on the tabs, supervisor of the province": lambda s: worklists.counts(
            s, actor=top, today=TODAY
        ),
        "page, mine, registrar": lambda s: page(s, desk, Tab.MINE),
        "page, my court's, registrar": lambda s: page(s, desk, Tab.COURT),
        "page, below me, province": lambda s: page(s, top, Tab.BELOW),
        "page, below me, province, red": lambda s: page(s, top, Tab.BELOW, Level.RED),
        "page, below me, province, green": lambda s: page(s, top, Tab.BELOW, Level.GREEN),
    }
