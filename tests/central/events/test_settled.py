"""Events whose transactions end in another order than they drew their ids: no reader of the log passes one."""

import random
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from central import db
from central.actor import system
from central.events import anchors, log
from central.events.kinds import Kind
from tests.factories.courts import MORNING

SOMEBODY = system("test")


@pytest.fixture
def engine(fresh_engine: Engine) -> Iterator[Engine]:
    if fresh_engine.dialect.name == "sqlite":
        pytest.skip("one writer: ids rise with the commits")
    return fresh_engine


def write(s: Session, stream: str) -> int:
    event = log.record(s, kind=Kind.CALENDAR_RECOUNTED, stream=stream, actor=SOMEBODY, at=MORNING)
    return event.id


def read(engine: Engine, cursor: int = 0) -> list[int]:
    with db.look(engine) as s:
        return [event_id for event_id, _ in log.kinds_after(s, cursor, limit=1000)]


def test_an_event_drawn_early_and_committed_late_is_not_passed(engine: Engine) -> None:
    with db.session(engine) as elder, db.session(engine) as younger:
        elder.connection().execute(text("SELECT pg_current_xact_id()"))
        first, second = write(younger, "calendar/1"), write(elder, "calendar/2")
        elder.commit()
        assert read(engine) == []
        with db.session(engine, writes=False) as s:
            assert anchors.digest_of(s, behind=0)[0] == 0
        younger.commit()
    assert read(engine) == [first, second]


def test_an_open_transaction_without_events_holds_nobody_up(engine: Engine) -> None:
    with db.session(engine) as idle, db.session(engine) as s:
        idle.connection().execute(text("SELECT pg_current_xact_id()"))
        written = write(s, "calendar/1")
        s.commit()
        assert read(engine) == [written]


@pytest.mark.parametrize("seed", range(4))
def test_in_any_order_of_ends_a_reader_gets_every_event_once_in_order(engine: Engine, seed: int) -> None:
    dice, got, wanted = random.Random(seed), list[int](), list[int]()
    writers: list[tuple[Session, list[int]]] = []

    def end(place: int) -> None:
        s, drawn = writers.pop(place)
        if dice.random() < 0.8:
            s.commit()
            wanted.extend(drawn)
        s.close()

    for step in range(120):
        writers += [(db.session(engine), [])] if len(writers) < 5 else []
        place = dice.randrange(len(writers))
        s, drawn = writers[place]
        match dice.randrange(5):
            case 0 | 1:
                drawn.append(write(s, f"calendar/{step}"))
            case 2:
                s.connection().execute(text("SELECT pg_current_xact_id()"))
            case 3:
                with s.begin_nested() as point:
                    write(s, f"calendar/{step}")
                    point.rollback()
            case _:
                end(place)
        got += read(engine, got[-1] if got else 0)
    while writers:
        end(0)
    got += read(engine, got[-1] if got else 0)
    assert got == sorted(wanted)
