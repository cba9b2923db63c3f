"""The box's last log lines: bounded, without anything of a person or a key, and told to a signed question alone."""

import ast
import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

import edge_agent
from edge_agent import documents
from edge_agent.box import Box
from edge_agent.documents import Answer, Takers
from edge_agent.inbox import BoxInbox
from edge_agent.logdesk import LogDesk
from edge_agent.logring import COVERED, PLAIN, LogRing
from shared import logtail, topics
from shared.clock import FixedClock
from shared.logtail import Tail, TailAsked
from tests.edge_agent import papers
from tests.edge_agent.papers import BOX_ID

ASK = UUID("01978a3c-0000-7000-8000-00000000000a")
#: What nobody may read in a log, whoever put it there.
SECRETS = (
    "张三因拆迁不服", "210102196001011234", "21010219600101123X", "13800138000", "138 0013 8000", "024-22345678",
    "6222020200112233445", "ABCDE23456", "7KPQ-9XYZ-34TR", "MY1.AEJWQ2LQNFXGOIDTEBRXK4TFEB", "zhang.san@example.com",
    "MCowBQYDK2VwAyEAq1b2C3d4E5f6G7h8", "5f4dcc3b5aa765d61d8327deb882cf995f4dcc3b5aa765d61d8327deb882cf99",
)  # fmt: skip
HARMLESS = (
    "camera_lost",
    "/dev/video0",
    "2026-11-23T09:00:00.123456Z",
    "No such device",
    "tcp://10.1.2.3:9100",
)


