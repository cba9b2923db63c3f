"""Learn from what the courts chose: a job's work, off the request path, in a process of its own on one core.

It writes a file of numbers and a row: the texts are gone with the process that learned. Erased petitions are not read any more.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from central import db
from central.actor import Actor, Via, system
from central.context import Context
from central.petitions.models import Petition
from central.sorting import held, judging, proposing, queries, tree, versions
from central.sorting.judging import Told
from central.sorting.models import PetitionCategory, SortingModel
from central.sorting.scheme import current
from central.suggestions import learning
from central.suggestions import model as weights
from central.suggestions.model import Model, OtherForm
from shared.ids import new_id

#: Decisions learned from, those cross-validated on, and those held out: the newest of each.
MOST, MOST_CROSSED, MOST_HELD = 20_000, 2_000, 1_000
#: A category with fewer decisions is counted at the level above.
FEWEST = 5
#: Decisions that make a beginning, and new ones without which nothing is learned anew.
LEAST, LEAST_NEW = 60, 20
FOLDS = 3
LOT = 500
#: A file without a row may be of a learning that goes on.
_BEING_WRITTEN = timedelta(hours=1)


class Learner(Protocol):
    """What learns: the real one is `central.suggestions.learning`."""

    def fit(self, texts: Sequence[str], labels: Sequence[str], *, seed: int, fewest: int) -> bytes:
        """Return a model of these texts, packed."""
        ...

    def evaluate(
        self, texts: Sequence[str], labels: Sequence[str], *, folds: int, seed: int
    ) -> dict[str, Any]:
        """Return what cross-validation found."""
        ...


@dataclass(frozen=True, slots=True)
class Decision:
    """One petition's text and the code that was chosen, in the scheme in force."""

    text: str
    code: str
    first_at: datetime
    month: str


@dataclass(frozen=True, slots=True)
class Learned:
    """What came of one learning. `version` is None if there was too little to learn from."""

    version: int | None
    decisions: int
    in_force: bool = False
    kept_out: str | None = None
    figures: dict[str, Any] | None = None


def run(
    context: Context, *, force: bool = False, by: Actor | None = None, learner: Learner = learning
) -> str:
    """Learn anew if it is time; return what came of it, '' if it was not or there is too little."""
    wanted, now = context.settings.sorting, context.clock.now()
    with context.read() as s:
        last, before = next(iter(queries.versions(s, limit=1)), None), queries.in_force(s)
        lost = before is not None and _opened(context, context.settings.data, before) is None
        if not force and not lost and last is not None and now - last.made_at < timedelta(days=wanted.days):
            return ""
    done = learn(context, by=by, learner=learner)
    if done.version is None:
        return ""
    return f"version {done.version} {'in force' if done.in_force else done.kept_out}"


def learn(context: Context, *, by: Actor | None = None, learner: Learner = learning) -> Learned:
    """Learn anew, test it on decisions it did not know beside the version in force, and keep it."""
    data, least, now = context.settings.data, context.settings.sorting.least, context.clock.now()
    with context.read() as s:
        held.clear(data, versions.known(s), before=now - _BEING_WRITTEN)
        before = queries.in_force(s)
        found = list(_decisions(s))
        old = _opened(context, data, before) if before else None
    codes = tree.learnable([each.code for each in found], FEWEST)
    rows = [(each, code) for each, code in zip(found, codes, strict=True) if code is not None]
    apart = _apart([each for each, _ in rows], before if old else None)
    if len(rows) < LEAST or apart is None or len({code for _, code in rows[:apart]}) < 2:
        return Learned(None, len(found))
    tested, kept = _fit(learner, rows[:apart]), rows[apart:][-MOST_HELD:]
    new = [_told(tested, each, least) for each, _ in kept]
    said = [_told(old, each, least) for each, _ in kept] if old else None
    figures = _figures(new, said) | _crossed(learner, rows[-MOST_CROSSED:])
    kept_out = judging.verdict(new, said)
    final, model_id = _packed(learner, rows), new_id()
    held.keep(context.vault, data, model_id, final)
    with db.unit_of_work(context.engine) as s:
        row = versions.keep(
            s,
            model_id=model_id,
            decisions=len(rows),
            labels=len({code for _, code in rows}),
            figures=figures,
            kept_out=kept_out,
            by=by or system(Via.JOB),
            now=now,
        )
        return Learned(row.number, len(rows), kept_out is None, kept_out, figures)


