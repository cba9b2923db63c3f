"""`minyi-edge decode IMAGE...`: one JSON line for each picture, for trying cameras and for checks."""

import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import cv2

from edge_agent.reading import pictures
from edge_agent.reading.decoder import decode as read_codes
from shared.i18n import Catalogue, Lang

MESSAGES = Catalogue([tomllib.loads((Path(__file__).parent / "messages.toml").read_text("utf-8"))])


def decode(paths: Sequence[str | Path]) -> int:
    """Print one JSON line for each of `paths`, in their order; return the exit status.

    A line holds `file` as given, `codes` (texts, from top to bottom) and `ms`: milliseconds of decoding alone, without
    reading the file. A picture that cannot be taken has `error`, a sentence, as well.
    Exit status 0: all were taken; 2: some could not be, or none was given.
    """
    if not paths:
        print(MESSAGES.text("reading.none_given", Lang.EN), file=sys.stderr)  # noqa: T201
        return 2
    cv2.setNumThreads(1)  # the figure is that of one core, as on a box
    failed = False
    for path in paths:
        line = _line(path)
        failed |= "error" in line
        print(_printable(line), flush=True)  # noqa: T201
    return 2 if failed else 0


def _line(path: str | Path) -> dict[str, object]:
    try:
        picture = pictures.gray(Path(path))
    except pictures.Unreadable as refusal:
        sentence = MESSAGES.text(refusal.key, Lang.EN, file=str(path), **refusal.values)
        return {"file": str(path), "codes": [], "ms": 0.0, "error": sentence}
    start = perf_counter()
    codes = read_codes(picture)
    return {"file": str(path), "codes": codes, "ms": round((perf_counter() - start) * 1000, 3)}


def _printable(line: dict[str, object]) -> str:
    """The line as JSON; escaped where the terminal or a file name of foreign bytes would not take it as it is."""
    plain = json.dumps(line, ensure_ascii=False)
    try:
        plain.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(line)
    return plain
