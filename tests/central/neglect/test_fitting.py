"""Fitting, calibration and scores, held to figures known beforehand."""

import numpy as np
import pytest

from central.neglect import fitting

RNG = np.random.default_rng(4)
X = RNG.normal(size=(6000, 3))
CHANCE = 1 / (1 + np.exp(-(1.5 * X[:, 0] - 1.0 * X[:, 1] - 1.0)))
Y = (RNG.random(6000) < CHANCE).astype(float)


def test_known_chances_are_found_again() -> None:
    fitted = fitting.fit(X[:4000], Y[:4000])
    assert fitted.weights[0] == pytest.approx(1.5, abs=0.15)
    assert fitted.weights[1] == pytest.approx(-1.0, abs=0.15)
    assert abs(fitted.weights[2]) < 0.1
    found = fitting.chances(fitting.log_odds_of(fitted, X[4000:]), fitted.steps)
    oracle = fitting.judged(CHANCE[4000:], Y[4000:])
    mine = fitting.judged(found, Y[4000:], ranked_by=fitting.log_odds_of(fitted, X[4000:]))
    assert mine.auc == pytest.approx(oracle.auc, abs=0.01)
    assert mine.brier == pytest.approx(oracle.brier, abs=0.008)
    assert all(abs(each.said - each.missed) < 0.12 for each in mine.bins if each.count > 100)


def test_one_chance_in_plain_numbers_is_the_same_as_many_at_once() -> None:
    fitted = fitting.fit(X, Y)
    again = fitting.from_data(fitting.as_data(fitted))
    assert again == fitted
    many = fitting.chances(fitting.log_odds_of(fitted, X[:50]), fitted.steps)
    assert [fitting.one_chance(again, row.tolist()) for row in X[:50]] == pytest.approx(many.tolist())


def test_the_area_under_the_curve_counts_ties_half() -> None:
    missed = np.array([0.0, 0.0, 1.0, 1.0])
    assert fitting.auc(np.array([1.0, 2.0, 3.0, 4.0]), missed) == 1.0
    assert fitting.auc(np.array([4.0, 3.0, 2.0, 1.0]), missed) == 0.0
    assert fitting.auc(np.array([1.0, 1.0, 1.0, 1.0]), missed) == 0.5
    assert fitting.auc(np.array([1.0, 2.0, 2.0, 3.0]), missed) == 0.875
    assert fitting.auc(np.array([1.0, 2.0]), np.array([0.0, 0.0])) == 0.5


def test_the_brier_score_is_the_mean_square() -> None:
    score = fitting.judged(np.array([0.8, 0.3]), np.array([1.0, 0.0]))
    assert score.brier == pytest.approx((0.04 + 0.09) / 2)
    assert sum(each.count for each in score.bins) == 2


def test_calibration_rises_and_is_never_certain() -> None:
    score = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    steps = fitting.isotonic(score, np.array([0.0, 1.0, 0.0, 1.0, 1.0]))
    heights = [height for _, height in steps]
    assert heights == sorted(heights)
    assert 0 < heights[0] < heights[-1] < 1


def test_a_column_that_never_changes_does_no_harm() -> None:
    constant = np.hstack([X, np.ones((len(X), 1))])
    assert all(np.isfinite(fitting.fit(constant, Y).weights))
