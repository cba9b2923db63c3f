"""Labelled messages made up by a seed: words of their own for each category, unevenly used, between words that all use.

No real text stands in them, and no word of the topics that come with the program: what is measured is the learning alone.
"""

from collections.abc import Sequence

import numpy as np

#: How often each category comes, as uneven as in real offices.
SHARES = (0.22, 0.21, 0.17, 0.13, 0.10, 0.10, 0.07)
#: CJK signs that everyday texts hardly use: no word made of them stands among the topics.
_FIRST, _SIGNS = 0x3400, 2_500


def made(many: int, seed: int, *, length: int = 60, own: float = 0.06) -> tuple[list[str], list[str]]:
    """Return texts of about `length` words and their labels; a share `own` of the words belongs to the category."""
    rng = np.random.default_rng(seed)
    common, special = _words(rng, 3_000), [_words(rng, 400) for _ in SHARES]
    texts, labels = [], []
    for label in rng.choice(len(SHARES), size=many, p=SHARES).tolist():
        words = _pick(rng, common, int(rng.integers(length // 2, length * 3 // 2)))
        # Some say what they want in one word, others talk around it in the words of another office.
        for place in np.flatnonzero(rng.random(len(words)) < own).tolist():
            wrong = rng.random() < 0.25
            words[place] = _pick(rng, special[int(rng.integers(len(SHARES))) if wrong else label], 1)[0]
        texts.append("".join(words))
        labels.append(f"类{label}")
    return texts, labels


def _words(rng: np.random.Generator, many: int) -> list[str]:
    sizes = rng.integers(2, 4, size=many)
    return ["".join(chr(_FIRST + int(sign)) for sign in rng.integers(0, _SIGNS, size=size)) for size in sizes]


def _pick(rng: np.random.Generator, words: Sequence[str], many: int) -> list[str]:
    # Zipf's law: few words are used often, most of them hardly ever.
    ranks = np.minimum(rng.zipf(1.3, size=many), len(words)) - 1
    return [words[int(rank)] for rank in ranks]
