from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.support.databases import Databases
from tests.support.engines import engine_on
from tests.support.vaults import vault_in


@pytest.fixture
def another_engine(
    database_kind: str, _databases: Callable[[str], Databases], tmp_path: Path
) -> Iterator[Engine]:
    """A second migrated database of the test's own, with keys of its own."""
    engine = engine_on(_databases(database_kind).new(), vault=vault_in(tmp_path / "another"))
    yield engine
    engine.dispose()