def _decisions(s: Session) -> Iterator[Decision]:
    """Yield the newest decisions, oldest first. For the job: nothing of a text is shown or kept."""
    query = (
        select(PetitionCategory, Petition)
        .join(Petition, col(Petition.id) == col(PetitionCategory.petition_id))
        .options(load_only(Petition.subject, Petition.text))  # type: ignore[arg-type]
        .where(col(Petition.erased_at).is_(None))
        .order_by(col(PetitionCategory.month).desc(), col(PetitionCategory.petition_id).desc())
        .limit(MOST)
        .execution_options(yield_per=LOT)
    )
    found = []
    for row, petition in s.exec(query):
        category = queries.category_of(row)
        if category is not None and category.code in current().categories:
            text = proposing.text_of(petition.subject, petition.text)
            found.append(Decision(text, category.code, row.first_at, row.month))
        s.expunge(petition)
    yield from sorted(found, key=lambda each: (each.first_at, each.month))


def _apart(rows: Sequence[Decision], before: SortingModel | None) -> int | None:
    """Return where the decisions held out begin: after the version in force was made, so that neither knows them; else the newest fifth.

    None: too few new ones to say which is better.
    """
    if before is None:
        return len(rows) - max(len(rows) // 5, 1)
    new = sum(each.first_at > before.made_at for each in rows)
    return len(rows) - new if LEAST_NEW <= new < len(rows) - LEAST_NEW else None


def _packed(learner: Learner, rows: Sequence[tuple[Decision, str]]) -> bytes:
    categories = current().categories
    labels = [categories[code].label for _, code in rows]
    return learner.fit([each.text for each, _ in rows], labels, seed=1, fewest=2)


def _fit(learner: Learner, rows: Sequence[tuple[Decision, str]]) -> Model:
    return weights.unpacked(_packed(learner, rows))


def _opened(context: Context, data: Path, version: SortingModel) -> Model | None:
    try:
        return held.opened(context.vault, data, version.id)
    except (FileNotFoundError, OtherForm):
        return None


def _told(model: Model, decision: Decision, least: float) -> Told:
    chances = learning.chances(model, decision.text).tolist()
    sure = tree.levels(current(), model.labels, chances, least)
    likeliest = tree.levels(current(), model.labels, chances, 0.0)
    return Told(
        decision.code,
        likeliest[-1].category.code if likeliest else "",
        sure[-1].category.code if sure else None,
    )


def _figures(new: Sequence[Told], old: Sequence[Told] | None) -> dict[str, Any]:
    spoken = [each for each in new if each.proposed]
    return {
        "held": len(new),
        "held_f1": round(judging.agreement(new), 4),
        "before_f1": round(judging.agreement(old), 4) if old is not None else None,
        "proposed": len(spoken),
        "right": sum(judging.is_right(each.chosen, each.proposed or "") for each in spoken),
    }


def _crossed(learner: Learner, rows: Sequence[tuple[Decision, str]]) -> dict[str, Any]:
    """Return macro-F1 by cross-validation, of this program and of the plain tool, over categories that have a row for each fold."""
    categories = current().categories
    texts, labels = [each.text for each, _ in rows], [categories[code].label for _, code in rows]
    enough = [label for label in set(labels) if labels.count(label) >= FOLDS]
    if len(enough) < 2:
        return {}
    wanted = [at for at, label in enumerate(labels) if label in set(enough)]
    found = learner.evaluate([texts[at] for at in wanted], [labels[at] for at in wanted], folds=FOLDS, seed=1)
    ours = found["ours"]
    return {
        "crossed": len(wanted),
        "crossed_f1": ours["macro_f1"],
        "plain_f1": found["plain"]["macro_f1"],
        "classes": {tree.code_of(label): each["f1"] for label, each in ours["per_class"].items()},
    }


def figures_of(row: SortingModel) -> dict[str, Any]:
    """Return the figures of a version."""
    found: dict[str, Any] = json.loads(row.figures)
    return found
