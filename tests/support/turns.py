"""Which of the two engines a test runs on.

What services, queries, rules and migrations do is tried on both. A page shows what they return: tests of pages, and of what holds for
each table of the log, take turns by their names, half of them on each engine. `--engine both` runs everything on both.
"""

from zlib import crc32

import pytest

ENGINES = ("sqlite", "postgres")
#: Tests of each table of the log, hundreds of them.
_OF_EACH_TABLE = (
    "tests/central/events/test_verify.py",
    "tests/central/events/test_damage.py",
    "tests/central/events/test_tamper.py",
)


def engines(config: pytest.Config) -> list[str]:
    """Return the engines that the run asks for."""
    wanted = str(config.getoption("--engine"))
    return [wanted] if wanted in ENGINES else list(ENGINES)


def is_anothers(item: pytest.Item) -> bool:
    """Say whether the test runs on the other engine in this run."""
    kind = getattr(item, "callspec", None) and item.callspec.params.get("database_kind")  # type: ignore[attr-defined]
    if kind is None or not _takes_turns(item):
        return False
    name = item.nodeid.replace(kind, "")
    return ENGINES[crc32(name.encode()) % 2] != kind


def _takes_turns(item: pytest.Item) -> bool:
    return "client" in getattr(item, "fixturenames", ()) or item.nodeid.startswith(_OF_EACH_TABLE)
