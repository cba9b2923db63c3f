"""Calls for help on devices of staff: sealed to the browser, to allowed push services alone, bounded tries, and off unless set up."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from pydantic import ValidationError
from sqlmodel import select
from starlette.testclient import TestClient

from central import db, jobs
from central.accounts import sessions
from central.accounts.models import PushDevice, Staff
from central.actor import Actor, Role
from central.context import Context
from central.courts.models import Court
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Event
from central.halls import service
from central.halls.push_models import PushMessage, PushState
from central.halls.webpush import may_reach
from central.settings import Push
from shared import wire
from shared.clock import FixedClock
from shared.ids import new_id
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import court
from tests.factories.halls import Journal
from tests.support.pushes import PushService, push_service
from tests.support.site import application

SignIn = Callable[[TestClient, str], str]
CONTACT = "mailto:ops@court.example"


@pytest.fixture
def browser() -> Iterator[PushService]:
    with push_service() as found:
        yield found


@pytest.fixture
def lit(context: Context, browser: PushService) -> Context:
    """The parts of a process where notifications are on, with the fake push service as the one that may be spoken to."""
    push = Push(enabled=True, hosts=(browser.host,), contact=CONTACT)
    return replace(context, settings=context.settings.model_copy(update={"push": push}))


@pytest.fixture
def guard(lit: Context) -> tuple[Actor, Journal]:
    with db.unit_of_work(lit.engine) as s:
        at = court(s, "辽0102")
        return people.actor(s, at, Role.HALL_STAFF), halls.box(s, at)


@pytest.fixture
def page(lit: Context, guard: tuple[Actor, Journal]) -> Iterator[TestClient]:
    with TestClient(application(lit), follow_redirects=False) as made:
        yield made


def allow(page: TestClient, csrf: str, subscription: dict[str, str]) -> int:
    return page.post("/hall/push", data={"csrf": csrf, **subscription}).status_code


def call(context: Context, journal: Journal, *, drill: bool = False) -> UUID:
    ident = new_id()
    with db.unit_of_work(context.engine) as s:
        halls.receive(s, journal.raised(call_id=ident).model_copy(update={"drill": drill}))
    return ident


def messages(context: Context) -> list[tuple[str, int, str]]:
    with context.read() as s:
        rows = s.exec(select(PushMessage).order_by(PushMessage.made_at, PushMessage.circle)).all()
        return [(row.state, row.attempts, row.code) for row in rows]


def _stream(by: Actor) -> str:
    assert by.staff_id is not None
    return stream_name("staff", by.staff_id)


def device(context: Context) -> PushDevice:
    with context.read() as s:
        return s.exec(select(PushDevice)).one()


def later(context: Context, seconds: int) -> None:
    assert isinstance(context.clock, FixedClock)
    context.clock.at += timedelta(seconds=seconds)


def test_a_call_and_its_widening_reach_the_device_and_name_nobody(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    by, journal = guard
    csrf = sign_in(page, by.username)
    assert 'data-push-key="' in page.get("/hall").text
    assert allow(page, csrf, browser.subscription()) == 201
    assert allow(page, csrf, browser.subscription()) == 201  # the same once more is the same
    ident = call(lit, journal)
    assert (jobs.push_calls(lit), jobs.push_calls(lit)) == (1, 0)
    with db.unit_of_work(lit.engine) as s:
        halls.receive(s, journal.put(wire.AssistanceWidened(call_id=ident, circle=2)))
    assert jobs.push_calls(lit) == 1
    first, wider = browser.told
    assert first["title"] == "大厅求助：3号窗口"
    assert (wider["title"], first["tag"], wider["tag"]) == ("仍无人应答：3号窗口", ident.hex, ident.hex)
    assert "辽0102人民法院，09:00" in first["body"]
    assert set(first) == {"title", "body", "tag", "open"}
    assert (browser.headers[0]["TTL"], browser.headers[0]["Topic"]) == ("300", ident.hex)
    call(lit, journal, drill=True)
    assert jobs.push_calls(lit) == 1
    assert browser.told[-1]["title"] == "【演练】大厅求助：3号窗口"
    assert messages(lit) == [("sent", 1, "201")] * 3


def test_what_is_stored_of_a_device_is_sealed_and_goes_with_it(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    by, journal = guard
    csrf = sign_in(page, by.username)
    given = browser.subscription()
    allow(page, csrf, given)
    with lit.engine.connect() as connection:
        stored = connection.exec_driver_sql("select endpoint, p256dh, auth from push_device").one()
    assert not any(value.encode() in bytes(kept) for value, kept in zip(given.values(), stored, strict=True))
    assert page.post(f"/hall/push/{device(lit).id}/end", data={"csrf": csrf}).status_code == 303
    found = device(lit)
    assert (found.endpoint, found.p256dh, found.auth, found.ended_why) == ("", "", "", "own")
    call(lit, journal)
    assert (jobs.push_calls(lit), browser.asked) == (0, 0)
    with lit.read() as s:
        kinds = [one.kind for one in s.exec(select(Event).where(Event.stream == _stream(by))).all()]
        told = "".join(s.exec(select(Event.data)).all())
    assert kinds[-2:] == [Kind.STAFF_PUSH_ALLOWED, Kind.STAFF_PUSH_ENDED]
    assert given["endpoint"] not in told


@pytest.mark.parametrize("status", [404, 410])
def test_a_device_that_the_service_knows_no_more_is_ended(
    status: int,
    lit: Context,
    guard: tuple[Actor, Journal],
    page: TestClient,
    sign_in: SignIn,
    browser: PushService,
) -> None:
    by, journal = guard
    allow(page, sign_in(page, by.username), browser.subscription())
    browser.answers = [status]
    call(lit, journal)
    assert jobs.push_calls(lit) == 0
    assert messages(lit) == [("gone", 1, str(status))]
    assert device(lit).ended_why == "gone"
    call(lit, journal)
    jobs.push_calls(lit)
    assert browser.asked == 1


def test_tries_are_bounded_and_a_redirect_is_not_followed(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    by, journal = guard
    allow(page, sign_in(page, by.username), browser.subscription())
    browser.answers = [503, 429, 503, 503, 307]
    call(lit, journal)
    for _ in range(6):
        jobs.push_calls(lit)
        jobs.push_calls(lit)  # not before its time
        later(lit, 46)
    assert browser.asked == 4
    assert messages(lit) == [("gave_up", 4, "503")]
    call(lit, journal)
    jobs.push_calls(lit)
    assert messages(lit)[1:] == [("refused", 1, "307")]


def test_what_is_answered_meanwhile_is_not_sent_again(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    by, journal = guard
    allow(page, sign_in(page, by.username), browser.subscription())
    browser.answers = [500]
    ident = call(lit, journal)
    jobs.push_calls(lit)
    with db.unit_of_work(lit.engine) as s:
        service.acknowledge(s, call_id=ident, by=by, now=lit.clock.now())
    later(lit, 10)
    jobs.push_calls(lit)
    assert (browser.asked, messages(lit)) == (1, [(PushState.STOPPED, 1, "500")])


@pytest.mark.parametrize("how", ["everywhere", "account"])
def test_who_signed_out_everywhere_or_has_no_account_is_told_nothing(
    how: str,
    lit: Context,
    guard: tuple[Actor, Journal],
    page: TestClient,
    sign_in: SignIn,
    browser: PushService,
) -> None:
    by, journal = guard
    allow(page, sign_in(page, by.username), browser.subscription())
    assert by.staff_id is not None
    with db.unit_of_work(lit.engine) as s:
        if how == "everywhere":
            sessions.end_all(s, staff_id=by.staff_id, how="others", by=by, now=lit.clock.now())
        else:
            s.get_one(Staff, by.staff_id).active = False
            stream = _stream(by)
            log.record(s, kind=Kind.STAFF_CHANGED, stream=stream, actor=by, at=lit.clock.now())
    call(lit, journal)
    assert (jobs.push_calls(lit), browser.asked) == (0, 0)
    assert how == "account" or device(lit).ended_why == "everywhere"


def test_a_device_at_which_somebody_else_sits_down_is_theirs(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    by, journal = guard
    allow(page, sign_in(page, by.username), browser.subscription())
    with db.unit_of_work(lit.engine) as s:
        at = s.get_one(Court, by.court_id)
        other = people.actor(s, at, Role.REGISTRAR)
    allow(page, sign_in(page, other.username), browser.subscription())
    call(lit, journal)
    assert jobs.push_calls(lit) == 1
    with lit.read() as s:
        rows = s.exec(select(PushDevice).order_by(PushDevice.allowed_at, PushDevice.id)).all()
    assert sorted(row.ended_why for row in rows) == ["", "taken_over"]


def test_only_allowed_services_and_sound_keys_are_taken(
    lit: Context, guard: tuple[Actor, Journal], page: TestClient, sign_in: SignIn, browser: PushService
) -> None:
    csrf = sign_in(page, guard[0].username)
    good = browser.subscription()
    for wrong in (
        {"endpoint": "http://169.254.169.254/latest"},
        {"endpoint": "http://127.0.0.1:22/push"},
        {"p256dh": "A" * 87},
        {"auth": "A" * 24},
        {"endpoint": ""},
    ):
        answer = page.post("/hall/push", data={"csrf": csrf, **good, **wrong})
        assert answer.status_code == 422, wrong
        assert answer.json()["problem"]
    assert browser.asked == 0


@pytest.mark.parametrize(
    ("endpoint", "fine"),
    [
        ("https://push.example/x", True),
        ("https://push.example:443/x", True),
        ("https://a.notify.example/x", True),
        ("https://own.example:8443/x", True),
        ("https://push.example:8443/x", False),
        ("https://own.example/x", False),
        ("http://push.example/x", False),
        ("https://push.example.evil.test/x", False),
        ("https://evil.test@push.example/x", False),
        ("https://push.example@evil.test/x", False),
        ("https://notify.example/x", False),
        ("https://evilnotify.example/x", False),
        ("ftp://push.example/x", False),
        ("https://[::1/x", False),
        ("https://push.example:99999/x", False),
    ],
)
def test_no_address_but_that_of_an_allowed_service_is_spoken_to(endpoint: str, fine: bool) -> None:
    assert may_reach(endpoint, ("push.example", ".notify.example", "own.example:8443")) is fine


def test_it_is_off_unless_set_up(client: TestClient, context: Context, sign_in: SignIn) -> None:
    with db.unit_of_work(context.engine) as s:
        by = people.actor(s, court(s, "辽0102"), Role.HALL_STAFF)
    csrf = sign_in(client, by.username)
    assert "push" not in client.get("/hall").text
    assert client.post("/hall/push", data={"csrf": csrf}).status_code == 404
    assert client.post(f"/hall/push/{new_id()}/end", data={"csrf": csrf}).status_code == 404
    assert not (context.settings.data / "keys" / "push.key").exists()
    scheduler = jobs.start(context)
    try:
        assert scheduler.get_job("push") is None
    finally:
        scheduler.shutdown(wait=True)


@pytest.mark.parametrize("wrong", [{"hosts": ()}, {"contact": ""}, {"contact": "ops"}], ids=str)
def test_turned_on_it_wants_services_and_a_contact(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match=r"push\.enabled needs push\."):
        Push.model_validate({"enabled": True, "hosts": ("push.example",), "contact": CONTACT, **wrong})
