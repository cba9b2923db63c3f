"""What a person says before they look outside their own work."""

from typing import Annotated, Any
from urllib.parse import unquote

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, model_validator

from central.access.rules import Why
from central.errors import Invalid
from central.fields import clean_line

Words = Annotated[
    str, BeforeValidator(lambda value: clean_line(str(value))), StringConstraints(max_length=300)
]


class GiveReason(BaseModel):
    """A reason: one of the list, with words; `other` needs words."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    why: Why
    text: Words = ""

    @model_validator(mode="after")
    def _said(self) -> "GiveReason":
        if self.why is Why.OTHER and len(self.text) < 2:
            raise Invalid("access.words_needed", field="text")
        return self


def of_header(value: str) -> GiveReason:
    """Return the reason of a header `Access-Reason: supervision; words`, the words percent-encoded; raise `Invalid`."""
    why, _, words = value.partition(";")
    given: dict[str, Any] = {"why": why.strip(), "text": unquote(words.strip())}
    if given["why"] not in set(Why):
        raise Invalid("access.unknown_reason", field="Access-Reason", known=", ".join(Why))
    return GiveReason.model_validate(given)
