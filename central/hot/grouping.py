"""Group texts about one problem: by the runs of signs that few others have, one leader after the other. Pure.

Each text becomes the runs of two to four signs that tell most (tf-idf), those of its subject counting more; it joins the group
whose mean it is nearest to (cosine), or begins one. Two further rounds put each where it fits best now.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from central.matters.texts import grammar, plain

#: Signs of a text that are read, runs kept of each, and runs a group's mean keeps.
READ, KEPT, MEAN = 600, 28, 80
#: How much a run of the subject counts against one of the text.
OF_SUBJECT = 3
#: Nearness from which a text joins a group, and from which two groups are one.
JOINS, ONE = 0.26, 0.4
#: Different signs that a text must share with a group: the name of a town alone is no problem.
SIGNS = 5
#: Of the heaviest run of a mean, the share from which a run is one of the group's own.
OWN = 0.25
#: A run that more than this share of all texts have, or fewer than so many, groups nothing.
COMMON, FEWEST = 0.12, 3
#: A word stands out if so many of the group have it.
COVERS = 0.4
Vector = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Message:
    """One text. `place` is a city; texts of two cities are never about one problem, "" goes with any."""

    key: int
    place: str
    subject: str
    text: str


@dataclass(slots=True)
class Group:
    """Texts about one problem and the words that stand out."""

    place: str
    members: list[int] = field(default_factory=list)
    words: tuple[str, ...] = ()


def groups(messages: Sequence[Message], *, least: int) -> list[Group]:
    """Return the groups with at least `least` texts, the largest first."""
    runs = {each.key: _runs(each) for each in messages}
    counted = Counter(run for found in runs.values() for run in found)
    most = max(FEWEST * 4, len(messages) * COMMON)
    known = {run: math.log(len(messages) / n + 1) for run, n in counted.items() if FEWEST <= n <= most}
    vectors = {key: _vector(found, known) for key, found in runs.items()}
    places = {each.key: each.place for each in messages}
    order = sorted(
        (key for key in vectors if vectors[key]), key=lambda key: (-sum(vectors[key].values()), key)
    )
    made = _assign(order, vectors, places, [])
    for _ in range(2):
        means = [_mean(vectors[key] for key in each.members) for each in made]
        made = _merged(_assign(order, vectors, places, means, made), vectors)
    kept = [each for each in made if len(each.members) >= least]
    for each in kept:
        each.words = _words(each.members, runs, counted, len(messages))
    return sorted(kept, key=lambda each: (-len(each.members), each.words))


def _runs(message: Message) -> dict[str, int]:
    made: dict[str, int] = {}
    for text, weight in ((message.text[:READ], 1), (message.subject, OF_SUBJECT)):
        for part in plain(text).split():
            for size in (2, 3, 4):
                for i in range(len(part) - size + 1):
                    run = part[i : i + size]
                    if grammar().isdisjoint(run):
                        made[run] = max(made.get(run, 0), weight)
    return made


def _vector(found: Mapping[str, int], known: Mapping[str, float]) -> Vector:
    weighed = {run: weight * known[run] for run, weight in found.items() if run in known}
    best = sorted(weighed, key=lambda run: (-weighed[run], run))[:KEPT]
    length = math.sqrt(sum(weighed[run] ** 2 for run in best))
    return {run: weighed[run] / length for run in best} if length else {}


def _mean(vectors: Iterable[Vector]) -> Vector:
    total: defaultdict[str, float] = defaultdict(float)
    for each in vectors:
        for run, weight in each.items():
            total[run] += weight
    best = sorted(total, key=lambda run: (-total[run], run))[:MEAN]
    length = math.sqrt(sum(total[run] ** 2 for run in best))
    return {run: total[run] / length for run in best} if length else {}


def _assign(
    order: Sequence[int],
    vectors: Mapping[int, Vector],
    places: Mapping[int, str],
    means: list[Vector],
    before: Sequence[Group] = (),
) -> list[Group]:
    """Put each text into the group it is nearest to; without means given, groups grow as they come."""
    fixed = bool(means)
    made = [Group(each.place) for each in before]
    sums: list[defaultdict[str, float]] = []
    having: defaultdict[str, set[int]] = defaultdict(set)
    for i, mean in enumerate(means):
        for run in mean:
            having[run].add(i)
    for key in order:
        best = _best(vectors[key], places[key], made, means, having)
        if best is None and fixed:
            continue
        if best is None:
            best = len(made)
            made.append(Group(places[key]))
            means.append({})
            sums.append(defaultdict(float))
        made[best].members.append(key)
        made[best].place = made[best].place or places[key]
        if not fixed:
            for run, weight in vectors[key].items():
                sums[best][run] += weight
                having[run].add(best)
            if len(made[best].members) <= 8 or len(made[best].members) % 16 == 0:
                means[best] = _mean([sums[best]])
    return [each for each in made if each.members]


def _best(
    vector: Vector,
    place: str,
    made: Sequence[Group],
    means: Sequence[Vector],
    having: Mapping[str, set[int]],
) -> int | None:
    """Return which group a text is nearest to, None where none is near enough."""
    near: defaultdict[int, float] = defaultdict(float)
    for run, weight in vector.items():
        for i in having.get(run, ()):
            near[i] += weight * means[i].get(run, 0.0)
    fits = [
        i for i in near if near[i] >= JOINS and _together(made[i].place, place) and _share(vector, means[i])
    ]
    return max(fits, key=lambda i: (near[i], -i), default=None)


def _together(one: str, other: str) -> bool:
    return not one or not other or one == other


def _share(one: Vector, mean: Vector) -> bool:
    """Say whether a text and a group have more in common than one short name."""
    heavy = max(mean.values(), default=0.0) * OWN
    return len({sign for run in one if mean.get(run, 0.0) >= heavy for sign in run}) >= SIGNS


def _merged(made: Sequence[Group], vectors: Mapping[int, Vector]) -> list[Group]:
    """Return the groups, those near a larger one put into it."""
    kept: list[Group] = []
    means: list[Vector] = []
    having: defaultdict[str, set[int]] = defaultdict(set)
    for group in sorted(made, key=lambda each: (-len(each.members), each.members[0])):
        mean = _mean(vectors[key] for key in group.members)
        near: defaultdict[int, float] = defaultdict(float)
        for run, weight in mean.items():
            for i in having[run]:
                near[i] += weight * means[i][run]
        fits = [
            i
            for i in near
            if near[i] >= ONE and _together(kept[i].place, group.place) and _share(mean, means[i])
        ]
        if fits:
            into = kept[max(fits, key=lambda i: (near[i], -i))]
            into.members += group.members
            into.place = into.place or group.place
            continue
        for run in mean:
            having[run].add(len(kept))
        kept.append(group)
        means.append(mean)
    return kept


def _words(
    members: Sequence[int], runs: Mapping[int, Mapping[str, int]], counted: Mapping[str, int], total: int
) -> tuple[str, ...]:
    """Return the runs that many of the group and few others have, joined where they overlap; at most five."""
    inside = Counter(run for key in members for run in runs[key])
    size = len(members)
    told = {
        run: n / size * math.log((total + 1) / (counted[run] - n + 1)) * (1 + 0.25 * len(run))
        for run, n in inside.items()
        if n >= max(2, COVERS * size)
    }
    chosen: list[str] = []
    for run in sorted(told, key=lambda run: (-told[run], run)):
        if not _taken(run, chosen):
            chosen.append(run)
        if len(chosen) == 5:
            break
    return tuple(chosen)


def _taken(run: str, chosen: list[str]) -> bool:
    """Say whether a run says no more than one chosen before; one that goes on where that ends makes it longer."""
    for i, each in enumerate(chosen):
        if run in each:
            return True
        for size in (3, 2):
            if len(run) > size and len(each) < 10:
                if each.endswith(run[:size]):
                    chosen[i] = each + run[size:]
                    return True
                if each.startswith(run[-size:]):
                    chosen[i] = run[:-size] + each
                    return True
    return False
