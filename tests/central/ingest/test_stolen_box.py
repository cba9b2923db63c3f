"""A hall box in a thief's hands (S12): its disk names nobody, its certificate opens nothing but its own hall, and not for long."""

import os
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from sqlmodel import col, select

from central import db
from central.context import Context
from central.halls import service
from central.halls.models import AssistanceCall, Ticket
from central.ingest.client import Ingest
from edge_agent import identity
from edge_agent.identity import Files
from edge_agent.opening import open_store
from shared import sealed, topics, wire
from shared.clock import SystemClock
from shared.ids import new_id
from tests.central.ingest.conftest import Hall
from tests.factories import halls, identities
from tests.factories.courts import SEED, court
from tests.factories.halls import Journal
from tests.support.brokers import Broker
from tests.support.edgebox import PIN, HallBox
from tests.support.mqtt import BareBox
from tests.support.processes import Processes, wait_until
from tests.support.spellings import contents, spellings

pytestmark = pytest.mark.hall
#: What people say and type in a hall. None of it may lie on the disk afterwards.
SAID = {
    "name": "欧阳绿萝",
    "phone": "13998877665",
    "id_number": "21010219491231002x",
    "note": "老人头晕已扶到休息室",
    "staff": "司徒大厅员",
    "pin": f"pin-{PIN}-long-enough",
}
#: Bars of reliability.md, S12.
CUT_OFF_SECONDS = 60
DICE = int(os.environ.get("MINYI_TEST_SEED") or random.SystemRandom().randrange(2**32))


@pytest.fixture
def context(context: Context) -> Context:
    """TLS looks at the machine's own clock."""
    return replace(context, clock=SystemClock())


def _enrolled_box(context: Context, hall: Hall, started: Processes, folder: Path) -> HallBox:
    """Return a real box that was enrolled and whose line is cut: everything it has to say waits on its disk."""
    data = folder / "box"
    data.mkdir()
    identity.keep(data, identities.enrolled(context, hall.journal.box))
    more: dict[str, Any] = {"hall": {"counter_pin": SAID["pin"]}, "box": hall.journal.box}
    return HallBox(started, folder, data=data, **more)


def _a_day(box: HallBox) -> None:
    box.sign_in(SAID["pin"], SAID["staff"])
    for kind in ("query", "letter_drop", "query"):
        box.take(kind)
    for act in ("next", "recall", "served", "next", "absent"):
        box.post(f"/counter/1/{act}")
    call = box.post("/help").data["call"]
    box.post(f"/counter/1/help/{call}/acknowledge")
    note = "，".join(SAID[each] for each in ("name", "phone", "id_number", "note"))
    assert box.post(f"/counter/1/help/{call}/close", {"note": note}).status == 200
    box.post("/check-in", {"code": SAID["name"] + SAID["phone"]})


def test_the_disk_of_a_stolen_box_names_nobody(
    context: Context, hall: Hall, started: Processes, tmp_path: Path
) -> None:
    box = _enrolled_box(context, hall, started, tmp_path)
    box.start()
    _a_day(box)
    before = [name for name, _ in contents(box.data)]
    assert any(name.endswith(("-wal", ".sqlite3", ".db")) for name in before), before
    box.kill()  # as when the plug is pulled: what lies in the log of the database lies there
    opened = list(_opened(box.data, hall.journal.box))
    assert any("query" in row for row in opened), "the thief could open the file"
    lying = [*contents(box.data), *(("opened", row.encode()) for row in opened)]
    found = [
        (word, where)
        for where, content in lying
        for word in SAID.values()
        if any(form in content for form in spellings(word))
    ]
    assert found == []


def _opened(data: Path, box: str) -> Iterator[str]:
    """Yield every record of the box's file as the program reads it: the key lies on the same disk."""
    store = open_store(data, box=box, now=datetime.now(UTC))
    try:
        with store.reading() as connection:
            for table in ("ticket", "call"):
                for ident, sealed_ in connection.execute(f"select id, sealed from {table}").fetchall():
                    yield store.sealer.open(sealed_, table, ident)
            query = "select seq, event_id, payload from outbox"
            for seq, event_id, payload in connection.execute(query).fetchall():
                yield store.sealer.open(payload, seq, event_id)
    finally:
        store.close()


@dataclass
class Attack:
    """What the attacker has, and the honest box of another court that is disturbed or not."""

    context: Context
    port: int
    stolen: Journal
    files: Files
    honest: Journal
    folder: Path

    def client(self, **more: Any) -> BareBox:
        return BareBox(self.port, more.pop("name", self.stolen.box), "", files=self.files, **more)

    def signed(self, topic: str, text: str) -> str:
        """Sign with the stolen key, which is all the attacker can sign with."""
        return sealed.signed(topic, text, _key(self.files))

    def publish(self, topic: str, text: str | bytes, *, retain: bool = False, **more: Any) -> None:
        """Say something once, and leave when the broker has taken or refused it."""
        with self.client(**more) as box:
            note = box.client.publish(topic, text, qos=1, retain=retain)
            wait_until(lambda: box.settled(note), timeout=60, what="PUBACK or the end of the line")


