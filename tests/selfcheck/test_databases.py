"""The databases that every other test stands on."""

from sqlalchemy import Engine, text
from sqlmodel import Session

from central import db


def put(s: Session) -> None:
    s.execute(text("create table if not exists scribble (line text)"))
    s.execute(text("insert into scribble values ('龘')"))
    s.commit()


def scribbles(engine: Engine) -> int:
    with db.session(engine) as s:
        exists = {"sqlite": "select name from sqlite_master where name = 'scribble'"}.get(
            engine.dialect.name, "select tablename from pg_tables where tablename = 'scribble'"
        )
        if s.execute(text(exists)).first() is None:
            return 0
        return int(s.execute(text("select count(*) from scribble")).scalar_one())


def test_a_commit_inside_a_test_is_seen_by_the_test(s: Session) -> None:
    put(s)
    assert s.execute(text("select line from scribble")).scalars().all() == ["龘"]


def test_a_rollback_inside_a_test_takes_back_only_what_was_not_committed(s: Session) -> None:
    put(s)
    s.execute(text("insert into scribble values ('lost')"))
    s.rollback()
    assert s.execute(text("select count(*) from scribble")).scalar_one() == 1


def test_nothing_of_another_test_is_left(engine: Engine) -> None:
    assert scribbles(engine) == 0


def test_a_fresh_database_keeps_its_commits_to_itself(fresh_engine: Engine, engine: Engine) -> None:
    with db.session(fresh_engine) as s:
        put(s)
    assert (scribbles(fresh_engine), scribbles(engine)) == (1, 0)
