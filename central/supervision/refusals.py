"""A refused form comes back with a sentence at each field."""

from collections.abc import Callable, Mapping

from pydantic import ValidationError

from central import fields
from central.errors import Invalid

#: Gives the sentence of a key with its values filled in, in the language of the page.
Say = Callable[[str, Mapping[str, object]], str]


def problems(error: ValidationError | Invalid, say: Say) -> dict[str, str]:
    """Return, for each field that cannot be taken, the sentence that says so; "" names the whole form."""
    if isinstance(error, Invalid):
        return {error.field: say(error.key, error.values)}
    return {str(each["loc"][0]) if each["loc"] else "": say(*fields.problem(each)) for each in error.errors()}
