"""Numbers on paper: each printed once, what is written on them keyed in with its own times, nothing typed lost."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

import pytest
from starlette.testclient import TestClient

from edge_agent import slips, spares
from edge_agent.box import Box
from edge_agent.desk import Desk
from edge_agent.errors import BadInput, BoxError, Illegal, NotThere, TooMany
from edge_agent.ports import PrintOutcome
from edge_agent.records import Spare
from edge_agent.spares import Written
from edge_agent.web.app import build
from shared import wire
from shared.clock import court_day
from tests.edge_agent.conftest import PIN


def written(now: datetime, **changed: object) -> Written:
    """Return a slip of yesterday: came 9:05, called 9:20, went 9:40."""
    facts: dict[str, object] = {
        "number": 1,
        "day": court_day(now) - timedelta(days=1),
        "kind": wire.VisitKind.QUERY,
        "taken": time(9, 5),
        "called": time(9, 20),
        "ended": time(9, 40),
        "counter": 2,
        "served": True,
    }
    return Written(**(facts | changed))  # type: ignore[arg-type]


def key_in(box: Box, slip: Written, now: datetime, *, correct: bool = False) -> Spare:
    return spares.key_in(box, slip, by="李四", correct=correct, days=7, now=now)


def test_no_number_is_printed_for_two_slips_whatever_is_tapped_restarted_or_purged(
    opened: Callable[[], Box], now: datetime
) -> None:
    box = opened()
    first = spares.make(box, count=3, nonce="a", now=now)
    assert spares.make(box, count=3, nonce="a", now=now) == first
    assert [one.label for one in first] == ["P0001", "P0002", "P0003"]
    for number in (1, 2, 3):
        key_in(box, written(now, number=number), now)
    box.purge(now=now + timedelta(days=90), days=7)
    box = opened()
    assert [one.number for one in spares.make(box, count=2, nonce="b", now=now)] == [4, 5]
    with pytest.raises(BadInput):
        spares.make(box, count=spares.MOST_AT_ONCE + 1, nonce="c", now=now)


def test_a_drawer_holds_what_a_day_can_need(box: Box, now: datetime) -> None:
    for kit in range(spares.MOST_OPEN // spares.MOST_AT_ONCE):
        spares.make(box, count=spares.MOST_AT_ONCE, nonce=str(kit), now=now)
    with pytest.raises(TooMany):
        spares.make(box, count=1, nonce="more", now=now)


def test_a_slip_is_told_with_the_times_written_on_it_once_and_corrected_on_request_alone(
    box: Box, now: datetime, reported: Callable[[], list[wire.Body]]
) -> None:
    [spare] = spares.make(box, count=1, nonce="a", now=now)
    slip = written(now)
    assert key_in(box, slip, now) == key_in(box, slip, now + timedelta(minutes=1))
    with pytest.raises(Illegal) as caught:
        key_in(box, written(now, counter=3), now)
    assert caught.value.key == "spare.keyed_already"
    key_in(box, written(now, counter=3, served=False), now, correct=True)
    told = reported()
    assert [one.type for one in told] == [wire.BoxEvent.SLIP_KEYED] * 2
    first, second = told
    assert isinstance(first, wire.SlipKeyed)
    assert isinstance(second, wire.SlipKeyed)
    assert (first.slip_id, second.slip_id) == (spare.id, spare.id)
    assert (second.counter, second.served) == (3, False)
    assert first.ended_at - first.taken_at == timedelta(minutes=35)
    assert court_day(first.taken_at) == slip.day
    assert spares.ready(box) == 0


@pytest.mark.parametrize(
    ("changed", "key"),
    [
        ({"number": 2}, "spare.no_such"),
        ({"called": time(9, 0)}, "spare.which_order"),
        ({"called": None, "ended": time(9, 0)}, "spare.which_order"),
        ({"day": date(2020, 1, 1)}, "spare.which_day"),
        ({"day": date(2099, 1, 1)}, "spare.which_day"),
        ({"counter": 9}, "error.no_such_counter"),
    ],
)
def test_what_cannot_be_is_refused_with_its_own_sentence(
    box: Box, now: datetime, changed: dict[str, object], key: str, reported: Callable[[], list[wire.Body]]
) -> None:
    spares.make(box, count=1, nonce="a", now=now)
    with pytest.raises(BoxError) as caught:
        key_in(box, written(now, **changed), now)
    assert caught.value.key == key
    assert reported() == []


def test_a_visit_that_has_not_ended_is_not_keyed_in(box: Box, now: datetime) -> None:
    spares.make(box, count=1, nonce="a", now=now)
    with pytest.raises(Illegal, match="not_yet"):
        key_in(box, written(now, day=court_day(now), ended=time(23, 59)), now)


def test_slips_that_did_not_come_out_are_printed_again_under_their_numbers(desk: Desk, now: datetime) -> None:
    asked: list[Spare] = []
    desk.box.on_spare = asked.append
    made = spares.make(desk.box, count=2, nonce="a", now=now)
    for one, outcome in zip(made, (PrintOutcome.PRINTED, PrintOutcome.NO_PAPER), strict=True):
        desk.spare_done(one, outcome)
    assert spares.again(desk.box, now=now) == 1
    assert spares.again(desk.box, now=now) == 0  # it prints
    assert [one.number for one in asked] == [1, 2, 2]
    slip = slips.spare(desk, made[0])
    assert slip.lines[0] == slip.qr == "P0001"
    assert "__:__" in "".join(slip.lines)


@pytest.fixture
def staff(desk: Desk) -> Iterator[TestClient]:
    with TestClient(build(desk), base_url="http://127.0.0.1:8081", follow_redirects=True) as web:
        web.post("/counter/sign-in", data={"pin": PIN, "by": "李书记员"})
        yield web


def test_a_counter_prints_and_keys_in_without_a_script_and_keeps_what_was_typed(
    staff: TestClient, desk: Desk, now: datetime
) -> None:
    here = "/counter/1/slips"
    assert (
        "P0002" in staff.post(here, data={"count": "2", "nonce": "tap"}).text
    )  # no printer: the list to write by hand
    day = (court_day(now) - timedelta(days=1)).isoformat()
    form = {"number": "ｐ２", "day": day, "kind": "query", "taken": "9点05", "called": "", "ended": "0940"}
    form |= {"at": "3", "outcome": "served"}
    refused = staff.post(here + "/keyed", data=form | {"ended": "9.61"})
    assert refused.status_code == 400
    assert 'value="9.61"' in refused.text
    assert 'value="9点05"' in refused.text
    assert "09:05–09:40" in staff.post(here + "/keyed", data=form).text
    other = staff.post(here + "/keyed", data=form | {"at": "4"})
    assert (other.status_code, 'name="correct"' in other.text) == (409, True)
    assert staff.post(here + "/keyed", data=form | {"at": "4", "correct": "yes"}).status_code == 200
    for wrong in ({"number": "X1"}, {"day": "gestern"}, {"kind": "name"}, {"at": ""}, {"outcome": ""}):
        assert staff.post(here + "/keyed", data=form | wrong).status_code == 400
    assert staff.get("/counter/99/slips").status_code == 404
    staff.cookies.clear()
    assert "counter/sign-in" in str(staff.get(here).url)


def test_a_number_that_was_never_printed_is_not_there(box: Box, now: datetime) -> None:
    with pytest.raises(NotThere):
        key_in(box, written(now), now)
