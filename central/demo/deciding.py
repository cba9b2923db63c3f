"""Made-up texts with their categories, so that the demonstration proposes from the first minute. Pure but for reading the file once."""

import tomllib
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path


def examples() -> Iterator[tuple[str, str]]:
    """Yield texts with the codes of their categories, the same on every machine."""
    table = tomllib.loads(Path(__file__).with_name("decisions.toml").read_text("utf-8"))
    openings, closings = table["openings"], table["closings"]
    for code, sentences in table["sentences"].items():
        for at, (one, other) in enumerate(list(permutations(sentences, 2))[: table["each"]]):
            yield f"{openings[at % len(openings)]}{one}{other}{closings[at % len(closings)]}", code
