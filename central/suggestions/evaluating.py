"""How well categories are foretold on texts nobody learned from: cross-validation, beside the plain tool, in the same folds.

The plain tool is what a specialist would try first: a linear support vector machine over runs of one to three characters weighted
by rarity (scikit-learn's `TfidfVectorizer(analyzer="char", ngram_range=(1, 3))` and `LinearSVC`, both as they come).
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer
from sklearn.svm import LinearSVC

from central.suggestions import fitting, grams
from central.suggestions.fitting import Meanings
from central.suggestions.grams import Whole

Progress = Callable[[int, int], None]
Meant = Callable[[Sequence[str], Sequence[str], Callable[[int], None]], tuple[Meanings | None, float]]


def cross_validated(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    folds: int,
    seed: int,
    together: bool,
    progress: Progress,
    meanings: Meant | None = None,
) -> dict[str, Any]:
    """Return how both foretold each text from the other folds. `together`: a text sent twice never stands on both sides.

    `meanings` gives what texts and names mean; that was learned elsewhere and from none of these texts.
    """
    names = tuple(sorted(set(labels)))
    at = np.searchsorted(np.array(names), np.array(list(labels)))
    cleaned = [grams.clean(text) for text in texts]
    alike = cleaned if together else [str(number) for number in range(len(texts))]
    fold = fitting.folds(alike, at, folds, seed)
    ours, plain = np.zeros(len(at), dtype=np.int64), np.zeros(len(at), dtype=np.int64)
    seconds = {"ours": 0.0, "plain": 0.0}
    started = time.process_time()
    many = len(texts)
    meant, spent = meanings(cleaned, names, lambda done: progress(done, many)) if meanings else (None, 0.0)
    seconds["ours"] += spent
    seen, _ = fitting.table(cleaned, seed, fewest=1, meanings=meant)
    seconds["ours"] += time.process_time() - started
    started = time.process_time()
    counts = CountVectorizer(analyzer="char", ngram_range=(1, 3)).fit_transform(list(texts))
    seconds["plain"] += time.process_time() - started
    for number in range(folds):
        progress(number, folds)
        own, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        started = time.process_time()
        taught = fitting.taught(seen.part(rest), at[rest], names, [cleaned[row] for row in rest], seed)
        ours[own] = taught.odds(seen.part(own)).argmax(axis=1)
        seconds["ours"] += time.process_time() - started
        started = time.process_time()
        plain[own] = _plain(counts[rest], at[rest], counts[own])
        seconds["plain"] += time.process_time() - started
    progress(folds, folds)
    return {
        "labels": list(names),
        "ours": {**figures(at, ours, names), "seconds": round(seconds["ours"], 1)},
        "plain": {**figures(at, plain, names), "seconds": round(seconds["plain"], 1)},
    }


def _plain(learned: Any, at: Whole, asked: Any) -> Whole:
    # Runs that stand in no text of the other folds are unknown to it, as if they had never been counted.
    known = np.flatnonzero(np.bincount(learned.indices, minlength=learned.shape[1]))
    weigh = TfidfTransformer().fit(learned[:, known])
    machine = LinearSVC(random_state=0).fit(weigh.transform(learned[:, known]), at)
    return np.asarray(machine.predict(weigh.transform(asked[:, known])), dtype=np.int64)


def figures(at: Whole, said: Whole, names: Sequence[str]) -> dict[str, Any]:
    """Return macro-F1, share right, precision, recall and F1 of each label, and the confusion (rows: what it was)."""
    many = len(names)
    table = np.zeros((many, many), dtype=np.int64)
    np.add.at(table, (at, said), 1)
    right, was, said_so = np.diag(table), table.sum(axis=1), table.sum(axis=0)
    precision = right / np.maximum(said_so, 1)
    recall = right / np.maximum(was, 1)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    per_label: Mapping[str, Any] = {
        name: {
            "rows": int(was[place]),
            "precision": round(float(precision[place]), 4),
            "recall": round(float(recall[place]), 4),
            "f1": round(float(f1[place]), 4),
        }
        for place, name in enumerate(names)
    }
    return {
        "macro_f1": round(float(f1.mean()), 4),
        "accuracy": round(float(right.sum() / max(len(at), 1)), 4),
        "per_class": per_label,
        "confusion": table.tolist(),
    }
