"""What the box tells a person instead of doing it. Each error names a sentence of `messages.toml`."""

from typing import ClassVar


class BoxError(Exception):
    """A refusal with a sentence: `key` in the catalogue, `values` to fill it, an HTTP status for the pages."""

    status: ClassVar[int] = 409

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class NotThere(BoxError):
    """No such ticket, call or counter."""

    status = 404


class BadInput(BoxError):
    """What was sent is incomplete or no value at all."""

    status = 400


class Illegal(BoxError):
    """The act does not fit the present state."""


class TooMany(BoxError):
    """More than a hall can need, or too many wrong PINs."""

    status = 429


class PinNeeded(BoxError):
    """A counter page without a staff session."""

    status = 401


class CannotKeep(BoxError):
    """The journal cannot be written (disk full, read-only, damaged). Nothing was shown, nothing happened."""

    status = 503

    def __init__(self) -> None:
        super().__init__("error.cannot_keep")
