"""Full text search on a province of many petitions: p50 and p95 as a supervisor of the province and as a registrar see it, size, build rate.

Processor time is this process's: of PostgreSQL it leaves out the server's.

Petitions are rows as `bench_worklist` copies them; their texts are made up here and written straight into the index. The floor is the
engine's plain look-up of a receipt number in the same run.
"""

import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from sqlalchemy import Engine, Table, select
from sqlmodel import Session

from central import db
from central.accounts.edge import COOKIE
from central.events import log
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.search import following, grammar, segments, service
from central.search.service import Index
from central.search.shelf import Shelf
from central.search.store import VERSION, Store
from central.search.texts import Entry, Field
from central.vault.rows import vault_of
from tests.bench import bench_api, bench_worklist, kept, million
from tests.bench.rows import Options, Row, percentile

ROUNDS = 40
LOT = 1_000
#: Signs of a text, on average; commoner words first, as in real texts.
SIGNS, WORDS = 360, 20_000
WORDS_ASKED = {
    "two signs, in 5 of 100": "供暖",
    "four signs, in 2 of 100": "供暖不足",
    "eight signs, in 2 of 100": "小区供暖不足十度",
    "a rare sign": "龘",
    "a sign in nearly all": "的",
    "two words": "供暖 执行",
    "in the subject": "标题:供暖",
    "nothing to be found": "醴陵瓷器",
}
#: Of these, what is asked of a running server.
BY_HTTP = ("two signs, in 5 of 100", "a rare sign", "two words")


def run(options: Options) -> list[Row]:
    """Return milliseconds of each word for each reader, the floor, index size and build rate."""
    with kept.prepared(
        options, "search", lambda engine: bench_worklist._fill(engine, options.rows), written=False
    ) as (
        engine,
        folder,
    ):
        index, taken = _indexed(engine, folder)
        size = sum(path.stat().st_size for path in index.shelf.folder.iterdir())
        held = following.standing(index.shelf, engine).petitions
        found = _measured(engine, index)
        # Last: these rows have no events, which the follower of a running server may find out.
        found += _by_http(engine, folder)
        return [
            *found,
            Row("index", "size", size / 2**20, "MiB", rows=held),
            Row("index", "size for each petition", size / max(1, held), "bytes", rows=held),
            *([Row("index", "build rate", held / taken, "petitions/s", rows=held)] if taken else []),
        ]


def _indexed(engine: Engine, folder: Path) -> tuple[Index, float]:
    with db.session(engine, writes=False) as s:
        vault = vault_of(s)
    shelf = Shelf(folder / "search", vault)
    if shelf.current() is not None:
        return Index(shelf, engine), 0.0
    taken = 0.0
    store = Store(folder / "search" / "index-1.sqlite3", vault)
    for lot in _entries(engine):
        begun = time.perf_counter()
        with store.writing():
            following.take(store, lot)
        segments.tidy(store, whole=False)
        taken += time.perf_counter() - begun
    with db.look(engine) as s:
        newest = log.start_of(s, margin=0)
    for name, value in (("format", VERSION), ("state", "whole"), ("cursor", newest[0]), ("seen", newest[1])):
        store.set_meta(name, value)
    store.db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    store.close()
    shelf.use(store.path)
    index = Index(shelf, engine)
    begun = time.perf_counter()
    while service.run(index):
        continue
    return index, taken + time.perf_counter() - begun


def _entries(engine: Engine) -> Iterator[list[Entry]]:
    table, dice = cast("Table", Petition.__table__), random.Random(1)  # type: ignore[attr-defined]
    names = (
        "id",
        "key_id",
        "received_at",
        "court_id",
        "origin_court_id",
        "party_court_id",
        "department_id",
        "state",
        "channel",
        "is_open",
        "number",
    )
    text = _writer(dice)
    lot: list[Entry] = []
    with db.session(engine, writes=False) as s:
        rows = (
            s.connection()
            .execution_options(yield_per=LOT)
            .execute(select(*(table.c[name] for name in names)))
        )
        for number, row in enumerate(rows):
            texts = [
                (int(Field.SUBJECT), text(12)),
                (int(Field.TEXT), text(SIGNS) + ("龘" if number == 7 else "")),
                (int(Field.NUMBER), row.number),
            ]
            lot.append(Entry(*row[:9], bool(row.is_open), texts))
            if len(lot) == LOT:
                yield lot
                lot = []
    if lot:
        yield lot