def _key(files: Files) -> Ed25519PrivateKey:
    found = load_pem_private_key(files.own.read_bytes(), password=None)
    assert isinstance(found, Ed25519PrivateKey)
    return found


def foreign_topic(attack: Attack) -> None:
    """An event of another box on that box's topic."""
    topic = topics.events(attack.honest.box)
    text = _forged(attack.honest.box).model_dump_json()
    attack.publish(topic, text)
    attack.publish(topic, attack.signed(topic, text))


def foreign_name(attack: Attack) -> None:
    """An event in another box's name on one's own topic."""
    topic = topics.events(attack.stolen.box)
    attack.publish(topic, attack.signed(topic, _forged(attack.honest.box).model_dump_json()))


def voice_of_the_centre(attack: Attack) -> None:
    """Receipts, papers and news in the centre's name."""
    box = attack.honest.box
    for topic in (topics.acks(box), topics.document(box, "roster"), topics.call(box, new_id())):
        attack.publish(topic, attack.signed(topic, "{}"))
        attack.publish(topic, attack.signed(topic, "{}"), retain=True)


def listening(attack: Attack) -> None:
    """Filters that would hear other halls, and oneself."""
    box = attack.honest.box
    with attack.client() as client:
        wide = ["#", "minyi/#", "minyi/+/down/acks", "$SYS/#", topics.acks(box), topics.events(box)]
        for one in wide:
            if client.up:
                client.subscribe(one)
        time_for_news(client)
        assert [topic for topic, _ in client.heard if attack.stolen.box not in topic] == []


def name_of_the_centre(attack: Attack) -> None:
    """The centre's user name and client id with a box's certificate."""
    for name in ("centre", attack.honest.box):
        topic = topics.acks(attack.honest.box)
        attack.publish(topic, "{}", name=name, client_id=f"minyi-{name}")


def taking_over(attack: Attack) -> None:
    """The other's client id, so that the broker ends the other's connection."""
    for client_id in (f"bare-{attack.honest.box}", attack.honest.box):
        with attack.client(client_id=client_id):
            pass


def last_will(attack: Attack) -> None:
    """A will that says the other box has gone."""
    client = attack.client()
    client.client.will_set(topics.presence(attack.honest.box), b'{"online": false}', qos=1, retain=True)
    client.open()
    client.client.loop_stop()
    sock = client.client.socket()
    if sock is not None:
        sock.close()


def retained(attack: Attack) -> None:
    """A presence of the other box that stays with the broker."""
    topic = topics.presence(attack.honest.box)
    attack.publish(topic, attack.signed(topic, '{"online": false}'), retain=True)


def replay(attack: Attack) -> None:
    """One's own event over and over, and one overheard from another box."""
    own = attack.stolen.ticket(900, at=datetime.now(UTC))
    topic = topics.events(attack.stolen.box)
    for _ in range(5):
        attack.publish(topic, attack.signed(topic, own.model_dump_json()))


def nonsense(attack: Attack) -> None:
    """What is no event: broken, deep, foreign, in another form."""
    topic = topics.events(attack.stolen.box)
    for text in ("", "{", "[" * 5000, '{"box": 1}', "\0" * 2000, "null", "9" * 60_000):
        attack.publish(topic, attack.signed(topic, text))
        attack.publish(topic, text)


def too_large(attack: Attack) -> None:
    """A message above the limit of the broker."""
    attack.publish(topics.events(attack.stolen.box), b"x" * 400_000)


def numbers_ahead(attack: Attack) -> None:
    """A place far ahead in the own journal, and times far off."""
    topic = topics.events(attack.stolen.box)
    for seq, year in ((10**9, 2026), (3, 1990), (4, 2099)):
        event = _forged(attack.stolen.box, seq=seq, year=year)
        attack.publish(topic, attack.signed(topic, event.model_dump_json()))


def flood(attack: Attack) -> None:
    """Two thousand messages as fast as the line takes them."""
    topic = topics.events(attack.stolen.box)
    with attack.client() as client:
        for _ in range(2000):
            client.client.publish(topic, "{}", qos=0)


def call_of_another_hall(attack: Attack) -> None:
    """The end of a call for help that was raised in another court."""
    with attack.context.read() as s:
        call = s.exec(select(AssistanceCall).where(col(AssistanceCall.closed_at).is_(None))).one()
    body = wire.AssistanceAnswered.model_validate(
        {"type": wire.BoxEvent.ASSISTANCE_CLOSED, "call_id": call.id, "by": "无", "note": "无"}
    )
    event = attack.stolen.put(body, at=datetime.now(UTC))
    topic = topics.events(attack.stolen.box)
    attack.publish(topic, attack.signed(topic, event.model_dump_json()))


