"""Two clerks never get the same number, not even for the first petition of a year."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import Engine

from central import db
from tests.factories import petitions
from tests.factories.accounts import house


def test_registered_at_once_every_petition_has_its_own_number(fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        here = house(s)

    def one(_: int) -> str:
        with db.unit_of_work(fresh_engine) as s:
            return petitions.registered(s, here).number

    with ThreadPoolExecutor(8) as pool:
        numbers = sorted(pool.map(one, range(8)))
    assert numbers == [f"辽0102-2026-{serial:06d}" for serial in range(1, 9)]
