"""What the engine promises whoever borrows a connection."""

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from central import db


def test_a_commit_that_fails_leaves_neither_rows_nor_a_lock_behind(fresh_engine: Engine) -> None:
    with db.unit_of_work(fresh_engine) as s:
        s.execute(text("create table parent (id integer primary key)"))
        s.execute(
            text("create table child (id integer references parent (id) deferrable initially deferred)")
        )
    with pytest.raises(IntegrityError), db.unit_of_work(fresh_engine) as s:
        s.execute(text("insert into child values (1)"))
    with db.unit_of_work(fresh_engine) as s:
        assert s.execute(text("select count(*) from child")).scalar() == 0
