"""Learn categories from texts; runs in a process of its own (`child.py`), which alone loads scikit-learn.

Linear learners and what the names of the categories say are joined by how well each foretold texts it had not seen: a linear
support vector machine over pieces weighted by rarity; complement naive Bayes over the same; support vector machines over pieces
scaled by their log-count ratios (Wang and Manning 2012); logistic regression over topics, and over what the texts mean (`meaning.py`).
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import ComplementNB
from sklearn.svm import LinearSVC

from central.suggestions import grams, meaning
from central.suggestions.grams import Codes, Floats, Whole
from central.suggestions.model import Model, softmax

#: A piece in fewer texts is not learned: it would be a name, or a slip of the pen.
FEWEST_TEXTS = 2
#: Two more with meanings: what was learned of them, and how close a text is to the name of a category.
LEARNERS, WITH_MEANINGS = 5, 7
#: How far the numbers of meanings are trusted (inverse of the penalty).
MEANING_COST = 10.0
#: How many examples a topic that a label is named after is worth.
PSEUDO = 3.0
#: From so many texts on, two halves tell as much about the learners as five fifths.
MANY = 3_000


@dataclass(frozen=True, slots=True)
class Meanings:
    """What texts and names of categories mean (texts x 384, categories in the order of their names x 384), from `signs` of each text."""

    texts: Floats
    names: Floats
    signs: int


@dataclass(frozen=True, slots=True)
class Table:
    """Texts as counts of pieces (texts x pieces), as topics (texts x topics) and as meanings (texts x 384, or x 0 without)."""

    counts: sparse.csr_matrix
    topics: Floats
    meanings: Floats
    names: Floats

    def part(self, rows: Whole) -> "Table":
        """Return some of the texts."""
        return replace(self, counts=self.counts[rows], topics=self.topics[rows], meanings=self.meanings[rows])


def table(
    texts: Sequence[str], seed: int, fewest: int = FEWEST_TEXTS, meanings: Meanings | None = None
) -> tuple[Table, Codes]:
    """Return cleaned texts as a table, and the codes of its pieces: those that stand in at least `fewest` texts."""
    found = grams.pieces(texts, grams.SIZES, seed)
    codes, at = np.unique(found.codes, return_inverse=True)
    counts = _matrix(found.rows, at, (len(texts), len(codes)))
    kept = np.flatnonzero(np.bincount(counts.indices, minlength=len(codes)) >= fewest)
    known = meanings or Meanings(np.zeros((len(texts), 0)), np.zeros((0, 0)), 0)
    topics = grams.topic_values(texts)
    return Table(counts[:, kept].tocsr(), topics, known.texts, known.names), codes[kept]


def meanings(
    texts: Sequence[str], names: Sequence[str], progress: Callable[[int], None] = lambda _done: None
) -> tuple[Meanings | None, float]:
    """Return what cleaned texts and the names of their categories mean, None where that cannot be had; and processor seconds."""
    signs = meaning.signs_for(len(texts))
    of_names, first = meaning.of_texts([grams.clean(name) for name in names], signs)
    of_texts, second = meaning.of_texts(texts, signs, progress)
    if of_names is None or of_texts is None:
        return None, first + second
    return Meanings(of_texts, of_names, signs), first + second


def _matrix(rows: Whole, columns: Whole, shape: tuple[int, int]) -> sparse.csr_matrix:
    made = sparse.csr_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)
    made.sum_duplicates()
    return made


def _rarity(counts: sparse.csr_matrix) -> Floats:
    texts = np.bincount(counts.indices, minlength=counts.shape[1])
    return np.asarray(np.log((1 + counts.shape[0]) / (1 + texts)) + 1.0)


def _weighted(counts: sparse.csr_matrix, rarity: Floats) -> sparse.csr_matrix:
    made = counts.copy()
    made.data = 1.0 + np.log(made.data)
    made = made.multiply(rarity[None, :]).tocsr()
    return _unit(made)


def _present(counts: sparse.csr_matrix) -> sparse.csr_matrix:
    made = counts.copy()
    made.data = np.ones_like(made.data)
    return _unit(made)


def _unit(made: sparse.csr_matrix) -> sparse.csr_matrix:
    size = np.sqrt(np.asarray(made.multiply(made).sum(axis=1)).ravel())
    return sparse.diags(1.0 / np.where(size > 0, size, 1.0)) @ made


@dataclass(frozen=True, slots=True)
class Learners:
    """Weights of each learner (inputs x labels), all linear; the last is what the names of the labels say."""

    rarity: Floats
    machine: Floats
    bayes: Floats
    ratios: Floats
    topical: Floats
    named: Floats
    meant: Floats
    close: Floats
    centre: Floats
    biases: Floats

    def voices(self, seen: Table) -> Floats:
        """Return what each learner says (learners x texts x labels)."""
        weighted, present = _weighted(seen.counts, self.rarity), _present(seen.counts)
        said = [
            weighted @ self.machine,
            weighted @ self.bayes,
            present @ self.ratios,
            seen.topics @ self.topical,
            seen.topics @ self.named,
        ]
        if seen.meanings.shape[1]:
            own = seen.meanings - self.centre
            said += [own @ self.meant, own @ self.close]
        return np.stack(said) + self.biases[:, None, :]


def _learn(seen: Table, at: Whole, labels: Sequence[str]) -> Learners:
    """Teach each learner; a label without an example here keeps the lowest weights."""
    rarity = _rarity(seen.counts)
    weighted, present = _weighted(seen.counts, rarity), _present(seen.counts)
    many, there = len(labels), np.unique(at)
    biases = np.zeros((_learners(seen), many))
    machine, biases[0] = _machines(weighted, at, many, 0.5)
    bayes = ComplementNB(alpha=0.3).fit(weighted, at)
    by_bayes = np.full((weighted.shape[1], many), -0.0)
    by_bayes[:, there] = bayes.feature_log_prob_.T - bayes.feature_log_prob_.T.mean(axis=1, keepdims=True)
    ratios = _ratios(seen.counts, at, many)
    scaled = np.zeros_like(ratios)
    for label in there:
        own = present @ sparse.diags(ratios[:, label])
        weights, bias = _machines(own, (at == label).astype(np.int64), 2, 0.3)
        scaled[:, label], biases[2, label] = weights[:, 1] * ratios[:, label], bias[1]
    topical = np.zeros((seen.topics.shape[1], many))
    named = grams.likely(labels)
    _put(_topical(seen.topics, at, named), topical, biases[3])
    meant, centre = np.zeros((seen.meanings.shape[1], many)), seen.meanings.mean(axis=0)
    close = (seen.names - seen.names.mean(axis=0)).T if len(meant) else meant
    if len(meant):
        by_meaning = LogisticRegression(C=MEANING_COST, max_iter=300, class_weight="balanced")
        _put(by_meaning.fit(seen.meanings - centre, at), meant, biases[5])
    biases[:, np.setdiff1d(np.arange(many), there)] -= 1.0
    return Learners(rarity, machine, by_bayes, scaled, topical, named, meant, close, centre, biases)


def _learners(seen: Table) -> int:
    return WITH_MEANINGS if seen.meanings.shape[1] else LEARNERS


def _put(regression: LogisticRegression, table: Floats, bias: Floats) -> None:
    """Write weights and biases of a regression into the columns of the labels it saw."""
    weights, own = regression.coef_.T, regression.intercept_
    if len(weights.T) == 1:
        weights, own = np.hstack([-weights, weights]) / 2, np.concatenate([-own, own]) / 2
    table[:, regression.classes_], bias[regression.classes_] = weights, own


def _topical(values: Floats, at: Whole, named: Floats) -> LogisticRegression:
    """Learn from topics; what the names of the labels say counts as a few examples more."""
    topic, label = np.nonzero(named)
    many = named.shape[1]
    each = len(at) / (many * np.maximum(np.bincount(at, minlength=many), 1))
    heed = np.concatenate([each[at], np.full(len(topic), PSEUDO)])
    taught = np.vstack([values, np.eye(len(named))[topic]])
    return LogisticRegression(C=1, max_iter=300).fit(taught, np.concatenate([at, label]), heed)


def _machines(seen: sparse.csr_matrix, at: Whole, many: int, cost: float) -> tuple[Floats, Floats]:
    fitted = LinearSVC(class_weight="balanced", C=cost, tol=1e-3, random_state=0).fit(seen, at)
    weights, bias = fitted.coef_.T, fitted.intercept_
    there = np.unique(at)
    if len(there) == 2:
        weights, bias = np.hstack([-weights, weights]), np.concatenate([-bias, bias])
    table, biases = np.zeros((seen.shape[1], many)), np.zeros(many)
    table[:, there], biases[there] = weights, bias
    return table, biases


def _ratios(counts: sparse.csr_matrix, at: Whole, many: int) -> Floats:
    present = counts.copy()
    present.data = np.ones_like(present.data)
    own = (
        np.asarray(
            (
                sparse.csr_matrix((np.ones(len(at)), (at, np.arange(len(at)))), (many, len(at))) @ present
            ).todense()
        )
        + 1.0
    )
    rest = own.sum(axis=0, keepdims=True) - own + 1.0
    found = np.log(own / own.sum(axis=1, keepdims=True)) - np.log(rest / rest.sum(axis=1, keepdims=True))
    return np.asarray(found.T)


@dataclass(frozen=True, slots=True)
class Join:
    """How the learners are joined: a weight for each, none negative, and a bias for each label."""

    weights: Floats
    bias: Floats

    def odds(self, voices: Floats) -> Floats:
        """Return log odds (texts x labels)."""
        return np.tensordot(self.weights, voices, 1) + self.bias


def join(voices: Floats, at: Whole, many: int, balance: float = 1.0, penalty: float = 0.5) -> Join:
    """Find how far each learner is to be believed, from what it said of texts it had not seen."""
    spread = voices.std(axis=(1, 2)) + 1e-9
    scaled = voices / spread[:, None, None]
    each = (len(at) / (many * np.maximum(np.bincount(at, minlength=many), 1))) ** balance
    heed, right, lines = each[at], np.eye(many)[at], np.arange(len(at))
    learners = len(voices)

    def loss(values: Floats) -> tuple[float, Floats]:
        weights, bias = values[:learners], values[learners:]
        chances = softmax(np.tensordot(weights, scaled, 1) + bias)
        wrong = (chances - right) * heed[:, None]
        total = -float(heed @ np.log(chances[lines, at] + 1e-12)) + penalty / 2 * float(values @ values)
        return total, np.concatenate(
            [(wrong[None] * scaled).sum(axis=(1, 2)) + penalty * weights, wrong.sum(axis=0) + penalty * bias]
        )

    first = np.concatenate([np.full(learners, 1.0 / learners), np.zeros(many)])
    bounds = [(0.0, None)] * learners + [(None, None)] * many
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds).x
    return Join(found[:learners] / spread, found[learners:])


def folds(texts: Sequence[str], at: Whole, many: int, seed: int) -> Whole:
    """Return a fold for each text: every label is spread evenly, and one text sent twice stays in one fold."""
    order = np.random.default_rng(seed).permutation(len(at))
    next_, of_text = np.zeros(int(at.max()) + 1, dtype=np.int64), dict[tuple[str, int], int]()
    found = np.zeros(len(at), dtype=np.int64)
    for row in order.tolist():
        key = (texts[row], int(at[row]))
        if key not in of_text:
            of_text[key] = int(next_[at[row]]) % many
            next_[at[row]] += 1
        found[row] = of_text[key]
    return found


@dataclass(frozen=True, slots=True)
class Taught:
    """The learners of some texts and how they are joined; `kept` are the pieces they know, of those of the table."""

    learners: Learners
    joined: Join
    kept: Whole
    held: Floats

    def odds(self, seen: Table) -> Floats:
        """Return log odds (texts x labels) for texts of a table with the same pieces."""
        return self.joined.odds(self.learners.voices(replace(seen, counts=seen.counts[:, self.kept].tocsr())))


def taught(
    seen: Table, at: Whole, names: Sequence[str], texts: Sequence[str], seed: int, fewest: int = FEWEST_TEXTS
) -> Taught:
    """Teach the learners with texts that are a table already, leaving out pieces of fewer than `fewest` texts."""
    kept = np.flatnonzero(np.bincount(seen.counts.indices, minlength=seen.counts.shape[1]) >= fewest)
    known_ = replace(seen, counts=seen.counts[:, kept].tocsr())
    held = _foretold(known_, at, names, folds(_spread(texts, at), at, 5 if len(at) < MANY else 2, seed))
    return Taught(_learn(known_, at, names), join(held, at, len(names)), kept, held)


def _spread(texts: Sequence[str], at: Whole) -> list[str]:
    """Return texts, told apart by their rows where a label has but one: kept in one fold, nothing could be foretold of that label."""
    said = sorted({(int(label), text) for text, label in zip(texts, at, strict=True)})
    alone = {label for label, many in Counter(label for label, _ in said).items() if many == 1}
    return [
        f"{text}\0{row}" if int(label) in alone else text
        for row, (text, label) in enumerate(zip(texts, at, strict=True))
    ]


def fit(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    seed: int,
    fewest: int = FEWEST_TEXTS,
    meanings: Meanings | None = None,
) -> Model:
    """Learn from cleaned texts and their labels, two labels at least."""
    names = tuple(sorted(set(labels)))
    at = np.searchsorted(np.array(names), np.array(list(labels)))
    seen, codes = table(texts, seed, fewest, meanings)
    found = taught(seen, at, names, texts, seed, fewest)
    scale, shift = _calibrated(found.joined.odds(found.held), at, len(names))
    return _model(found.learners, found.joined, codes[found.kept], names, seed, scale, shift, meanings)


def _foretold(seen: Table, at: Whole, names: Sequence[str], fold: Whole) -> Floats:
    """Return what learners say of each text that had not seen its fold."""
    said = np.zeros((_learners(seen), len(at), len(names)))
    for number in np.unique(fold):
        own, rest = np.flatnonzero(fold == number), np.flatnonzero(fold != number)
        if len(np.unique(at[rest])) > 1:
            said[:, own] = _learn(seen.part(rest), at[rest], names).voices(seen.part(own))
    return said


def _calibrated(odds: Floats, at: Whole, many: int) -> tuple[float, Floats]:
    plain = join(odds[None], at, many, balance=0.0, penalty=0.1)
    return float(plain.weights[0]), plain.bias


def _model(
    own: Learners,
    joined: Join,
    codes: Codes,
    names: tuple[str, ...],
    seed: int,
    scale: float,
    shift: Floats,
    meanings: Meanings | None,
) -> Model:
    one = np.float32
    belief = joined.weights
    return Model(
        labels=names,
        seed=seed,
        codes=codes,
        rarity=own.rarity.astype(one),
        weighted=(belief[0] * own.machine + belief[1] * own.bayes).astype(one),
        present=(belief[2] * own.ratios).astype(one),
        by_topic=(belief[3] * own.topical + belief[4] * own.named).astype(one),
        by_meaning=(belief[5] * own.meant + belief[6] * own.close if meanings else own.meant).astype(one),
        centre=own.centre.astype(one),
        signs=meanings.signs if meanings else 0,
        bias=(belief @ own.biases + joined.bias).astype(one),
        scale=scale,
        shift=shift.astype(one),
    )
