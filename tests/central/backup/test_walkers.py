"""A log walked by two processes: they see what the first one sees, and say what one alone would say."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Engine, text, update
from sqlmodel import Session

from central import db
from central.access.checks import check_entries
from central.backup import walkers
from central.events.findings import Finding
from central.events.verify import Alone, Hands, Report, verify
from central.keys import signing_key
from central.petitions.checks import check_numbers
from central.petitions.models import Petition
from tests.support.vaults import vault_in


def report(s: Session, folder: Path, hands: Hands | None) -> Report:
    key = signing_key(folder / "keys", "anchor").public_key()
    checks = (check_numbers, check_entries, one_of_each)
    return verify(s, public_key=key, anchor_folder=folder / "anchors", checks=checks, hands=hands)


def one_of_each(s: Session) -> Iterator[Finding]:
    """A finding that says how many petitions a process sees."""
    count = s.connection().execute(text("SELECT count(*) FROM petition")).scalar_one()
    yield Finding("seen", 0, 0, "number_missing", str(count))


def test_two_processes_find_what_one_finds(world_url: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    vault, url = vault_in(data), world_url
    engine = db.make_engine(url, vault=vault)
    with engine.begin() as connection:
        connection.execute(update(Petition).values(channel="dove"))
    with db.session(engine, writes=False) as s:
        if not db.is_sqlite(s):
            s.connection().execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        assert isinstance(walkers.hands_for(s, vault, url, still=True), Alone)  # too small to be worth it
        crew = walkers.hands_for(s, vault, url, still=True, many=1, others=1)
        together, alone = report(s, data, crew), report(s, data, None)
    engine.dispose()
    assert "row_differs" in {each.problem for each in together.findings}
    assert sorted(together.findings) == sorted(alone.findings)
    assert (together.events, together.streams, together.rows) == (alone.events, alone.streams, alone.rows)


def test_a_file_of_sqlite_that_others_write_to_is_walked_by_one_process(
    fresh_engine: Engine, tmp_path: Path
) -> None:
    with db.session(fresh_engine, writes=False) as s:
        hands = walkers.hands_for(s, vault_in(tmp_path), "", still=False, many=0, others=1)
        assert isinstance(hands, Alone) == db.is_sqlite(s)
