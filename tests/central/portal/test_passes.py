"""The pass in the petitioner's browser."""

from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from fastapi.responses import Response

from central.portal import passes
from central.settings import Http, Settings


def test_a_pass_opens_its_petition(tmp_path: Path, now: datetime) -> None:
    petition = uuid4()
    assert passes.read(tmp_path, passes.issue(tmp_path, petition, "v1", now=now), now=now) == (petition, "v1")


def test_it_ends_after_half_an_hour(tmp_path: Path, now: datetime) -> None:
    text = passes.issue(tmp_path, uuid4(), "v1", now=now)
    assert passes.read(tmp_path, text, now=now + timedelta(minutes=29, seconds=59)) is not None
    assert passes.read(tmp_path, text, now=now + timedelta(minutes=30)) is None


@pytest.mark.parametrize("text", ["", "x", "a.b", "W10.x", "é"])
def test_what_is_no_pass_opens_nothing(text: str, tmp_path: Path, now: datetime) -> None:
    assert passes.read(tmp_path, text, now=now) is None


def test_a_pass_that_was_changed_or_made_elsewhere_opens_nothing(tmp_path: Path, now: datetime) -> None:
    text = passes.issue(tmp_path / "elsewhere", uuid4(), "v1", now=now)
    assert passes.read(tmp_path, text, now=now) is None
    own = passes.issue(tmp_path, uuid4(), "v1", now=now)
    assert passes.read(tmp_path, "A" + own[1:], now=now) is None


def test_behind_tls_the_cookie_travels_on_tls_alone(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, http=Http(secure=True))
    answer = Response()
    passes.hand_out(answer, "text", settings)
    passes.take_back(answer, settings)
    assert ["Secure" in each for each in answer.headers.getlist("set-cookie")] == [True, True]
