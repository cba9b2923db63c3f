"""Mosquitto's password file comes from the boxes the centre knows."""

from central import db
from central.context import Context
from central.halls import secrets, service
from central.ingest.passwords import password_file
from central.settings import Mqtt
from tests.central.ingest.conftest import Hall
from tests.factories.courts import SEED


def lines(context: Context, mqtt: Mqtt) -> dict[str, str]:
    with context.read() as s:
        rows = password_file(s, mqtt=mqtt).splitlines()
    return dict(row.split(":", 1) for row in rows)


def test_each_box_stands_there_under_the_hash_of_its_secret(context: Context, hall: Hall) -> None:
    found = lines(context, Mqtt())
    assert set(found) == {hall.journal.box, hall.other.box}
    assert secrets.matches(hall.journal.secret, found[hall.journal.box])


def test_the_centre_stands_there_once_its_password_is_set(context: Context, hall: Hall) -> None:
    found = lines(context, Mqtt.model_validate({"password": "long and random"}))
    assert secrets.matches("long and random", found["centre"])


def test_a_revoked_box_is_left_out(context: Context, hall: Hall) -> None:
    with db.unit_of_work(context.engine) as s:
        service.revoke_box(s, box_id=hall.journal.box, by=SEED, now=context.clock.now())
    assert set(lines(context, Mqtt())) == {hall.other.box}
