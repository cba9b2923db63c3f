"""A hall as real processes, on each pair of database and broker that is installed somewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.databases import Databases
from tests.support.hall_site import HallSite, hall_site


@pytest.fixture(params=["sqlite-embedded", "postgres-mosquitto"])
def site(
    request: pytest.FixtureRequest, tmp_path: Path, _databases: Callable[[str], Databases]
) -> Iterator[HallSite]:
    """Centre and box, running: the demonstration's pair (SQLite, embedded broker), then production's."""
    kind, broker = request.param.split("-")
    with hall_site(tmp_path, _databases(kind).new(), with_mosquitto=broker == "mosquitto") as made:
        yield made
