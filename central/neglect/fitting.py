"""Logistic regression with a penalty, isotonic calibration, and how well a forecast did. Numbers in, numbers out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
#: Of the examples, the latest so many calibrate and teach nothing else.
HELD_BACK = 0.25
BINS = 10


@dataclass(frozen=True, slots=True)
class Fitted:
    """Weights over plain features, and the steps that turn log odds into a chance. Plain data: evaluated without numpy."""

    weights: tuple[float, ...]
    bias: float
    means: tuple[float, ...]
    steps: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Bin:
    """Forecasts between two tenths: how many, what was said on average, what share was missed."""

    count: int
    said: float
    missed: float


@dataclass(frozen=True, slots=True)
class Quality:
    """How well chances did: area under the curve, Brier error, reliability by tenths."""

    auc: float
    brier: float
    bins: tuple[Bin, ...]


def fit(values: Floats, missed: Floats, *, penalty: float = 3.0) -> Fitted:
    """Fit on examples in the order of time: weights on the earlier part, calibration on the later."""
    cut = int(len(missed) * (1 - HELD_BACK))
    means, scales = values[:cut].mean(axis=0), values[:cut].std(axis=0)
    scales[scales < 1e-9] = 1.0
    weights, bias = _logistic((values[:cut] - means) / scales, missed[:cut], penalty)
    plain = weights / scales
    odds = values[cut:] @ plain + (bias - float(means @ plain))
    return Fitted(
        tuple(map(float, plain)),
        float(bias - means @ plain),
        tuple(map(float, means)),
        isotonic(odds, missed[cut:]),
    )


def _logistic(x: Floats, y: Floats, penalty: float) -> tuple[Floats, float]:
    """Newton's method; a few rounds, since the penalty keeps it convex and tame."""
    design = np.hstack([x, np.ones((len(x), 1))])
    beta = np.zeros(design.shape[1])
    ridge = np.full(design.shape[1], penalty)
    ridge[-1] = 1e-6
    for _ in range(25):
        chance = _squash(design @ beta)
        gradient = design.T @ (chance - y) + ridge * beta
        curve = (design * (chance * (1 - chance))[:, None]).T @ design + np.diag(ridge)
        step = np.linalg.solve(curve, gradient)
        beta -= step
        if float(np.abs(step).max()) < 1e-6:
            break
    return beta[:-1], float(beta[-1])


def _squash(odds: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(odds, -30, 30))))


def isotonic(odds: Floats, missed: Floats) -> tuple[tuple[float, float], ...]:
    """Return rising steps (from which log odds on, which chance) by pooling neighbours that are out of order."""
    order = np.argsort(odds, kind="stable")
    blocks: list[list[float]] = []
    for at, hit in zip(odds[order].tolist(), missed[order].tolist(), strict=True):
        blocks.append([at, hit, 1.0])
        while len(blocks) > 1 and blocks[-2][1] * blocks[-1][2] >= blocks[-1][1] * blocks[-2][2]:
            _, hits, count = blocks.pop()
            blocks[-1][1] += hits
            blocks[-1][2] += count
    # Nothing is certain: a step is drawn towards the middle as if one more of each had been seen.
    return tuple((at, (hits + 0.5) / (count + 1.0)) for at, hits, count in blocks)


def chances(odds: Floats, steps: Sequence[tuple[float, float]]) -> Floats:
    """Return the calibrated chances of log odds."""
    starts = np.array([at for at, _ in steps])
    heights = np.array([height for _, height in steps])
    return np.asarray(heights[np.clip(np.searchsorted(starts, odds, side="right") - 1, 0, None)])


def log_odds_of(fitted: Fitted, values: Floats) -> Floats:
    """Return the uncalibrated log odds of examples."""
    return np.asarray(values @ np.array(fitted.weights) + fitted.bias)


def one_chance(fitted: Fitted, values: Sequence[float]) -> float:
    """Return the chance of one example, in plain Python."""
    odds = fitted.bias + sum(weight * value for weight, value in zip(fitted.weights, values, strict=True))
    found = fitted.steps[0][1]
    for at, height in fitted.steps:
        if at > odds:
            break
        found = height
    return found


def judged(chance: Floats, missed: Floats, *, ranked_by: Floats | None = None) -> Quality:
    """Return how well `chance` did; ranks may come from what it was made of, which has fewer ties."""
    bins = []
    for low in range(BINS):
        within = (chance >= low / BINS) & ((chance < (low + 1) / BINS) if low + 1 < BINS else (chance <= 1.0))
        if within.any():
            bins.append(Bin(int(within.sum()), float(chance[within].mean()), float(missed[within].mean())))
    by = chance if ranked_by is None else ranked_by
    return Quality(auc(by, missed), float(((chance - missed) ** 2).mean()), tuple(bins))


def auc(odds: Floats, missed: Floats) -> float:
    """Return the chance that a missed deadline was ranked above one that was kept; ties count half. 0.5 with only one sort."""
    positive = int(missed.sum())
    negative = len(missed) - positive
    if not positive or not negative:
        return 0.5
    _, inverse, counts = np.unique(odds, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2.0)[inverse]
    return float((ranks[missed > 0.5].sum() - positive * (positive + 1) / 2) / (positive * negative))


def as_data(fitted: Fitted) -> dict[str, Any]:
    """Return a fitted model as JSON."""
    return {
        "weights": list(fitted.weights),
        "bias": fitted.bias,
        "means": list(fitted.means),
        "steps": [list(step) for step in fitted.steps],
    }


def from_data(data: dict[str, Any]) -> Fitted:
    """Return a fitted model from JSON."""
    return Fitted(
        tuple(data["weights"]),
        data["bias"],
        tuple(data["means"]),
        tuple((at, height) for at, height in data["steps"]),
    )


def table(rows: Sequence[Sequence[float]]) -> Floats:
    """Return examples as one array."""
    return np.array(rows, dtype=np.float64)


def column(values: Sequence[float]) -> Floats:
    """Return one number of each example as an array."""
    return np.array(values, dtype=np.float64)
