"""What is typed about the category of a petition."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from central.fields import clean_line

Line = Annotated[str, BeforeValidator(lambda value: clean_line(str(value)))]
#: Names of the two fields in the form of registration.
FIELDS = ("category", "category_seen")


class Choose(BaseModel):
    """The category, as typed or picked from the list, and the code of the proposal that stood beside the field, '' if none did."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    category: Annotated[Line, StringConstraints(min_length=1, max_length=200)]
    category_seen: Annotated[Line, StringConstraints(max_length=6)] = ""


def taken_out(posted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a registration without those of the category, and those of the category."""
    rest = {name: value for name, value in posted.items() if name not in FIELDS}
    return rest, {name: posted[name] for name in FIELDS if name in posted}
