"""Where streams end, with hardly any of them in memory: the same as with all."""

from collections.abc import Sequence
from random import Random

import pytest
from sqlmodel import Session

from central.events import chains
from central.events.ends import End, Ends
from tests.factories import petitions
from tests.factories.accounts import house as make_house


def walk(ends: Ends, events: Sequence[tuple[bytes, End]], run: int) -> list[bytes]:
    """Put events in as a walk does; return the streams that are said to have begun twice."""
    twice: list[bytes] = []
    for start in range(0, len(events), run):
        for stream, end in events[start : start + run]:
            if stream not in ends.recent and end[0] != 1:
                assert ends.find(stream) == (end[0] - 1, b"%d" % (end[0] - 1))
            ends.recent[stream] = end
        ends.shed(twice.append)
    ends.close(twice.append)
    return twice


@pytest.mark.parametrize("held", [0, 3, 1000])
def test_however_few_are_held_every_stream_ends_where_it_ends(held: int) -> None:
    rng, last = Random(7), dict[bytes, int]()
    events: list[tuple[bytes, End]] = []
    for _ in range(3000):
        stream = b"petition/%d" % int(rng.paretovariate(0.6))
        last[stream] = last.get(stream, 0) + 1
        events.append((stream, (last[stream], b"%d" % last[stream])))
    ends = Ends(held)
    assert walk(ends, events, run=10) == []
    assert list(ends) == sorted((stream, (seq, b"%d" % seq)) for stream, seq in last.items())
    assert len(ends) == len(last)


def test_a_stream_that_begins_again_behind_what_was_put_away_is_named() -> None:
    ends = Ends(0)
    assert walk(ends, [(b"a", (1, b"x")), (b"b", (1, b"y")), (b"a", (1, b"z"))], run=1) == [b"a"]


def test_the_walk_finds_the_same_with_one_stream_in_memory(s: Session) -> None:
    house = make_house(s)
    for _ in range(5):
        petitions.registered(s, house)
    few, many = (chains.walk(s, chains.Digests([]), lambda _: None, held=held) for held in (1, 1000))
    assert list(few.ends) == list(many.ends)
    assert (few.events, few.doubted, len(few.ends)) == (many.events, {}, len(many.ends))
    assert list(chains.findings(s, few)) == []
