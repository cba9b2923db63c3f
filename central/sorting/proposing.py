"""What is proposed for one text, and why: the category by what was learned, court, rule set and template by rules."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session

from central.courts import queries as courts
from central.matters.texts import all_numbers
from central.sorting import held, queries, tree
from central.sorting.competence import Competent, competent
from central.sorting.habits import Habit
from central.sorting.models import SortingModel
from central.sorting.scheme import Category, current
from central.sorting.tree import Level
from central.suggestions import grams, learning
from central.suggestions import model as weights
from central.suggestions.model import Model, OtherForm
from central.vault.errors import SealBroken
from central.vault.rows import vault_of
from central.wording.shipped import Text

#: Words shown for a category.
MOST_WORDS = 5
#: Shorter texts say nothing.
LEAST_SIGNS = 8


@dataclass(frozen=True, slots=True)
class Proposed:
    """A category as deep as it is sure, with the words of the text that speak for it. No level: silent."""

    version: SortingModel
    levels: Sequence[Level] = ()
    words: Sequence[str] = ()

    @property
    def deepest(self) -> Level | None:
        """The category that can be taken."""
        return self.levels[-1] if self.levels else None

    @property
    def code(self) -> str | None:
        """Its code, None if silent."""
        return self.levels[-1].category.code if self.levels else None

    @property
    def percent(self) -> int | None:
        """Its chance in hundredths."""
        return round(self.levels[-1].chance * 100) if self.levels else None


@dataclass(frozen=True, slots=True)
class Offer:
    """All that is proposed for a text. `learned` is None while no version is in force."""

    learned: Proposed | None
    court: Competent | None
    #: From what rule set and templates follow: the chosen category, else the proposed one, else the kind.
    basis: Category | None
    templates: Sequence[Text] = ()
    #: Templates learned from use, each with how often; they go before the others.
    used: Sequence[tuple[Habit, Text]] = ()


def text_of(subject: str, text: str) -> str:
    """Return the text that is learned from and judged."""
    return f"{subject}\n{text}"


def category(s: Session, text: str, *, data: Path, least: float, words: bool = True) -> Proposed | None:
    """Return the proposal of the version in force, None if there is none; it may be silent."""
    version = queries.in_force(s)
    model = _weights(s, version, data) if version else None
    if version is None or model is None:
        return None
    if len(text.strip()) < LEAST_SIGNS:
        return Proposed(version)
    found = tree.levels(current(), model.labels, learning.chances(model, text).tolist(), least)
    return Proposed(version, found, _words(model, text, found[-1].category) if found and words else ())


def _weights(s: Session, version: SortingModel, data: Path) -> Model | None:
    try:
        return held.opened(vault_of(s), data, version.id)
    except (FileNotFoundError, SealBroken, OtherForm):
        return None  # as after a restore without the folder, or an update; the next learning makes them anew


def _words(model: Model, text: str, wanted: Category) -> list[str]:
    cleaned, known = grams.clean(text), current()
    own = []
    for at, label in enumerate(model.labels):
        there = known.carried(tree.code_of(label))
        if there is not None and there.code.startswith(wanted.code):
            own.append(at)
    signs = weights.evidence(model, cleaned, own)
    found = (cleaned[start:end] for start, end, _ in weights.stretches(signs, cleaned, MOST_WORDS * 2))
    return list(dict.fromkeys(found))[:MOST_WORDS]


def court(s: Session, text: str, numbers: Iterable[str], basis: Category | None) -> Competent | None:
    """Return the court that a text points to."""
    return competent(
        text, all_numbers(text, numbers), queries.known_courts(s), above=basis.above if basis else False
    )


def offer(
    s: Session,
    text: str,
    *,
    numbers: Iterable[str],
    path: str,
    data: Path,
    least: float,
    chosen: Category | None = None,
    kind: str = "",
) -> Offer:
    """Return all that is proposed for a text at the court at `path`; each part is silent below `least`."""
    learned = category(s, text, data=data, least=least)
    basis = chosen or (learned.deepest.category if learned and learned.deepest else queries.of_kind(kind))
    found = court(s, text, numbers, basis)
    used, others = _templates(s, path, basis) if basis else ((), ())
    return Offer(
        learned=learned,
        court=found if found and found.sure >= least else None,
        basis=basis,
        templates=others,
        used=used,
    )


def _templates(s: Session, path: str, basis: Category) -> tuple[Sequence[tuple[Habit, Text]], Sequence[Text]]:
    place = courts.by_code(s, path.strip("/").rpartition("/")[2])
    return queries.templates(s, path, basis, queries.habits_of(s, place.id, basis))
