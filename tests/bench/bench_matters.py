"""One matter: of made-up repeats, how many are found among so many other petitions, and how many others are shown with them.

Texts alone: no case number, identity or phone is given, all courts are near. `--rows` is the number of matters, at most 20,000; the letters
follow from eight stories and share most of their words, harder to tell apart than real ones. Measured on the pure functions with the lists
in memory, read as the database gives them.
"""

import random
import time
from collections import defaultdict

from central.matters import queries, rules, texts
from central.matters.rules import Likely, Reason
from tests.bench import repeats
from tests.bench.rows import Options, Row

MOST, ASKED = 20_000, 150
_KEY = b"k" * 32


def run(options: Options) -> list[Row]:
    """Return recall and precision by what was done to the letter."""
    rng = random.Random(7)
    firsts = [repeats.story(rng, i) for i in range(min(options.rows, MOST))]
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for first in firsts:
        for value in texts.pieces(first.text, _KEY):
            lists[value].append(first.matter)
    found, shown, asked = defaultdict[str, int](int), defaultdict[str, int](int), defaultdict[str, int](int)
    begun = time.process_time()
    for first in rng.sample(firsts, min(ASKED, len(firsts))):
        for again in repeats.repeats(first, rng):
            likely = _likely(again.text, firsts, lists)
            for how in (again.how, "all"):
                asked[how] += 1
                found[how] += again.matter in likely
                shown[how] += len(likely)
    spent = time.process_time() - begun
    rows = [
        Row("matters", f"{how}: {name}", value, unit)
        for how in asked
        for name, value, unit in (
            ("found", found[how] / asked[how] * 100, "%"),
            ("of what is shown, the right one", found[how] / max(1, shown[how]) * 100, "%"),
        )
    ]
    return [*rows, Row("matters", "a look", spent / asked["all"] * 1000, "ms")]


def _likely(text: str, firsts: list[repeats.Letter], lists: dict[int, list[int]]) -> dict[int, Likely]:
    weight: defaultdict[int, float] = defaultdict(float)
    for value in texts.pieces(text, _KEY):
        having = lists.get(value, [])[-queries.NEWEST :]
        for each in having:
            weight[each] += 1 / (1 + len(having) / 10)
    opened = sorted(weight, key=lambda each: (-weight[each], -each))[: queries.OPENED]
    own, made = texts.ready(text), {each: texts.ready(firsts[each].text) for each in opened}
    told = texts.weights([own, *made.values()]) if len(made) >= queries.ENOUGH else {}
    alike = {each: texts.likeness(own, made[each], told) for each in opened}
    return rules.trimmed(
        {
            key: Likely((Reason.TEXT,), value)
            for key, value in alike.items()
            if rules.is_alike(value, near_by=True)
        }
    )
