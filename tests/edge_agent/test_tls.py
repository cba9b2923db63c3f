"""The certificate of the hall's screens."""

import json
import ssl
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge_agent import tls
from edge_agent.settings import Http, Settings


def settings(folder: Path, **http: object) -> Settings:
    return Settings(box="ln0102-1", data=folder, http=Http.model_validate({"host": "10.1.2.3", **http}))


@pytest.mark.parametrize(
    ("http", "expected"),
    [
        ({"host": "127.0.0.1"}, False),
        ({"host": "10.1.2.3"}, True),
        ({"host": "0.0.0.0"}, True),
        ({"host": "10.1.2.3", "tls": "off"}, False),
        ({"host": "127.0.0.1", "tls": "on"}, True),
    ],
)
def test_pages_are_encrypted_wherever_others_can_reach_the_box(http: dict[str, str], expected: bool) -> None:
    assert tls.wanted(Http.model_validate(http)) is expected


def test_the_box_makes_a_certificate_for_its_names_and_keeps_it(tmp_path: Path, now: datetime) -> None:
    made = tls.files(settings(tmp_path, public_url="https://hall.court.lan:8081"), now=now)
    assert made is not None
    before = made.cert.read_bytes()
    assert made.key.stat().st_mode & 0o777 == 0o600
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(made.cert, made.key)
    names = ssl.create_default_context(cafile=str(made.cert)).get_ca_certs()
    assert json.dumps(names).count("Minyi ln0102-1") == 2
    again = tls.files(settings(tmp_path, public_url="https://hall.court.lan:8081"), now=now)
    assert again == made
    assert made.cert.read_bytes() == before


def test_it_is_renewed_before_its_end_and_for_a_new_name_under_the_same_key(
    tmp_path: Path, now: datetime
) -> None:
    made = tls.files(settings(tmp_path), now=now)
    assert made is not None
    key, first = made.key.read_bytes(), tls.shown_digest(made.cert)
    tls.files(settings(tmp_path), now=now + timedelta(days=780))
    second = tls.shown_digest(made.cert)
    tls.files(settings(tmp_path, host="10.9.9.9"), now=now + timedelta(days=780))
    assert len({first, second, tls.shown_digest(made.cert)}) == 3
    assert made.key.read_bytes() == key


def test_a_courts_own_certificate_is_taken_as_it_is(tmp_path: Path, now: datetime) -> None:
    own = {"cert_file": tmp_path / "a.crt", "key_file": tmp_path / "a.key"}
    assert tls.files(settings(tmp_path, **own), now=now) == tls.Files(tmp_path / "a.crt", tmp_path / "a.key")
