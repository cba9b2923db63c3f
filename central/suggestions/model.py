"""A fitted proposal of categories: linear over pieces and topics, so that every proposal can say which words speak for it. Pure.

The plain data of a model holds numbers alone. Which text a number stands for can only be found by one who has that text.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from central.suggestions import grams
from central.suggestions.grams import Codes, Floats, Pieces

Weights: TypeAlias = NDArray[np.float32]
#: Version of the form of the plain data.
FORM = 3


class OtherForm(ValueError):
    """The weights are of another form or of other topics than this program's: they must be learned anew."""


@dataclass(frozen=True, slots=True)
class Model:
    """Weights of one training. `weighted` goes with pieces by frequency and rarity, `present` with pieces that stand there at all."""

    labels: tuple[str, ...]
    seed: int
    codes: Codes
    rarity: Weights
    weighted: Weights
    present: Weights
    by_topic: Weights
    #: Meanings less `centre`, taken from the first `signs` of a text; no rows and 0 signs where none were to be had.
    by_meaning: Weights
    centre: Weights
    signs: int
    bias: Weights
    #: Log odds times `scale` plus `shift` are calibrated.
    scale: float
    shift: Weights


def softmax(odds: Floats) -> Floats:
    """Return chances from log odds, line by line."""
    raised: Floats = np.exp(odds - odds.max(axis=1, keepdims=True))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


@dataclass(frozen=True, slots=True)
class Counted:
    """The known pieces of one text: which, how often; and all occurrences for the marks."""

    at: NDArray[np.int64]
    counts: Floats
    found: Pieces
    places: NDArray[np.int64]


def counted(model: Model, text: str) -> Counted:
    """Return the pieces of a cleaned text that the model knows."""
    found = grams.pieces([text], grams.SIZES, model.seed)
    at = np.minimum(np.searchsorted(model.codes, found.codes), max(len(model.codes) - 1, 0))
    hit = model.codes[at] == found.codes if len(model.codes) else np.zeros(len(at), dtype=bool)
    known = Pieces(found.codes[hit], found.rows[hit], found.starts[hit], found.lengths[hit])
    which, counts = np.unique(at[hit], return_counts=True)
    return Counted(which, counts.astype(np.float64), known, at[hit])


def _values(model: Model, seen: Counted) -> tuple[Floats, float]:
    weighted = (1.0 + np.log(seen.counts)) * model.rarity[seen.at]
    size = float(np.linalg.norm(weighted)) or 1.0
    return weighted / size, 1.0 / float(np.sqrt(len(seen.at)) or 1.0)


def log_odds(model: Model, text: str, meaning: Floats | None = None) -> Floats:
    """Return the log odds of each label for one cleaned text, not yet calibrated; without its meaning that of an average text counts."""
    seen = counted(model, text)
    weighted, present = _values(model, seen)
    odds = weighted @ model.weighted[seen.at] + present * model.present[seen.at].sum(axis=0)
    odds = odds + grams.topic_values([text])[0] @ model.by_topic + model.bias
    if model.signs and meaning is not None:
        odds = odds + (meaning - model.centre) @ model.by_meaning
    return np.asarray(odds, dtype=np.float64)


def chances(model: Model, text: str, meaning: Floats | None = None) -> Floats:
    """Return the calibrated chance of each label for one text as received."""
    odds = log_odds(model, grams.clean(text), meaning)
    found: Floats = softmax((odds * model.scale + model.shift)[None, :])[0]
    return found


def evidence(model: Model, text: str, wanted: Sequence[int]) -> Floats:
    """Return for each sign of a cleaned text how much it speaks for the labels at `wanted` and against the others.

    What the text means as a whole has no place in it and is not among them.
    """
    seen = counted(model, text)
    weighted, present = _values(model, seen)
    rest = [at for at in range(len(model.labels)) if at not in set(wanted)]

    def against(table: Weights) -> Floats:
        own = table[:, list(wanted)].mean(axis=1)
        return np.asarray(own - (table[:, rest].mean(axis=1) if rest else 0.0), dtype=np.float64)

    total = weighted * against(model.weighted[seen.at]) + present * against(model.present[seen.at])
    each = dict(zip(seen.at.tolist(), (total / seen.counts).tolist(), strict=True))
    signs = np.zeros(len(text))
    pairs = zip(seen.places.tolist(), seen.found.starts.tolist(), seen.found.lengths.tolist(), strict=True)
    for place, start, length in pairs:
        signs[start : start + length] += each[place] / length
    _, at, _ = grams.word_counts([text])
    topical = against(model.by_topic)
    for index in at.tolist():
        word = grams.words()[index]
        value = float(grams.membership()[index] @ topical) / (10.0 * len(word))
        start = text.find(word)
        while start >= 0:
            signs[start : start + len(word)] += value
            start = text.find(word, start + len(word))
    return signs


def stretches(signs: Floats, text: str, most: int = 8) -> list[tuple[int, int, float]]:
    """Return the stretches of a text that speak most for a label, strongest first: two signs or more, never only blanks or marks."""
    if not len(signs) or signs.max() <= 0:
        return []
    bar = max(float(signs.max()) * 0.35, float(signs[signs > 0].mean()))
    found, start = [], None
    for at in range(len(signs) + 1):
        strong = at < len(signs) and signs[at] >= bar and text[at].isalnum()
        if strong and start is None:
            start = at
        elif not strong and start is not None:
            if at - start > 1:
                found.append((start, at, float(signs[start:at].sum())))
            start = None
    return sorted(found, key=lambda each: -each[2])[:most]


def packed(model: Model) -> bytes:
    """Return a model as bytes: arrays without objects, so that reading them runs nothing."""
    data: dict[str, Any] = {each.name: np.asarray(getattr(model, each.name)) for each in fields(model)}
    data["labels"] = np.array(list(model.labels), dtype=np.str_)
    data["weighted"], data["present"] = model.weighted.astype(np.float16), model.present.astype(np.float16)
    out = io.BytesIO()
    np.savez_compressed(out, form=np.asarray(FORM), **data)
    return out.getvalue()


def unpacked(content: bytes) -> Model:
    """Return the model that `packed` wrote; raise `OtherForm` for that of a program with other topics."""
    with np.load(io.BytesIO(content), allow_pickle=False) as data:
        if int(data["form"]) != FORM or len(data["by_topic"]) != len(grams.topics()):
            raise OtherForm
        weights = {
            name: data[name].astype(np.float32)
            for name in ("rarity", "weighted", "present", "by_topic", "by_meaning", "centre", "bias", "shift")
        }
        return Model(
            labels=tuple(str(each) for each in data["labels"]),
            seed=int(data["seed"]),
            codes=data["codes"],
            scale=float(data["scale"]),
            signs=int(data["signs"]),
            **weights,
        )
