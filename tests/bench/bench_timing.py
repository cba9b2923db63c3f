"""What the time of an answer tells: sign-in under a known and an unknown name, a receipt code for a number that there is and one that there is not.

`--rows` samples of each kind, in random order on one kept connection to a real server; limits on guesses are lifted. The bar is a difference
of the means below 1 ms (S7). The interval is two standard errors, from batches of 100 neighbours, which saw the same machine.
"""

import http.client
import os
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode

from central import db
from central.actor import Role
from tests.bench.bench_engine import database
from tests.bench.rows import Options, Row
from tests.factories import accounts, petitions
from tests.factories.accounts import House
from tests.support.databases import migrate
from tests.support.ports import HOST
from tests.support.tls import serving
from tests.support.vaults import vault_in

#: Accounts and petitions that there are, and as many made-up names and numbers that are asked for as often.
EACH = 200
BATCH = 100
SEED = int(os.environ.get("MINYI_TEST_SEED") or 20261124)


@dataclass(frozen=True)
class Case:
    """One form, the status of its answer, and what is typed: of something that there is, and of something that there is not."""

    name: str
    path: str
    status: int
    there: Callable[[int], dict[str, str]]
    absent: Callable[[int], dict[str, str]]


def filled(url: str, data: Path) -> list[str]:
    """Make accounts and petitions; return the receipt numbers."""
    engine = db.make_engine(url, vault=vault_in(data))
    with db.unit_of_work(engine) as s:
        house: House = accounts.house(s)
        for n in range(EACH):
            accounts.staff(s, house.court, Role.HANDLER, username=f"person.{n:03d}")
        numbers = [petitions.registered(s, house).number for _ in range(EACH)]
    engine.dispose()
    return numbers


def cases(numbers: Sequence[str]) -> list[Case]:
    """Return the two forms that strangers may guess at."""
    wrong, stem = "not the password", numbers[0].rpartition("-")[0]
    return [
        Case(
            "sign-in: known or unknown name",
            "/login",
            401,
            lambda n: {"username": f"person.{n:03d}", "password": wrong},
            lambda n: {"username": f"nobody.{n:03d}", "password": wrong},
        ),
        Case(
            "receipt: number there or absent",
            "/track",
            404,
            lambda n: {"number": numbers[n], "code": f"{n:016d}"},
            lambda n: {"number": f"{stem}-{900_000 + n}", "code": f"{n:016d}"},
        ),
    ]


def sampled(port: int, case: Case, count: int) -> tuple[list[float], list[float]]:
    """Return milliseconds of `count` answers for what there is, and of as many for what there is not, in the order they came."""
    draw = random.Random(SEED)
    taken: tuple[list[float], list[float]] = ([], [])
    line = http.client.HTTPConnection(HOST, port, timeout=60)
    headers = {"content-type": "application/x-www-form-urlencoded"}
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        order = [False, True] * size
        draw.shuffle(order)
        for absent in order:
            body = urlencode((case.absent if absent else case.there)(draw.randrange(EACH)))
            begun = time.perf_counter()
            line.request("POST", case.path, body, headers)
            answer = line.getresponse()
            answer.read()
            taken[absent].append((time.perf_counter() - begun) * 1000)
            assert answer.status == case.status, answer.status
    line.close()
    return taken


def compared(case: Case, there: Sequence[float], absent: Sequence[float]) -> list[Row]:
    """Return the means and their difference with two standard errors."""
    batches = [
        statistics.fmean(absent[at : at + BATCH]) - statistics.fmean(there[at : at + BATCH])
        for at in range(0, len(there), BATCH)
    ]
    error = 2 * statistics.stdev(batches) / len(batches) ** 0.5 if len(batches) > 1 else float("nan")
    found = {
        "mean, there": statistics.fmean(there),
        "mean, absent": statistics.fmean(absent),
        "difference of the means": statistics.fmean(absent) - statistics.fmean(there),
        "two standard errors": error,
        "difference of the medians": statistics.median(absent) - statistics.median(there),
    }
    return [Row(case.name, measure, value, "ms", rows=len(there)) for measure, value in found.items()]


def run(options: Options) -> list[Row]:
    """Return what the times tell."""
    with tempfile.TemporaryDirectory(prefix="minyi-timing-") as name, database(options.engine) as url:
        folder = Path(name)
        migrate(url)
        numbers = filled(url, folder / "data")
        free = {"THROTTLE__GUESSES": "100000000", "THROTTLE__ADDRESS_GUESSES": "100000000"}
        child, port = serving(folder, url, **free)
        try:
            return [
                row for case in cases(numbers) for row in compared(case, *sampled(port, case, options.rows))
            ]
        finally:
            child.kill()
