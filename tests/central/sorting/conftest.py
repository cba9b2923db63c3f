"""Desks, and a version of proposals that was learned from a few made-up texts."""

from collections.abc import Callable
from typing import Any

import pytest

from central import db
from central.actor import Via, system
from central.context import Context
from central.demo.deciding import examples
from central.sorting import held, versions
from central.sorting.models import SortingModel
from central.sorting.scheme import current
from central.suggestions import fitting, grams, model
from shared.ids import new_id
from tests.central.desk.conftest import desk, statements
from tests.central.supervision.conftest import province

__all__ = ["desk", "province", "statements"]
#: Enough to tell these apart, and quick.
CODES = ("020101", "050203", "060101", "070101")


class Learner:
    """Learns in this process, once for all tests: the same texts give the same numbers."""

    packed: bytes = b""
    asked: int = 0

    def fit(self, texts: Any, labels: Any, *, seed: int, fewest: int) -> bytes:
        self.asked = len(texts)
        if not Learner.packed:
            own = [(text, code) for text, code in examples() if code in CODES]
            found = [current().categories[code].label for _, code in own]
            Learner.packed = model.packed(fitting.fit([grams.clean(each) for each, _ in own], found, seed=1))
        return Learner.packed

    def evaluate(self, texts: Any, labels: Any, *, folds: int, seed: int) -> dict[str, Any]:
        return {
            "ours": {"macro_f1": 0.9, "per_class": {label: {"f1": 0.9} for label in labels}},
            "plain": {"macro_f1": 0.8},
        }


@pytest.fixture
def learned(context: Context) -> Callable[[], SortingModel]:
    """`learned()` puts a version in force that knows four categories."""

    def made() -> SortingModel:
        model_id = new_id()
        held.keep(context.vault, context.settings.data, model_id, Learner().fit([], [], seed=1, fewest=2))
        with db.unit_of_work(context.engine) as s:
            return versions.keep(
                s,
                model_id=model_id,
                decisions=36,
                labels=4,
                figures={},
                kept_out=None,
                by=system(Via.JOB),
                now=context.clock.now(),
            )

    return made