class Line:
    """Remembers what was published."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, str]] = []

    def __call__(self, topic: str, payload: str, *, retain: bool = False) -> None:
        assert not retain
        self.sent.append((topic, payload))


@pytest.fixture
def ring(now: datetime) -> LogRing:
    return LogRing(now)


@pytest.fixture
def logs(ring: LogRing, clock: FixedClock) -> LogDesk:
    return LogDesk(ring, box=BOX_ID, clock=clock, centre_key=None)


def asked(now: datetime, serial: int = 7, **more: object) -> TailAsked:
    facts = {
        "box": BOX_ID,
        "serial": serial,
        "not_after": now + timedelta(hours=24),
        "ask_id": ASK,
        "lines": 3,
    }
    return TailAsked.model_validate({**facts, **more})


@pytest.mark.parametrize("secret", SECRETS)
def test_nothing_of_a_person_or_a_key_stands_in_a_line(ring: LogRing, secret: str) -> None:
    ring(None, "warning", {"event": "camera_lost", "reason": f"at {secret}, gone"})
    ring(None, "warning", {"event": "x", "said": secret, "by": secret})
    trace = f'Traceback\n  File "/opt/a/edge_agent/link.py", line 7, in session\n    x = "{secret}"\nValueError: {secret}'
    ring(None, "error", {"event": "link_failed", "exception": trace})
    text = "\n".join(ring.last(500))
    assert secret not in text
    assert secret.replace(" ", "") not in text
    assert "link_failed" in text
    assert "ValueError < " in text
    assert "edge_agent/link.py:7 session" in text


@pytest.mark.parametrize("words", HARMLESS)
def test_what_speaks_of_the_machine_stays(ring: LogRing, words: str) -> None:
    ring(None, "warning", {"event": "e", "reason": words, "seq": 41})
    assert json.loads(ring.last(1)[0]) == {"event": "e", "reason": words, "seq": 41}


def test_of_an_id_its_beginning_stays(ring: LogRing) -> None:
    ring(None, "warning", {"event": "event_refused", "event_id": str(ASK)})
    assert json.loads(ring.last(1)[0])["event_id"] == "01978a3c-***"


def _named() -> Iterator[str]:
    for path in Path(edge_agent.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            call = node.func if isinstance(node, ast.Call) else None
            if isinstance(call, ast.Attribute) and ast.unparse(call.value) == "log":
                yield from (word.arg for word in node.keywords if word.arg)


def test_every_fact_that_the_box_logs_was_looked_at() -> None:
    """A new fact of a log call is put among those that may leave the box, or among those that may not."""
    assert set(_named()) - PLAIN - COVERED == set()
    assert not PLAIN & COVERED


def test_an_answer_is_bounded_whatever_was_logged(ring: LogRing) -> None:
    for number in range(700):
        ring(None, "info", {"event": "e", "seq": number})
    assert [json.loads(line)["seq"] for line in ring.last(900)] == list(range(200, 700))
    for _ in range(500):
        ring(None, "info", {"event": "a b " * 5000})
    lines = ring.last(500)
    assert 0 < len(lines) < 500
    assert sum(len(line) + 1 for line in lines) <= logtail.MOST_BYTES
    assert max(map(len, lines)) <= logtail.MOST_SIGNS


def test_a_signed_question_is_answered_once_and_a_played_one_not_at_once(
    box: Box, ring: LogRing, logs: LogDesk, centre_key: Ed25519PrivateKey, clock: FixedClock, now: datetime
) -> None:
    inbox, line = BoxInbox(box, keys=[centre_key.public_key()], clock=clock, logs=logs), Line()
    logs.tell(line, 0.0)
    assert line.sent == []
    for number in range(5):
        ring(None, "info", {"event": "e", "seq": number})
    payload = papers.signed(asked(now), centre_key)
    for second in (10.0, 11.0, 12.0, 13.0):
        inbox.take("down/documents/logs", payload)
        logs.tell(line, second)
    ((topic, said),) = line.sent
    assert topic == topics.logs(BOX_ID)
    tail = Tail.model_validate_json(said)
    assert (tail.ask_id, tail.since) == (ASK, now)
    assert [json.loads(each)["seq"] for each in logtail.opened(tail, lines=3, opening=None)] == [2, 3, 4]
    logs.tell(line, 16.0)  # the answer may have been lost: the question that came again is answered again
    assert len(line.sent) == 2


def test_a_box_that_knows_the_centre_seals_its_answer(
    ring: LogRing, clock: FixedClock, now: datetime
) -> None:
    key, line = X25519PrivateKey.generate(), Line()
    ring(None, "info", {"event": "printer_lost"})
    logs = LogDesk(ring, box=BOX_ID, clock=clock, centre_key=key.public_key())
    logs.ask(asked(now))
    logs.tell(line, 0.0)
    tail = Tail.model_validate_json(line.sent[0][1])
    assert tail.hidden
    assert "printer_lost" in logtail.opened(tail, lines=3, opening=key)[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, Answer.TAKEN),
        ({"serial": 4}, Answer.OLD),
        ({"box": "ln0103-1"}, Answer.OTHER_BOX),
        ({"not_after": datetime(2026, 11, 22).astimezone()}, Answer.EXPIRED),
    ],
    ids=["good", "old", "other", "expired"],
)
def test_a_doubtful_question_is_not_answered(
    box: Box,
    logs: LogDesk,
    centre_key: Ed25519PrivateKey,
    now: datetime,
    change: dict[str, object],
    expected: Answer,
) -> None:
    def give(paper: TailAsked, key: Ed25519PrivateKey) -> Answer:
        body, keys = papers.signed(paper, key), [centre_key.public_key()]
        return documents.take(box, body, name="logs", keys=keys, now=now, takers=Takers(logs=logs))

    assert give(asked(now, serial=5), Ed25519PrivateKey.generate()) is Answer.WRONG_KEY
    assert give(asked(now, serial=5), centre_key) is Answer.TAKEN
    line = Line()
    logs.tell(line, 0.0)
    assert give(asked(now, **{"serial": 6, **change}), centre_key) is expected
    logs.tell(line, 10.0)
    assert len(line.sent) == (2 if expected is Answer.TAKEN else 1)
