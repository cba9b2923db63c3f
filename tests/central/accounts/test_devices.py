"""The cookie of browsers that signed in before."""

from datetime import datetime, timedelta
from pathlib import Path

from central.accounts.devices import MOST_PEOPLE, device_of, renewed

LIFE = timedelta(days=180)


def test_a_browser_is_known_for_the_person_who_signed_in_and_for_nobody_else(
    tmp_path: Path, now: datetime
) -> None:
    cookie = renewed(tmp_path, "", "li", life=LIFE, now=now)
    assert device_of(tmp_path, cookie, "li", now=now)
    assert not device_of(tmp_path, cookie, "wang", now=now)


def test_it_keeps_its_id_when_the_person_signs_in_again(tmp_path: Path, now: datetime) -> None:
    first = renewed(tmp_path, "", "li", life=LIFE, now=now)
    again = renewed(tmp_path, first, "li", life=LIFE, now=now + timedelta(days=1))
    assert device_of(tmp_path, again, "li", now=now) == device_of(tmp_path, first, "li", now=now)


def test_a_made_up_or_changed_cookie_is_none(tmp_path: Path, now: datetime) -> None:
    cookie = renewed(tmp_path, "", "li", life=LIFE, now=now)
    for text in ("", "x", cookie[:-2], cookie[1:], renewed(tmp_path / "other", "", "li", life=LIFE, now=now)):
        assert device_of(tmp_path, text, "li", now=now) == ""


def test_it_lapses(tmp_path: Path, now: datetime) -> None:
    cookie = renewed(tmp_path, "", "li", life=LIFE, now=now)
    assert not device_of(tmp_path, cookie, "li", now=now + LIFE)


def test_a_shared_browser_forgets_who_was_longest_away(tmp_path: Path, now: datetime) -> None:
    cookie = ""
    for number in range(MOST_PEOPLE + 1):
        cookie = renewed(tmp_path, cookie, f"p{number}", life=LIFE, now=now)
    assert [bool(device_of(tmp_path, cookie, f"p{n}", now=now)) for n in range(MOST_PEOPLE + 1)] == [
        False,
        *[True] * MOST_PEOPLE,
    ]
