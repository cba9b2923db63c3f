"""Times as ledgers write them."""

from datetime import UTC, datetime

import pytest

from central.intake import moments
from central.intake.moments import Unreadable

MOMENT = datetime(2019, 4, 25, 1, 32, 9, tzinfo=UTC)
MINUTE = datetime(2019, 4, 25, 1, 32, tzinfo=UTC)
MIDNIGHT = datetime(2019, 4, 24, 16, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2019/4/25 9:32:09",
        "2019-04-25 09:32:09",
        "2019-04-25T09:32:09",
        "2019.4.25 9:32:09",
        "2019年4月25日 9时32分9秒",
        "2019年4月25日9:32:09",
        "２０１９／４／２５　９：３２：０９",
        " 2019/4/25  9:32:09\t",
        "2019-04-25 09:32:09.123",
        "2019/4/25 上午9:32:09",
        "2019/4/25 9:32:09 AM",
        "2019-04-25T09:32:09+08:00",
        "2019-04-25T01:32:09Z",
        "2019-04-25T01:32:09.000+0000",
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_courts(text: str) -> None:
    assert moments.read(text) == (MOMENT, False)


@pytest.mark.parametrize("text", ["2019/4/25 9:32", "2019年4月25日9时32分", "2019-04-25T09:32"])
def test_seconds_may_be_missing(text: str) -> None:
    assert moments.read(text) == (MINUTE, False)


@pytest.mark.parametrize("text", ["2019/4/25 下午1:05", "2019/4/25 1:05 PM", "2019-04-25 13:05"])
def test_the_afternoon_is_twelve_hours_later(text: str) -> None:
    assert moments.read(text).at == datetime(2019, 4, 25, 5, 5, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2019/4/25 12:05 PM", "2019/4/25 下午12:05"])
def test_noon_is_no_midnight(text: str) -> None:
    assert moments.read(text).at == datetime(2019, 4, 25, 4, 5, tzinfo=UTC)


def test_twelve_am_is_past_midnight() -> None:
    assert moments.read("2019/4/25 12:05 AM").at == datetime(2019, 4, 24, 16, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2019-4-25",
        "2019/04/25",
        "2019.4.25",
        "2019年4月25日",
        "20190425",
        "43580",
        "2019-04-25 00:00:00",
        "2019/4/25 0:00",
    ],
)
def test_a_day_without_a_time_is_known_as_such(text: str) -> None:
    assert moments.read(text) == (MIDNIGHT, True)


def test_a_serial_number_keeps_its_time_of_day() -> None:
    assert moments.read("43580.39732638889") == (MOMENT, False)


@pytest.mark.parametrize("text", ["3/4/2019", "昨天", "2019", "2019年4月", "19-4-25", "4358", "1e5", "①"])
def test_what_cannot_be_told_is_not_guessed(text: str) -> None:
    with pytest.raises(Unreadable, match="date_unreadable"):
        moments.read(text)


@pytest.mark.parametrize(
    "text", ["2019-02-29", "2019-13-01", "2019/4/31", "2019-4-25 25:00", "2019-4-25T09:32+99:00"]
)
def test_a_day_that_never_was_is_told_apart(text: str) -> None:
    with pytest.raises(Unreadable, match="date_impossible"):
        moments.read(text)
