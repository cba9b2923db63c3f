"""The root of all errors a person is told about: a catalogue key, values to fill in, and an HTTP status.

Subclasses stand beside the rule that raises them; `central.web.error_pages` renders them in the user's language.
"""

from typing import ClassVar


class MinyiError(Exception):
    """A refusal with a sentence. `key` names the sentence in a catalogue; `values` fill it."""

    status: ClassVar[int] = 400

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values


class NotFound(MinyiError):
    """It is not there, or the person may not know that it is: both look the same."""

    status = 404

    def __init__(self, key: str = "errors.not_found", /, **values: object) -> None:
        super().__init__(key, **values)


class Forbidden(MinyiError):
    """The thing is visible, the act is not this person's."""

    status = 403


class Conflict(MinyiError):
    """The act does not fit the present state."""

    status = 409


class AsksFirst(MinyiError):
    """Something is to be said or done before: `page` is where a person does it and comes back from."""

    status = 428
    page: str = "/"


class Invalid(MinyiError):
    """What was typed or sent cannot be taken. `field` names the input."""

    status = 422

    def __init__(self, key: str, /, *, field: str = "", **values: object) -> None:
        super().__init__(key, **values)
        self.field = field


class TooManyTries(MinyiError):
    """Too many guesses; try again after `values["minutes"]` minutes."""

    status = 429


class SignInNeeded(MinyiError):
    """Nobody is signed in, or the session is over."""

    status = 401

    def __init__(self, key: str = "errors.sign_in_needed", /, **values: object) -> None:
        super().__init__(key, **values)
