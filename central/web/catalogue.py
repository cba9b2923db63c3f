"""All sentences of the centre, gathered from the `messages.toml` of every domain."""

import tomllib
from functools import cache
from pathlib import Path

from shared.i18n import Catalogue

ROOT = Path(__file__).resolve().parent.parent


@cache
def catalogue() -> Catalogue:
    """Return the catalogue; read once."""
    return Catalogue(tomllib.loads(path.read_text("utf-8")) for path in sorted(ROOT.glob("*/messages.toml")))
