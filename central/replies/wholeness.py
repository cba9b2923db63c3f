"""What an answer to a demand must hold: outcome, facts and grounds, legal basis (Regulation art. 32). Pure."""

from typing import Protocol

PARTS = ("outcome", "facts", "basis")


class Parts(Protocol):
    """The answer to one demand, as row, form or page."""

    @property
    def outcome(self) -> str | None:
        """The outcome; None or empty while it is open."""

    @property
    def facts(self) -> str:
        """Facts and grounds."""

    @property
    def basis(self) -> str:
        """Legal basis."""


def missing(item: Parts | None) -> tuple[str, ...]:
    """Return the parts that are still open; all of them where there is no answer yet."""
    return tuple(part for part in PARTS if item is None or not (getattr(item, part) or "").strip())
