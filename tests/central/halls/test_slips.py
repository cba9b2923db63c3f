"""Visits keyed in from paper: with the times on the slip, corrected by the same box alone, listed on the hall's page."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.events.verify import verify
from central.halls import slips
from shared import wire
from shared.ids import new_id
from tests.factories import accounts, halls
from tests.factories.accounts import House
from tests.factories.courts import MORNING

TAKEN = MORNING - timedelta(hours=3)


def slip(**changed: object) -> wire.SlipKeyed:
    facts = {"slip_id": new_id(), "number": 12, "kind": "query", "counter": 2, "by": "李四", "served": True}
    times = {"taken_at": TAKEN, "called_at": None, "ended_at": TAKEN + timedelta(minutes=20)}
    return wire.SlipKeyed.model_validate(facts | times | changed)


def test_a_slip_is_one_visit_however_often_it_is_corrected(s: Session, tmp_path: Path) -> None:
    here = accounts.house(s)
    journal, other = halls.box(s, here.court), halls.box(s, here.court, 2)
    first = slip()
    assert halls.receive(s, journal.put(first)).verdict is wire.Verdict.ACCEPTED
    halls.receive(s, journal.put(first.model_copy(update={"served": False, "counter": 3})))
    [row] = slips.recent(s, here.court.id, now=MORNING)
    assert (slips.label_of(row), row.status, row.counter, row.taken_at) == ("P0012", "absent", 3, TAKEN)
    assert halls.receive(s, other.put(first)).reason == "slip_known"
    backwards = slip(ended_at=TAKEN - timedelta(minutes=1))
    assert halls.receive(s, journal.put(backwards)).reason == "time_impossible"
    assert len(slips.recent(s, here.court.id, now=MORNING)) == 1
    assert slips.recent(s, here.court.id, now=MORNING + timedelta(days=8)) == []
    unsealed = Ed25519PrivateKey.generate().public_key()
    assert verify(s, public_key=unsealed, anchor_folder=tmp_path).findings == []


def test_the_hall_shows_what_was_keyed_in(
    client: TestClient, context: Context, house: House, sign_in: Callable[[TestClient, str], str]
) -> None:
    sign_in(client, f"registrar.{house.court.latin}")
    assert "补录的纸号" not in client.get("/hall").text
    with db.unit_of_work(context.engine) as s:
        halls.receive(s, halls.box(s, house.court).put(slip()))
    page = client.get("/hall").text
    assert "P0012" in page
    assert "补录的纸号" in page
