"""A certificate opens the line to its own box alone, on both brokers, and no longer once it is revoked."""

import ssl
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from central import db
from central.context import Context
from central.halls import service
from central.ingest.client import Ingest
from edge_agent.identity import Files
from shared import topics
from shared.clock import SystemClock
from tests.central.ingest.conftest import Hall
from tests.factories import identities
from tests.factories.courts import SEED
from tests.support.brokers import Broker
from tests.support.mqtt import BareBox
from tests.support.processes import wait_until

pytestmark = pytest.mark.hall


@pytest.fixture
def context(context: Context) -> Context:
    """TLS looks at the machine's own clock."""
    return replace(context, clock=SystemClock())


@pytest.fixture
def papers(context: Context, hall: Hall, tmp_path: Path) -> Files:
    """The certificate of the hall's first box, made before the broker starts."""
    return identities.files(tmp_path / "identity", identities.enrolled(context, hall.journal.box))


@pytest.fixture
def tls(context: Context) -> int:
    return context.settings.mqtt.embedded_tls_port


@pytest.fixture
def enrolled(papers: Files, broker: Broker, tls: int, hall: Hall) -> Iterator[BareBox]:
    """The first box of the hall on the line, by its certificate."""
    with BareBox(tls, hall.journal.box, "", files=papers) as made:
        yield made


def refused(port: int, name: str, files: Files | None, password: str = "") -> bool:
    """Say whether the broker turns a client away."""
    box = BareBox(port, name, password, files=files)
    try:
        with box:
            return not box.up
    except (ssl.SSLError, OSError):
        return True


def revoke(context: Context, box: str) -> None:
    with db.unit_of_work(context.engine) as s:
        service.revoke_box(s, box_id=box, by=SEED, now=context.clock.now())


def test_a_certificate_opens_the_line_and_is_heard(enrolled: BareBox, hall: Hall, centre: Ingest) -> None:
    assert enrolled.up
    assert enrolled.subscribe(topics.acks(enrolled.name)) == [True]
    del centre
    enrolled.send(hall.journal.ticket())
    wait_until(enrolled.acks, what="a receipt")


def test_the_name_in_the_certificate_counts_whatever_a_client_says(
    papers: Files, broker: Broker, tls: int, hall: Hall, centre: Ingest
) -> None:
    del broker, centre
    with BareBox(tls, hall.other.box, "any password", files=papers, client_id=hall.other.box) as box:
        box.send(hall.other.ticket(), to=topics.events(hall.other.box))
        own = hall.journal.ticket()
        box.subscribe(topics.acks(hall.journal.box))
        box.send(own, to=topics.events(hall.journal.box))
        wait_until(lambda: box.heard, what="the receipt of its own event")
        assert {topic for topic, _ in box.heard} == {topics.acks(hall.journal.box)}


def test_without_a_certificate_of_the_centre_nobody_comes_in(
    context: Context, papers: Files, broker: Broker, tls: int, hall: Hall, tmp_path: Path
) -> None:
    del papers, broker
    name = hall.journal.box
    assert refused(tls, name, identities.foreign(tmp_path / "foreign", context, name))
    assert refused(tls, name, identities.expired(context, tmp_path / "expired", name))
    assert refused(tls, name, None, hall.journal.secret)
    assert refused(tls, "centre", None, "")


def test_an_enrolled_box_has_no_password_any_more(papers: Files, broker: Broker, hall: Hall) -> None:
    del papers
    assert refused(broker.door.port, hall.journal.box, None, hall.journal.secret)


def test_a_revoked_box_is_cut_off_and_let_in_no_more(
    context: Context, papers: Files, enrolled: BareBox, broker: Broker, centre: Ingest, tls: int
) -> None:
    del centre
    revoke(context, enrolled.name)
    wait_until(lambda: not enrolled.up, timeout=20, what="the connection is ended")
    broker.reload()
    assert refused(tls, enrolled.name, papers)


def test_a_box_enrolled_anew_ends_what_the_stolen_disk_holds(
    context: Context,
    papers: Files,
    enrolled: BareBox,
    broker: Broker,
    centre: Ingest,
    tls: int,
    tmp_path: Path,
) -> None:
    del centre
    fresh = identities.files(tmp_path / "new", identities.enrolled(context, enrolled.name))
    wait_until(lambda: not enrolled.up, timeout=20, what="the connection is ended")
    broker.reload()
    assert refused(tls, enrolled.name, papers)
    assert not refused(tls, enrolled.name, fresh)
