"""The stream of a hall's events: what is recorded reaches the open pages of that court, once, and no others."""

import asyncio
from collections.abc import Callable

import pytest
from sse_starlette.sse import AppStatus
from starlette.testclient import TestClient
from starlette.types import ASGIApp

from central import db
from central.accounts.edge import COOKIE
from central.context import Context
from central.halls import service
from central.halls.hearing import Ear
from central.halls.live import UNREAD, Listener, Live, Push
from tests.central.halls.conftest import Hall, live_of, make
from tests.central.halls.streaming import opened, played
from tests.factories import halls
from tests.support.processes import wait_until

SignIn = Callable[[TestClient, str], str]


@pytest.fixture
def cookie(client: TestClient, kept: Hall, sign_in: SignIn) -> str:
    sign_in(client, f"hall_staff.{kept.court.latin}")
    return f"{COOKIE}={client.cookies[COOKIE]}"


def press(context: Context, hall: Hall, place: str = "3号窗口", *, wake: bool = True) -> None:
    with db.unit_of_work(context.engine) as s:
        halls.raise_call(s, hall.journal, place)
    if wake:
        context.wake.notify()


def test_a_press_reaches_the_open_page_with_place_and_button(
    app: ASGIApp, context: Context, kept: Hall, cookie: str
) -> None:
    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            before = (await page.next("calls")).json
            assert before["html"] == ""
            press(context, kept)
            news = await page.next("hall")
            assert (news.id, news.json["kind"]) == ("2", "hall.assistance_raised")
            told = (await page.next("calls")).json
            assert (told["open"], told["seq"]) == (1, before["seq"] + 1)
            assert "3号窗口" in told["html"]
            assert "/acknowledge" in told["html"]

    played(scenario)


def test_a_call_that_another_process_records_wakes_those_who_listen_on_postgresql(
    context: Context, kept: Hall
) -> None:
    ear, before = Ear(context), context.wake.count
    ear.start()
    try:
        if context.engine.dialect.name == "postgresql":
            wait_until(lambda: context.wake.count > before, what="it listens")
            heard = context.wake.count
            press(context, kept, wake=False)
            wait_until(lambda: context.wake.count > heard, what="the call is heard of")
        else:
            press(context, kept, wake=False)
            assert context.wake.count == before  # one process: the commit itself wakes
    finally:
        ear.stop()


def test_what_another_process_recorded_is_seen_without_being_woken(
    app: ASGIApp, context: Context, kept: Hall, cookie: str
) -> None:
    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            await page.next("calls")
            press(context, kept, wake=False)
            assert (await page.next("hall")).id == "2"

    played(scenario)


def test_a_page_that_comes_back_is_sent_what_it_missed(
    app: ASGIApp, context: Context, kept: Hall, cookie: str
) -> None:
    for place in ("1号窗口", "2号窗口", "3号窗口"):
        press(context, kept, place)

    async def scenario() -> None:
        async with opened(app, cookie, last="2") as (page, _):
            assert [(await page.next("hall")).id for _ in range(2)] == ["3", "4"]

    played(scenario)


@pytest.mark.parametrize("last", ["999", "-1", "x"])
def test_a_place_that_cannot_be_starts_with_the_present(
    app: ASGIApp, context: Context, kept: Hall, cookie: str, last: str
) -> None:
    press(context, kept)

    async def scenario() -> None:
        async with opened(app, cookie, last=last) as (page, _):
            assert (await page.next("calls")).json["open"] == 1

    played(scenario)


def test_events_of_another_court_are_not_delivered(
    app: ASGIApp, context: Context, kept: Hall, cookie: str
) -> None:
    with db.unit_of_work(context.engine) as s:
        elsewhere = make(s, "辽0103")

    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            await page.next("calls")
            press(context, elsewhere, "别处")
            press(context, kept, "此处")
            told = await page.next("calls")
            assert "此处" in told.data
            assert "别处" not in told.data

    played(scenario)


def test_the_alarm_speaks_the_language_of_the_page(
    app: ASGIApp, context: Context, kept: Hall, cookie: str
) -> None:
    press(context, kept, "Desk 3")

    async def scenario() -> None:
        async with opened(app, cookie, lang="en") as (page, _):
            told = (await page.next("calls")).json
            assert "Call for help: Desk 3" in told["html"]
            assert "reconnects" in told["cut"]

    played(scenario)


def test_a_page_that_went_away_holds_no_thread(app: ASGIApp, context: Context, cookie: str) -> None:
    del context
    live: list[Live] = []

    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            await page.next("calls")
            live.append(live_of(app))
            assert live[0].listeners == 1

    played(scenario)
    assert live[0].listeners == 0
    wait_until(lambda: live[0]._thread is None, what="the follower has ended")


def test_the_stream_ends_when_the_log_cannot_be_followed(
    app: ASGIApp, context: Context, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError

    async def scenario() -> None:
        async with opened(app, cookie) as (page, answer):
            await page.next("calls")
            monkeypatch.setattr("central.halls.live.look", broken)
            context.wake.notify()
            await asyncio.wait_for(answer, 10)

    played(scenario)


def test_the_stream_ends_in_good_order_when_the_server_stops(
    app: ASGIApp, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def scenario() -> None:
        async with opened(app, cookie) as (page, answer):
            await page.next("calls")
            monkeypatch.setattr(AppStatus, "should_exit", True)
            await asyncio.wait_for(answer, 10)
            assert page.ended

    played(scenario)


def test_the_stream_is_not_cached_and_not_buffered(app: ASGIApp, cookie: str) -> None:
    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            await page.next("calls")
            assert page.status == 200
            assert page.headers["content-type"].startswith("text/event-stream")
            assert page.headers["cache-control"] == "no-store"

    played(scenario)


def test_a_page_that_reads_nothing_is_let_go(kept: Hall) -> None:
    async def scenario() -> Push | None:
        listener = Listener(kept.court.id, None)
        for _ in range(UNREAD + 1):
            listener.tell(Push([], [], 0))
        await asyncio.sleep(0)
        return await listener.next()

    assert played(scenario) is None


@pytest.mark.parametrize("login", ["handler", "nobody"])
def test_the_stream_is_for_those_who_see_the_hall(
    client: TestClient, kept: Hall, sign_in: SignIn, login: str
) -> None:
    if login == "nobody":
        assert client.get("/hall/events").status_code == 303
        return
    sign_in(client, f"{login}.{kept.court.latin}")
    assert client.get("/hall/events").status_code == 403


def test_an_answer_is_pushed_too(app: ASGIApp, context: Context, kept: Hall, cookie: str) -> None:
    with db.unit_of_work(context.engine) as s:
        call_id = halls.raise_call(s, kept.journal)

    async def scenario() -> None:
        async with opened(app, cookie) as (page, _):
            assert (await page.next("calls")).json["open"] == 1
            with db.unit_of_work(context.engine) as s:
                service.acknowledge(s, call_id=call_id, by=kept.registrar, now=context.clock.now())
            context.wake.notify()
            told = (await page.next("calls")).json
            assert told["open"] == 0
            assert kept.registrar.name in told["html"]

    played(scenario)
