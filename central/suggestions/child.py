"""A process that learns: asked by one JSON object on standard input, it answers in JSON lines and ends, and all it held is gone.

It alone loads the libraries of learning, and never more than one core. `{"task": "evaluate", ...}` or `{"task": "fit", ...}`;
while it works: `{"done": 1, "of": 5}`; at last `{"answer": ...}`.
"""

import base64
import json
import sys
import warnings
from typing import Any

from central.suggestions import evaluating, fitting, grams, model


def main() -> None:
    """Answer what is asked."""
    warnings.simplefilter("ignore")  # a learner that stops early says so to nobody
    asked = json.load(sys.stdin)
    task = asked.pop("task")
    answer = _evaluated(asked) if task == "evaluate" else _fitted(asked)
    _say({"answer": answer})


def _evaluated(asked: dict[str, Any]) -> dict[str, Any]:
    meanings = fitting.meanings if asked.pop("meaning") else None
    return evaluating.cross_validated(
        **asked,
        meanings=meanings,
        progress=lambda done, of: _say({"done": done, "of": of}),
    )


def _fitted(asked: dict[str, Any]) -> str:
    texts = [grams.clean(text) for text in asked.pop("texts")]
    names = sorted(set(asked["labels"]))
    meant = fitting.meanings(texts, names)[0] if asked.pop("meaning") else None
    found = fitting.fit(texts, **asked, meanings=meant)
    return base64.b64encode(model.packed(found)).decode("ascii")


def _say(what: Any) -> None:
    sys.stdout.write(json.dumps(what, ensure_ascii=True) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
