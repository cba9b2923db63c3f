"""Whatever comes up, each message is taken, kept for a person, or left; none spoils another or ends the reading."""

import json

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from central.context import Context
from central.halls import queries
from central.halls.models import BoxSettings
from central.ingest import storing
from central.ingest.storing import Message
from shared import topics, wire
from shared.hall_settings import HallSettings, SettingsState
from tests.central.ingest.conftest import Hall, numbers, tray


def said(box: str, text: str | bytes) -> Message:
    return Message(topics.events(box), text if isinstance(text, bytes) else text.encode())


def written(envelope: wire.Envelope) -> Message:
    return said(envelope.box, envelope.model_dump_json())


def store(context: Context, *messages: Message) -> list[wire.Ack]:
    answers = storing.store(context.engine, messages, now=context.clock.now())
    return [ack for answer in answers for ack in wire.receipts(answer.payload)]


def test_a_batch_is_taken_in_order_and_each_event_answered(context: Context, hall: Hall) -> None:
    events = [hall.journal.ticket(n) for n in (1, 2, 3)]
    acks = store(context, *map(written, events))
    assert [(ack.seq, ack.verdict) for ack in acks] == [(n, wire.Verdict.ACCEPTED) for n in (1, 2, 3)]
    assert numbers(context) == [1, 2, 3]


def test_a_repeat_within_a_batch_is_a_duplicate(context: Context, hall: Hall) -> None:
    event = written(hall.journal.ticket(1))
    assert [ack.verdict for ack in store(context, event, event)] == ["accepted", "duplicate"]


def test_an_answer_goes_to_the_box_that_sent_the_event(context: Context, hall: Hall) -> None:
    events = [written(hall.other.ticket(2)), written(hall.journal.ticket(1))]
    answers = storing.store(context.engine, events, now=context.clock.now())
    assert [answer.topic for answer in answers] == [
        topics.acks(hall.journal.box),
        topics.acks(hall.other.box),
    ]


MALFORMED = {
    "no text": b"\xff\xfe\x00\x01",
    "no JSON": b"{",
    "NUL": b"\x00" * 40,
    "empty": b"",
    "other JSON": b"[1, 2]",
    "deep": b"[" * 20_000,
    "long": b"x" * (storing.MAX_BYTES + 1),
    "half a letter": b'{"box": "' + "窗".encode()[:2],
}


