"""Enrolment: a code is good once, for its box, for a day; what comes in proves itself; revoking ends all of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from sqlmodel import select
from starlette.testclient import TestClient

from central import db
from central.context import Context
from central.errors import Conflict, TooManyTries
from central.halls import authority, service
from central.halls.models import BoxCertificate, BoxCode
from edge_agent import identity
from shared import enrolment
from tests.central.halls.conftest import Hall
from tests.factories import identities
from tests.factories.courts import SEED


@pytest.fixture
def context(context: Context) -> Context:
    """The context of all tests; boxes would find its broker at an address that nobody calls here."""
    mqtt = context.settings.mqtt.model_copy(update={"boxes_url": "mqtts://broker.example"})
    return replace(context, settings=context.settings.model_copy(update={"mqtt": mqtt}))


def request(code: str, box: str, key: Ed25519PrivateKey | None = None) -> enrolment.Ask:
    made = key or Ed25519PrivateKey.generate()
    return enrolment.ask(enrolment.read_code(code), box=box, csr=identity.request(made, box=box))


def test_a_good_code_gives_a_certificate_for_the_boxs_own_key(context: Context, kept: Hall) -> None:
    found = identities.enrolled(context, kept.journal.box)
    certificate = x509.load_pem_x509_certificate(found.granted.certificate.encode())
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    use = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert name.value == kept.journal.box
    assert list(use) == [ExtendedKeyUsageOID.CLIENT_AUTH]
    assert certificate.public_key() == found.private.public_key()
    assert found.granted.broker == "mqtts://broker.example"
    assert found.granted.court_name == kept.court.name


def test_only_the_public_half_of_a_code_is_kept(context: Context, kept: Hall) -> None:
    text = identities.code(context, kept.journal.box)
    with context.read() as s:
        (row,) = s.exec(select(BoxCode)).all()
    assert row.public == enrolment.read_code(text).public
    assert text.replace("-", "") not in str(row.model_dump()).replace("-", "")


def test_a_code_is_good_once(context: Context, kept: Hall) -> None:
    code = identities.code(context, kept.journal.box)
    assert identities.join(context, request(code, kept.journal.box)) is not None
    assert identities.join(context, request(code, kept.journal.box)) is None


def test_an_answer_that_got_lost_is_given_again_to_the_same_key(context: Context, kept: Hall) -> None:
    code, key = identities.code(context, kept.journal.box), Ed25519PrivateKey.generate()
    first, second = (identities.join(context, request(code, kept.journal.box, key)) for _ in range(2))
    assert None not in {first, second}
    with context.read() as s:
        assert len(s.exec(select(BoxCertificate)).all()) == 1


def test_a_code_ends_after_a_day_and_with_the_next_one(context: Context, kept: Hall) -> None:
    code, now = identities.code(context, kept.journal.box), context.clock.now()
    late = now + timedelta(hours=service.CODE_HOURS)
    assert identities.join(context, request(code, kept.journal.box), now=late) is None
    identities.code(context, kept.journal.box)
    assert identities.join(context, request(code, kept.journal.box)) is None


def test_a_code_is_for_its_box_alone(context: Context, kept: Hall) -> None:
    code = identities.code(context, kept.journal.box)
    assert identities.join(context, request(code, "ln0102-2")) is None


def test_a_request_changed_on_the_way_is_refused(context: Context, kept: Hall) -> None:
    asked = request(identities.code(context, kept.journal.box), kept.journal.box)
    mine = identity.request(Ed25519PrivateKey.generate(), box=kept.journal.box)
    for change in ({"csr": mine}, {"proof": "AAAA"}, {"proof": "no base64"}, {"csr": "no request"}):
        assert identities.join(context, asked.model_copy(update=change)) is None


def test_an_answer_of_anybody_else_is_refused(
    context: Context, kept: Hall, tmp_path_factory: pytest.TempPathFactory
) -> None:
    code, key = enrolment.read_code(identities.code(context, kept.journal.box)), Ed25519PrivateKey.generate()
    other = authority.open_authority(tmp_path_factory.mktemp("other"), now=context.clock.now())
    certificate = other.sign_box(box=kept.journal.box, public=key.public_key(), now=context.clock.now())
    granted = enrolment.Granted(
        box=kept.journal.box,
        certificate=certificate.public_bytes(Encoding.PEM).decode(),
        broker="mqtts://evil.example",
        trusted_keys=(),
    )
    forged = enrolment.grant(granted, authority=other.certificate, key=other.key)
    real = identities.authority(context).pem
    for answer in (forged, forged.model_copy(update={"authority": real})):
        with pytest.raises(enrolment.NotTheCentre):
            enrolment.opened(answer, code=code, key=key.public_key())


def test_guessing_is_slowed_down(context: Context, kept: Hall) -> None:
    made = enrolment.new_code(identities.authority(context).certificate)
    for _ in range(10):
        assert identities.join(context, request(made, kept.journal.box)) is None
    with pytest.raises(TooManyTries):
        identities.join(context, request(made, kept.journal.box))


def test_an_enrolled_box_is_let_in_by_its_certificate_alone(context: Context, kept: Hall) -> None:
    box, now = kept.journal.box, context.clock.now()
    certificate = x509.load_pem_x509_certificate(
        identities.enrolled(context, box).granted.certificate.encode()
    )
    serial = authority.serial_text(certificate)
    with context.read() as s:
        assert service.certificate_fits(s, box_id=box, serial=serial, now=now)
        assert not service.certificate_fits(s, box_id=box, serial=serial, now=now + timedelta(days=401))
        assert not service.certificate_fits(s, box_id="ln0102-2", serial=serial, now=now)
        assert not service.secret_fits(s, box_id=box, secret=kept.journal.secret)


def test_revoking_ends_codes_and_certificates(context: Context, kept: Hall) -> None:
    box, now = kept.journal.box, context.clock.now()
    identities.enrolled(context, box)
    code = identities.code(context, box)
    with db.unit_of_work(context.engine) as s:
        service.revoke_box(s, box_id=box, by=SEED, now=now)
    assert identities.join(context, request(code, box)) is None
    with pytest.raises(Conflict):
        identities.code(context, box)
    with context.read() as s:
        assert all(row.revoked_at for row in s.exec(select(BoxCertificate)).all())


def test_two_processes_make_one_authority(tmp_path_factory: pytest.TempPathFactory, context: Context) -> None:
    folder, now = tmp_path_factory.mktemp("keys"), context.clock.now()
    first, second = (authority.open_authority(folder, now=now) for _ in range(2))
    assert first.certificate == second.certificate
    assert (folder / authority.FILE).stat().st_mode & 0o777 == 0o600
    assert [path.name for path in folder.iterdir()] == [authority.FILE]


@pytest.mark.parametrize("text", ["", "ABCD", "1" * 52, "A" * 51, "我" * 52])
def test_letters_that_are_no_code(text: str) -> None:
    with pytest.raises(enrolment.BadCode):
        enrolment.read_code(text)


def test_a_code_may_be_typed_in_small_letters_without_hyphens(context: Context, kept: Hall) -> None:
    code = identities.code(context, kept.journal.box)
    assert enrolment.read_code(code.lower().replace("-", " ")).public == enrolment.read_code(code).public


def test_the_page_answers_a_good_code_and_is_silent_to_others(
    context: Context, kept: Hall, client: TestClient
) -> None:
    asked = request(identities.code(context, kept.journal.box), kept.journal.box)
    wrong = client.post(enrolment.PATH, json=asked.model_dump() | {"code": "0" * 64})
    assert (wrong.status_code, list(wrong.json())) == (403, ["refused"])
    good = client.post(enrolment.PATH, json=asked.model_dump())
    assert good.status_code == 200
    assert enrolment.Grant.model_validate(good.json()).authority == identities.authority(context).pem
