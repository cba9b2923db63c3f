"""The box's sentences."""

import tomllib
from pathlib import Path

from shared.i18n import Catalogue

FILE = Path(__file__).with_name("messages.toml")


def catalogue() -> Catalogue:
    """Read the catalogue that ships with the package."""
    return Catalogue([tomllib.loads(FILE.read_text(encoding="utf-8"))])