@pytest.mark.parametrize("payload", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_cannot_be_read_waits_for_a_person_and_gets_no_answer(
    context: Context, hall: Hall, payload: bytes
) -> None:
    good = written(hall.journal.ticket(1))
    acks = store(context, said(hall.journal.box, payload), good)
    assert [ack.verdict for ack in acks] == [wire.Verdict.ACCEPTED]
    assert tray(context) == ["unreadable"]


def test_only_the_beginning_of_a_giant_message_is_kept(context: Context, hall: Hall) -> None:
    store(context, said(hall.journal.box, "大" * 100_000))
    with context.read() as s:
        (row,) = queries.tray(s)
    assert row.raw == "大" * storing.KEPT_SIGNS


def test_an_event_of_another_box_is_not_taken_from_this_one(context: Context, hall: Hall) -> None:
    forged = hall.other.ticket(1).model_dump_json()
    assert store(context, said(hall.journal.box, forged)) == []
    assert (numbers(context), tray(context)) == ([], ["other_box"])


@pytest.mark.parametrize(
    "topic", ["minyi/ln0102-1/up/other", "minyi/ln0102-1/down/acks", "elsewhere", "minyi/../up/events"]
)
def test_other_topics_are_left_alone(context: Context, hall: Hall, topic: str) -> None:
    payload = hall.journal.ticket(1).model_dump_json().encode()
    assert store(context, Message(topic, payload)) == []
    assert (numbers(context), tray(context)) == ([], [])


def test_a_body_from_the_future_is_refused_by_its_head(context: Context, hall: Hall) -> None:
    strange = json.loads(hall.journal.ticket(1).model_dump_json()) | {"body": {"type": "tea.served"}}
    (ack,) = store(context, said(hall.journal.box, json.dumps(strange)))
    assert (ack.verdict, ack.reason) == (wire.Verdict.REFUSED, "malformed")


def test_presence_is_noted_of_the_box_itself_alone(context: Context, hall: Hall) -> None:
    presence = wire.Presence(box=hall.other.box, online=True, at=context.clock.now()).model_dump_json()
    store(context, Message(topics.presence(hall.journal.box), presence.encode()))
    store(context, Message(topics.presence(hall.other.box), presence.encode()))
    with context.read() as s:
        online = {row.box.id: row.presence is not None for row in queries.boxes(s)}
    assert online == {hall.journal.box: False, hall.other.box: True}


def test_a_box_speaks_of_its_own_settings_alone(context: Context, hall: Hall) -> None:
    digest = HallSettings().digest
    state = SettingsState(
        box=hall.other.box, digest=digest, above=7, at=context.clock.now()
    ).model_dump_json()
    store(context, Message(topics.settings(hall.journal.box), state.encode()))
    store(context, Message(topics.settings(hall.other.box), state.encode()))
    store(context, Message(topics.settings(hall.other.box), b"{}"))
    with context.read() as s:
        assert [(row.box_id, row.above) for row in s.exec(select(BoxSettings)).all()] == [(hall.other.box, 7)]


POISON = {
    "sqlite": (
        "CREATE TRIGGER poison BEFORE INSERT ON ticket WHEN new.number = 2 BEGIN SELECT raise(ABORT, 'a bug of ours'); END",
        "DROP TRIGGER poison",
    ),
    "postgresql": (
        "ALTER TABLE ticket ADD CONSTRAINT poison CHECK (number <> 2)",
        "ALTER TABLE ticket DROP CONSTRAINT poison",
    ),
}


def test_a_message_that_breaks_the_work_is_set_aside_and_the_others_go_in(
    context: Context, hall: Hall
) -> None:
    poison, antidote = POISON[context.engine.dialect.name]
    events = [hall.other.ticket(1), hall.journal.ticket(2), *(hall.journal.ticket(n) for n in (3, 4, 5))]
    with context.engine.begin() as connection:
        connection.exec_driver_sql(poison)
    try:
        acks = store(context, *map(written, events))
    finally:
        with context.engine.begin() as connection:
            connection.exec_driver_sql(antidote)
    verdicts = ["refused", *["accepted"] * 3]
    assert [(ack.seq, ack.verdict) for ack in acks] == [*enumerate(verdicts, start=1), (1, "accepted")]
    assert (numbers(context), tray(context)) == ([1, 3, 4, 5], ["could_not_be_taken"])


def test_receipts_of_one_box_go_together(context: Context, hall: Hall) -> None:
    messages = [written(hall.journal.ticket(n)) for n in range(1, wire.RECEIPTS_TOGETHER + 2)]
    answers = storing.store(
        context.engine, [*messages, written(hall.other.ticket())], now=context.clock.now()
    )
    assert [len(wire.receipts(each.payload)) for each in answers] == [wire.RECEIPTS_TOGETHER, 1, 1]


def test_while_the_database_is_away_nothing_is_answered_and_nothing_kept(
    context: Context, hall: Hall
) -> None:
    message = written(hall.journal.ticket(1))

    @event.listens_for(context.engine, "commit")
    def _fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    with pytest.raises(OperationalError):
        storing.store(context.engine, [message], now=context.clock.now())
    event.remove(context.engine, "commit", _fail)
    assert numbers(context) == []
    assert [ack.verdict for ack in store(context, message)] == [wire.Verdict.ACCEPTED]


def newer(text: str) -> str:
    """Return a message as a version ahead might write it."""
    return json.dumps({**json.loads(text), "of_a_later_version": [1]})


def test_a_box_a_version_ahead_is_on_the_line_with_what_is_known_of_it(context: Context, hall: Hall) -> None:
    box, figures = hall.journal.box, {**wire.Figures(free_mb=7).model_dump(), "of_a_later_version": 1}
    presence = wire.Presence(box=box, online=True, at=context.clock.now(), waiting=3)
    text = json.dumps({**json.loads(newer(presence.model_dump_json())), "figures": figures})
    store(context, Message(topics.presence(box), text.encode()))
    with context.read() as s:
        row = next(each.presence for each in queries.boxes(s) if each.box.id == box)
    assert row is not None
    assert (row.online, row.waiting) == (True, 3)
    assert wire.Figures.model_validate_json(row.figures or "").free_mb == 7


def test_an_event_with_more_in_it_is_refused_whole_and_the_next_one_taken(
    context: Context, hall: Hall
) -> None:
    strange, next_one = hall.journal.ticket(1), hall.journal.ticket(2)
    acks = store(context, said(strange.box, newer(strange.model_dump_json())), written(next_one))
    assert [(ack.verdict, ack.reason) for ack in acks] == [("refused", "malformed"), ("accepted", "")]
    assert tray(context) == ["malformed"]
