"""Ask the process that learns (`child.py`), and wait for its answer."""

import base64
import json
import os
import subprocess  # the child is this program's own module
import sys
import threading
from collections.abc import Callable, Sequence
from typing import IO, Any, cast

from central.errors import MinyiError
from central.suggestions import grams, meaning, model
from central.suggestions.grams import Floats
from central.suggestions.model import Model

Progress = Callable[[int, int], None]


class NotLearned(MinyiError):
    """The process that learns ended without an answer: out of memory, or killed."""

    status = 503


def evaluate(
    texts: Sequence[str],
    labels: Sequence[str],
    *,
    folds: int,
    seed: int,
    together: bool = False,
    meanings: bool = True,
    progress: Progress = lambda _done, _of: None,
) -> dict[str, Any]:
    """Return what `evaluating.cross_validated` found."""
    asked = {"texts": list(texts), "labels": list(labels), "folds": folds, "seed": seed, "together": together}
    return cast("dict[str, Any]", _ask({"task": "evaluate", "meaning": meanings, **asked}, progress))


def fit(
    texts: Sequence[str], labels: Sequence[str], *, seed: int, fewest: int, meanings: bool = True
) -> bytes:
    """Return a model of these texts, packed; without `meanings` of their pieces and topics alone."""
    asked = {
        "texts": list(texts),
        "labels": list(labels),
        "seed": seed,
        "fewest": fewest,
        "meaning": meanings,
    }
    return base64.b64decode(_ask({"task": "fit", **asked}, lambda _done, _of: None))


def chances(fitted: Model, text: str) -> Floats:
    """Return the calibrated chance of each label for one text as received, with what it means if that was learned and can be had."""
    return model.chances(fitted, text, meaning.of_text(grams.clean(text), fitted.signs))


def _ask(asked: dict[str, Any], progress: Progress) -> Any:
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    with subprocess.Popen(
        [sys.executable, "-m", "central.suggestions.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path), **one_core},
        text=True,
        encoding="utf-8",
    ) as child:
        try:
            question = threading.Thread(target=_write, args=(child.stdin, asked), daemon=True)
            question.start()
            for line in cast("IO[str]", child.stdout):
                said = json.loads(line)
                if "answer" in said:
                    return said["answer"]
                progress(said["done"], said["of"])
        finally:
            child.kill()
    raise NotLearned("suggestions.not_learned")


def _write(pipe: IO[str] | None, asked: dict[str, Any]) -> None:
    try:
        with cast("IO[str]", pipe) as out:
            json.dump(asked, out)
    except OSError:
        return  # the child is gone; the reader says so
