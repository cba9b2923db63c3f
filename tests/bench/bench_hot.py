"""Hot issues: planted problems of places among messages that stand alone: how much of each is found together, and how pure it is."""

import random
import time
from collections import Counter

from central.hot import grouping
from central.hot.rules import LEAST
from tests.bench import problems
from tests.bench.rows import Options, Row


def run(options: Options) -> list[Row]:
    """Return recall and purity over the planted problems, and seconds. `--rows` is the number of other messages."""
    planted = max(8, min(60, options.rows // 100))
    messages, truth = problems.made(random.Random(3), planted=planted, alone=options.rows)
    begun = time.process_time()
    found = grouping.groups(
        [grouping.Message(i, "", subject, text) for i, (subject, text) in enumerate(messages)], least=LEAST
    )
    spent = time.process_time() - begun
    sizes = Counter(truth)
    recall = [
        max((sum(truth[i] == problem for i in each.members) for each in found), default=0) / sizes[problem]
        for problem in range(planted)
    ]
    purity = list[float]()
    for each in found:
        most, count = Counter(truth[i] for i in each.members).most_common(1)[0]
        if most >= 0:
            purity.append(count / len(each.members))
    return [
        Row("hot", "of each problem, found together", sum(recall) / planted * 100, "%"),
        Row("hot", "of a group, about one problem", sum(purity) / max(1, len(purity)) * 100, "%"),
        Row("hot", "grouping", spent, "s"),
    ]
