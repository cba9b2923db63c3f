"""A small drill of the copies, with real processes, on both engines: the whole one is `scripts/drill.sh backup`."""

import pytest

from tests.drills.backup import Asked, run


@pytest.mark.hall
def test_what_was_answered_comes_back_after_the_power_went(database_kind: str) -> None:
    result = run(Asked(engine=database_kind, seconds=3, every=1, petitions=20))
    assert result.wrong == []
    assert result.answered > 0
    assert result.documents > 0
    # A machine that is busy with other tests looks later than every second.
    assert result.rpo < 60
    assert 0 <= result.off < 60
