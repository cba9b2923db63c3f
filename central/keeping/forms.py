"""What people fill in about keeping."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from central.errors import Invalid
from central.fields import clean_line
from central.keeping.rules import Decision

Words = Annotated[
    str, BeforeValidator(lambda value: clean_line(str(value))), StringConstraints(max_length=300)
]
#: A single box that was ticked comes as text, several as a list.
Ids = Annotated[
    tuple[UUID, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1, max_length=200),
]
_Blank = BeforeValidator(lambda value: None if value == "" else value)


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Propose(_Form):
    """What is to become of some petitions whose time is over."""

    ids: Ids
    decision: Decision
    years: Annotated[Annotated[int, Field(ge=1, le=100)] | None, _Blank] = None
    words: Words

    @model_validator(mode="after")
    def _said(self) -> "Propose":
        if len(self.words) < 2:
            raise Invalid("keeping.words_needed", field="words")
        if self.decision is Decision.KEEP and self.years is None:
            raise Invalid("keeping.years_needed", field="years")
        return self


class Answer(_Form):
    """The second person's word on some proposals."""

    ids: Ids
    words: Words = ""


class Because(_Form):
    """Why a hold is placed or lifted."""

    words: Words

    @model_validator(mode="after")
    def _said(self) -> "Because":
        if len(self.words) < 2:
            raise Invalid("keeping.words_needed", field="words")
        return self
