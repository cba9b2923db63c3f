"""Placeholders in templates: 【收到日期】 or 【date received】. Known ones are filled from the petition, the others by hand. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

#: Figures alone in such brackets are a year or a number, not something to fill in.
_PLACE = re.compile(r"【(?!\d+】)([^【】\n]{1,40})】")


@dataclass(frozen=True, slots=True)
class Filling:
    """What known placeholders stand for in one petition: by key, and the names under which each key is written."""

    values: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)

    def of(self, name: str) -> str | None:
        """Return what the placeholder called `name` stands for; None if it is not known, or nothing is known of it here."""
        key = self.names.get(name.strip().casefold())
        return self.values.get(key) or None if key else None


def filled(words: str, filling: Filling) -> str:
    """Return the words with every placeholder filled that can be; the others stay as they are, to be seen."""
    return _PLACE.sub(lambda found: filling.of(found[1]) or found[0], words)


def unfilled(words: str) -> list[str]:
    """Return the placeholders still in the words, as written, each once."""
    return list(dict.fromkeys(found[0] for found in _PLACE.finditer(words)))


def as_written(words: str) -> Filling:
    """Return the filling under which words whose places nobody filled read as they are written: each place stands for its own name."""
    names = [found[1] for found in _PLACE.finditer(words)]
    return Filling({name: name for name in names}, {name.strip().casefold(): name for name in names})


def parts(words: str) -> tuple[Sequence[str], Sequence[str]]:
    """Return the fixed words between the placeholders, one more than the names of the placeholders."""
    pieces = _PLACE.split(words)
    return pieces[::2], pieces[1::2]
