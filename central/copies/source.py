"""What a generation needs of an engine: a base, what was committed since, and whether it can go on where it stopped."""

from collections.abc import Iterator
from typing import Any, Protocol

from central.copies.pieces import Record


class Source(Protocol):
    """One database, for one generation. None of its calls keeps a writer waiting for longer than a moment."""

    engine: str

    def base(self) -> Iterator[Record]:
        """Yield the whole database; what is committed meanwhile comes with the next changes."""

    def resume(self, position: dict[str, Any]) -> bool:
        """Go on behind a position; False if something may have been missed."""

    def look(self) -> bool:
        """Take in what was committed until now; say whether it is anything. Raise `Lost` if something may have been missed."""

    def changes(self) -> Iterator[Record]:
        """Yield what was taken in and not shipped yet."""

    def position(self) -> dict[str, Any]:
        """Return how far `look` got."""

    def shipped(self) -> bool:
        """Forget what `changes` gave: it is on the disk elsewhere. Say whether there is more to ship at once."""

    def keep_only(self) -> None:
        """Let go of whatever generations before left behind in the engine."""

    def close(self, *, for_good: bool) -> None:
        """Let go of the database; `for_good` if nobody will go on from here."""
