"""Versions of proposals that are kept at one moment: each has its own number, and one alone proposes."""

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from central import db
from central.actor import Via, system
from central.context import Context
from central.sorting import versions
from central.sorting.models import SortingModel
from shared.ids import new_id
from tests.factories.courts import MORNING

_WAITING = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")


def _keep(context: Context, ident: UUID) -> int:
    with db.unit_of_work(context.engine) as s:
        return _kept(s, ident).number


def _kept(s: Session, ident: UUID) -> SortingModel:
    return versions.keep(
        s, model_id=ident, decisions=60, labels=2, figures={}, kept_out=None, by=system(Via.JOB), now=MORNING
    )


@pytest.mark.usefixtures("house")
def test_two_that_learn_at_once_get_two_numbers_and_one_of_them_proposes(context: Context) -> None:
    if context.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    with ThreadPoolExecutor(1) as other:
        with db.unit_of_work(context.engine) as s:
            first = _kept(s, new_id()).number
            second = other.submit(_keep, context, new_id())
            while not s.connection().execute(_WAITING).scalar():
                assert not second.done(), "it did not wait"
        assert second.result(60) == first + 1
    with db.look(context.engine) as s:
        rows = s.exec(select(SortingModel).where(SortingModel.in_force_until.is_(None))).all()  # type: ignore[union-attr]
        assert [row.number for row in rows] == [first + 1]