BEHAVIOURS: tuple[Callable[[Attack], None], ...] = (
    foreign_topic,
    foreign_name,
    voice_of_the_centre,
    listening,
    name_of_the_centre,
    taking_over,
    last_will,
    retained,
    replay,
    nonsense,
    too_large,
    numbers_ahead,
    flood,
    call_of_another_hall,
)


def _forged(box: str, *, seq: int = 1, year: int = 2026) -> wire.Envelope:
    at = datetime(year, 11, 23, tzinfo=UTC)
    facts = {"ticket_id": new_id(), "day": "2026-11-23", "kind": "query", "number": 666}
    body = wire.TicketTaken.model_validate(facts)
    return wire.Envelope(event_id=new_id(), box=box, epoch=new_id(), seq=seq, at=at, body=body)


def time_for_news(client: BareBox) -> None:
    """Wait until the broker has answered a question asked after everything else: what it sent before has come."""
    if client.up:
        client.subscribe(topics.acks(client.name))


@pytest.fixture
def honest(context: Context, hall: Hall) -> Journal:
    """A box of another court; a call for help of its hall is open."""
    del hall
    with db.unit_of_work(context.engine) as s:
        journal = halls.box(s, court(s, "辽0103"), 1)
        halls.raise_call(s, journal)
    return journal


@pytest.fixture
def papers(context: Context, hall: Hall, honest: Journal, tmp_path: Path) -> tuple[Files, Files]:
    """Files of the stolen and of the honest box, made before the broker starts."""
    return (
        identities.files(tmp_path / "stolen", identities.enrolled(context, hall.journal.box)),
        identities.files(tmp_path / "honest", identities.enrolled(context, honest.box)),
    )


@pytest.fixture
def attack(
    papers: tuple[Files, Files], context: Context, hall: Hall, honest: Journal, broker: Broker, tmp_path: Path
) -> Attack:
    del broker
    port = context.settings.mqtt.embedded_tls_port
    return Attack(context, port, hall.journal, papers[0], honest, tmp_path)


@pytest.fixture
def other(attack: Attack, papers: tuple[Files, Files], centre: Ingest) -> Iterator[BareBox]:
    """The honest box on its line."""
    del centre
    with BareBox(attack.port, attack.honest.box, "", files=papers[1]) as made:
        made.subscribe(topics.acks(made.name), topics.calls(made.name), topics.documents(made.name))
        yield made


def test_what_a_stolen_box_tries_changes_nothing_in_another_hall(
    attack: Attack, other: BareBox, context: Context
) -> None:
    order = list(BEHAVIOURS)
    random.Random(DICE).shuffle(order)
    print(f"seed {DICE}")  # noqa: T201 the run can be repeated
    for number, behave in enumerate(order, 1):
        behave(attack)
        other.send(attack.honest.ticket(number, at=datetime.now(UTC)))
        wait_until(
            lambda number=number: len(_accepted(other)) == number,
            timeout=40,
            what=f"the honest box is answered after {behave.__name__}",
        )
        assert other.up, behave.__name__
    with context.read() as s:
        mine = s.exec(select(Ticket.number).where(Ticket.box_id == attack.honest.box)).all()
        assert sorted(mine) == list(range(1, len(order) + 1))
        everything = s.exec(select(Ticket)).all()
        assert {each.number for each in everything if each.box_id != attack.honest.box} <= {900}
        assert s.exec(select(AssistanceCall)).one().closed_at is None
    foreign = [topic for topic, _ in other.heard if attack.honest.box not in topic]
    assert foreign == []
    answers = [payload for topic, payload in other.heard if topic == topics.acks(attack.honest.box)]
    told = [wire.receipts(wire.Signed.model_validate_json(each).body.encode()) for each in answers]
    # One without receipts says that the centre is back, and may come before the box listens or after.
    assert len([each for each in told if each]) == len(order)


def _accepted(box: BareBox) -> list[wire.Ack]:
    return [ack for ack in box.acks() if ack.verdict is wire.Verdict.ACCEPTED]


def test_revocation_cuts_a_stolen_box_off(
    attack: Attack, other: BareBox, broker: Broker, context: Context, request: pytest.FixtureRequest
) -> None:
    with attack.client() as client:
        begun = time.monotonic()
        with db.unit_of_work(context.engine) as s:
            service.revoke_box(s, box_id=attack.stolen.box, by=SEED, now=context.clock.now())
        wait_until(lambda: not client.up, timeout=CUT_OFF_SECONDS, what="the connection is ended")
        print(f"{request.node.callspec.id}: cut off after {time.monotonic() - begun:.1f} s")  # noqa: T201 the figure of the drill
    broker.reload()
    for name in (attack.stolen.box, attack.honest.box, "centre"):
        try:
            with attack.client(name=name) as again:
                assert not again.up
        except OSError:
            continue
    assert other.up
