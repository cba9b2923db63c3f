"""The acknowledgement leaves after the commit, never before and never without it."""

from sqlalchemy import event
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from central.context import Context
from central.halls.models import Ticket
from central.ingest import uplink
from central.ingest.storing import Message
from central.ingest.uplink import Uplink, Waiting
from shared import topics, wire
from tests.central.ingest.conftest import Hall, Sent
from tests.factories.halls import Journal
from tests.support.processes import wait_until


def nobody(_: str) -> None:
    """Hear a hello."""


def ticket(journal: Journal, number: int = 1) -> Message:
    return Message(topics.events(journal.box), journal.ticket(number).model_dump_json().encode())


def presence(context: Context, box: str, *, online: bool = True, kept: bool = False) -> Message:
    said = wire.Presence(box=box, online=online, at=context.clock.now()).model_dump_json()
    return Message(topics.presence(box), said.encode(), kept)


def test_another_session_sees_the_row_when_the_acknowledgement_leaves(context: Context, hall: Hall) -> None:
    seen: list[int] = []

    def publish(topic: str, payload: str, *, retain: bool = False) -> None:
        with context.read() as s:
            seen.append(len(s.exec(select(Ticket)).all()))

    Uplink(context, publish=publish, on_hello=nobody).take([ticket(hall.journal), ticket(hall.journal, 2)])
    assert seen == [2]


def test_a_commit_that_fails_is_not_acknowledged_and_the_event_may_come_again(
    context: Context, hall: Hall, sent: Sent
) -> None:
    up, message = Uplink(context, publish=sent, on_hello=nobody), ticket(hall.journal)

    @event.listens_for(context.engine, "commit")
    def _fail(_: object) -> None:
        raise OperationalError("COMMIT", {}, OSError("disk full"))

    assert not up.take([message])
    event.remove(context.engine, "commit", _fail)
    assert sent.messages == []
    assert up.take([message])
    assert [ack.verdict for ack in sent.acks(hall.journal.box)] == [wire.Verdict.ACCEPTED]


def test_whoever_waits_for_events_is_woken(context: Context, hall: Hall, sent: Sent) -> None:
    before = context.wake.count
    Uplink(context, publish=sent, on_hello=nobody).take([ticket(hall.journal)])
    assert context.wake.count == before + 1


def test_a_box_that_comes_on_the_line_says_hello_once(context: Context, hall: Hall, sent: Sent) -> None:
    hellos: list[str] = []
    up = Uplink(context, publish=sent, on_hello=hellos.append)
    box = hall.journal.box
    up.take([presence(context, box), presence(context, box)])
    up.take([presence(context, box, online=False), presence(context, box)])
    assert hellos == [box, box]


def test_what_the_broker_had_kept_is_no_hello(context: Context, hall: Hall, sent: Sent) -> None:
    hellos: list[str] = []
    Uplink(context, publish=sent, on_hello=hellos.append).take(
        [presence(context, hall.journal.box, kept=True)]
    )
    assert hellos == []


def test_the_thread_takes_what_is_put_and_ends(context: Context, hall: Hall, sent: Sent) -> None:
    up = Uplink(context, publish=sent, on_hello=nobody)
    up.start()
    up.put("nonsense", b"\xff", kept=False)
    up.put(*ticket(hall.journal))
    wait_until(lambda: sent.acks(hall.journal.box), what="the acknowledgement")
    up.stop()


def test_a_call_for_help_overtakes_what_waits_for_the_database(hall: Hall) -> None:
    waiting = uplink.Waiting(10)
    others = [ticket(hall.journal, n) for n in (1, 2, 3)]
    call = Message(topics.urgent(hall.journal.box), hall.journal.raised().model_dump_json().encode())
    assert all(waiting.put(each) for each in (*others, call))
    assert [waiting.next(2), waiting.next(2), waiting.next(2)] == [[call], others[:2], others[2:]]


def test_too_many_waiting_messages_are_dropped_and_never_block(context: Context, sent: Sent) -> None:
    up = Uplink(context, publish=sent, on_hello=nobody)
    for _ in range(uplink.WAITING + 10):
        up.put("nonsense", b"", kept=False)
    up.start()
    up.stop()


def test_a_message_that_waits_already_is_not_taken_twice(hall: Hall) -> None:
    waiting, first, second = Waiting(2), ticket(hall.journal), ticket(hall.journal, 2)
    assert [waiting.put(each) for each in (first, second, first, second)] == [True] * 4
    assert not waiting.put(ticket(hall.journal, 3))
    assert waiting.next(10) == [first, second]
    assert waiting.put(first)
    assert waiting.next(10) == [first]
