"""What a page with a refused form says: a sentence for each field, nothing typed lost."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from pydantic import ValidationError

from central import fields
from central.errors import Invalid

#: Gives the sentence of a key with its values filled in, in the language of the page.
Say = Callable[[str, Mapping[str, object]], str]
#: What the form holds; Python would also read digits of other scripts, and stumble over raised ones.
_VERSION = re.compile(r"[0-9]{1,9}")


def problems(error: ValidationError | Invalid, say: Say) -> dict[str, str]:
    """Return, for each field that cannot be taken, the sentence that says so; "" names the whole form."""
    if isinstance(error, Invalid):
        return {error.field: say(error.key, error.values)}
    return {str(each["loc"][0]) if each["loc"] else "": say(*fields.problem(each)) for each in error.errors()}


def without_version(posted: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Return the fields of a form and, apart, the version of the petition that it was made for."""
    values = dict(posted)
    version = str(values.pop("version", ""))
    return values, int(version) if _VERSION.fullmatch(version) else None
