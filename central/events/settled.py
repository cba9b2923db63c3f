"""Up to where the log is settled: behind that, a slower transaction may still bring an event with a lower id.

Ids are drawn before commit, and neither ids nor the numbers of transactions tell in which order transactions end. So whoever
draws ids on PostgreSQL first takes a shared advisory lock that names an id below all it will draw, and holds it until its
transaction ends; it never waits. A reader asks first how far ids were drawn, then which locks are held, and last for the events:
who drew one of those ids has ended by then, or its lock is seen. SQLite has one writer, and ids rise with its commits.
"""

from sqlalchemy import text
from sqlmodel import Session

from central.db import is_sqlite

#: Begins a statement that draws ids from `opened`, before which the lock is taken: once a transaction. A savepoint that is rolled
#: back gives lock and setting back together. The key of the lock is "MNY" (5066329) above the 40 bits that hold the id.
OPENED = """
    WITH last AS MATERIALIZED (SELECT last_value FROM event_id_seq),
    opened AS MATERIALIZED (
        SELECT CASE WHEN coalesce(current_setting('minyi.draws', true), '') <> pg_current_xact_id()::text THEN
            pg_advisory_xact_lock_shared((5066329::bigint << 40) | (last_value - 1))::text
            || set_config('minyi.draws', pg_current_xact_id()::text, true)
        END AS lock FROM last
    )
"""
_DRAW = text(OPENED + "SELECT nextval('event_id_seq') FROM opened, generate_series(1, :n)")  # noqa: S608 constants alone # nosec B608
_DRAWN = text("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM event_id_seq")
_HELD = text("""
    SELECT min(((classid::bigint & 255) << 32) | objid::bigint) FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint >> 8 = 5066329
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
""")


def draw(s: Session, count: int) -> list[int]:
    """Return `count` ids for new events of this transaction, rising. PostgreSQL only."""
    return sorted(int(value) for value in s.connection().execute(_DRAW, {"n": count}).scalars())


def up_to(s: Session) -> int | None:
    """Return the id up to which no event can come any more; None where ids rise with the commits (SQLite).

    To be asked before the events are: each statement must see what is committed by then, as PostgreSQL's default isolation has it.
    """
    if is_sqlite(s):
        return None
    drawn = int(s.connection().execute(_DRAWN).scalar_one())
    held: int | None = s.connection().execute(_HELD).scalar_one()
    return drawn if held is None else min(drawn, held)
