"""The broker's address as the settings give it."""

import pytest

from central.ingest.door import BadAddress, door_of
from central.settings import Mqtt


def test_the_plain_port_is_1883_and_the_encrypted_one_8883() -> None:
    assert door_of(Mqtt(url="mqtt://broker.example")).port == 1883
    encrypted = door_of(Mqtt(url="mqtts://broker.example"))
    assert (encrypted.port, encrypted.tls) == (8883, True)


def test_name_and_password_come_from_the_settings() -> None:
    door = door_of(Mqtt.model_validate({"url": "mqtt://[::1]:18830", "username": "c", "password": "p"}))
    assert (door.host, door.port, door.username, door.password) == ("::1", 18830, "c", "p")


@pytest.mark.parametrize("url", ["http://broker", "mqtt://", "broker:1883", "mqtt://broker:port", ""])
def test_what_is_no_address_gets_a_sentence(url: str) -> None:
    with pytest.raises(BadAddress) as refusal:
        door_of(Mqtt(url=url))
    assert refusal.value.key == "ingest.bad_address"