def _writer(dice: random.Random) -> Callable[[int], str]:
    signs = (
        "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经"
        + "".join(chr(0x4E00 + at) for at in range(0, 14_000, 4))
    )
    weights = [1 / (at + 8) for at in range(len(signs))]
    words = [
        "".join(dice.choices(signs, weights, k=dice.choice((1, 2, 2, 2, 3, 4)))) for _ in range(WORDS)
    ] + ["执行"]
    shares = [1 / (at + 20) for at in range(len(words))]
    shares[-1] = 0.01

    def text(length: int) -> str:
        made = "".join(dice.choices(words, shares, k=max(2, length // 2)))
        luck = dice.random()
        place = dice.randrange(len(made))
        extra = "小区供暖不足十度" if luck < 0.02 else "供暖" if luck < 0.05 else ""
        return made[:place] + extra + made[place:]

    return text


def _measured(engine: Engine, index: Index) -> list[Row]:
    found = []
    with db.session(engine, writes=False) as s:
        people = {
            name: bench_worklist._person(s, login)
            for name, login in (("province", "sup.ln"), ("court", million.REGISTRAR))
        }
        number = s.exec(select(Petition.number).limit(1)).one()[0]  # type: ignore[call-overload]
    floor, _ = _times(engine, lambda s: petitions.visible_number(s, number, actor=people["province"]))
    base = percentile(floor, 0.5)
    found.append(Row("floor: a number by its index", "p50", base, "ms"))
    found.append(Row("floor: a number by its index", "p95", percentile(floor, 0.95), "ms"))
    for who, actor in people.items():
        for case, typed in WORDS_ASKED.items():
            query = grammar.parse(typed)
            taken, spent = _times(
                engine,
                lambda s, query=query, actor=actor: service.search(s, index=index, query=query, actor=actor),
            )  # type: ignore[misc]
            for share in (0.5, 0.95):
                value = percentile(taken, share)
                found.append(
                    Row(
                        f"{who}: {case}",
                        f"p{share * 100:.0f}",
                        value,
                        "ms",
                        ratio=value / base,
                        base="floor p50",
                    )
                )
            found.append(Row(f"{who}: {case}", "processor time", spent, "ms"))
    return found


def _by_http(engine: Engine, folder: Path) -> list[Row]:
    """Ask a running server, four callers at once: the page, what a worklist shows while one types, and the API."""
    url = engine.url.render_as_string(hide_password=False)
    cookies = {
        name: million.session_cookie(engine, login)
        for name, login in (("province", "sup.ln"), ("court", million.REGISTRAR))
    }
    rows, floor = [], 0.0
    with bench_api.served(url, folder) as server:
        asked = {"healthz": ("court", "/healthz")}
        for word in BY_HTTP:
            q = quote(WORDS_ASKED[word])
            asked |= {f"{who}, page: {word}": (who, f"/search?q={q}") for who in cookies}
            asked[f"court, instant: {word}"] = ("court", f"/search/instant?q={q}")
            asked[f"court, API: {word}"] = ("court", f"/api/v1/search?q={q}")
        for case, (who, path) in asked.items():
            kept.tell(case)
            server.headers["Cookie"] = f"{COOKIE}={cookies[who]}"
            call = server.call("GET", path)
            bench_api.pressed(server, call, wanted=200, seconds=1)
            rate, taken = bench_api.pressed(server, call, wanted=200)
            floor = floor or rate
            rows.append(Row(case, "rate", rate, "/s", rate / floor, "healthz"))
            rows += [
                Row(case, f"p{share * 100:.0f}", percentile(taken, share) * 1000, "ms")
                for share in (0.5, 0.95)
            ]
    return rows


def _times(engine: Engine, act: Callable[[Session], Any]) -> tuple[list[float], float]:
    """Return milliseconds of each call but the first, and this process's processor time of a call on average."""
    taken, spent = [], 0.0
    for number in range(ROUNDS + 1):
        with db.look(engine) as s:
            begun, used = time.perf_counter(), time.process_time()
            act(s)
            taken.append((time.perf_counter() - begun) * 1000)
            spent += (time.process_time() - used) * 1000 if number else 0.0
    return taken[1:], spent / ROUNDS
