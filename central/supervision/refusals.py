"""A refused form comes back with a sentence at each field."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from central.errors import Invalid

#: Gives the sentence of a key with its values filled in, in the language of the page.
Say = Callable[[str, Mapping[str, object]], str]
_MISSING = ("missing", "string_too_short", "too_short")
_LONG = ("string_too_long", "too_long")


def problems(error: ValidationError | Invalid, say: Say) -> dict[str, str]:
    """Return, for each field that cannot be taken, the sentence that says so; "" names the whole form."""
    if isinstance(error, Invalid):
        return {error.field: say(error.key, error.values)}
    return {
        str(each["loc"][0]) if each["loc"] else "": say(_key(each["type"]), {}) for each in error.errors()
    }


def _key(kind: str) -> str:
    if kind in _MISSING:
        return "fields.problem.missing"
    if kind in _LONG:
        return "fields.problem.too_long"
    if kind.startswith(("enum", "literal", "uuid", "bool")):
        return "fields.problem.choice"
    if kind.startswith(("date", "time")):
        return "fields.problem.date"
    return "fields.problem.number" if kind.startswith(("int", "greater", "less")) else "fields.problem.other"
