"""A refused form comes back with a sentence at each field; what stands against the whole names no field."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from central.errors import Invalid, MinyiError

#: Gives the sentence of a key with its values filled in, in the language of the page.
Say = Callable[[str, Mapping[str, object]], str]
_SENTENCES = {
    "string_too_short": "missing",
    "string_too_long": "too_long",
    "enum": "choice",
    "literal_error": "choice",
}


def problems(error: ValidationError | MinyiError, say: Say) -> dict[str, str]:
    """Return, for each field that cannot be taken, the sentence that says so; "" names the whole form."""
    if isinstance(error, Invalid):
        return {error.field: say(error.key, error.values)}
    if isinstance(error, MinyiError):
        return {"": say(error.key, error.values)}
    return {
        str(each["loc"][0]) if each["loc"] else "": say(_key(each["type"]), {}) for each in error.errors()
    }


def _key(kind: str) -> str:
    known = _SENTENCES.get(kind, "date" if kind.startswith("date") else kind)
    return f"fields.problem.{known if known in {'missing', 'too_long', 'choice', 'date'} else 'other'}"
