"""What is filled in about templates and phrases."""

from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from central import fields
from central.errors import Invalid
from central.wording.models import Sort

#: The outcomes of an answer (`replies.models.Outcome`, which stands behind this domain).
OUTCOMES = ("support", "explain", "not_support", "other_procedure")
#: Fields with a sentence of their own.
_TOLD = frozenset({"sort", "outcome", "title", "words", "basis"})
OneOutcome = Literal["support", "explain", "not_support", "other_procedure"]


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


class Write(BaseModel):
    """A template or phrase. `key` is that of the one whose place it takes, empty for a new one."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    key: Annotated[str, Field(max_length=40, pattern=r"^[a-z0-9_]*$")] = ""
    sort: Sort
    outcome: Annotated[OneOutcome | None, BeforeValidator(_none_if_blank)] = None
    title: Annotated[fields.Line, Field(min_length=1, max_length=80)]
    words: Annotated[str, AfterValidator(fields.clean_text), Field(min_length=1, max_length=5000)]
    basis: Annotated[str, AfterValidator(fields.clean_text), Field(max_length=2000)] = ""

    @model_validator(mode="after")
    def _fits_its_sort(self) -> Self:
        """Refuse a template of an answer without its outcome: it is looked for by it."""
        if self.sort is Sort.ITEM and self.outcome is None:
            raise Invalid("wording.outcome_needed", field="outcome")
        return self


class Key(BaseModel):
    """Which template or phrase is meant."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    key: Annotated[str, Field(min_length=1, max_length=40)]


def problems(error: ValidationError | Invalid) -> dict[str, str]:
    """Return, for each field that cannot be taken, the catalogue key of the sentence that says so."""
    if isinstance(error, Invalid):
        return {error.field: error.key}
    names = (str(each["loc"][0]) if each["loc"] else "" for each in error.errors())
    return {name: f"wording.problem.{name}" if name in _TOLD else "errors.bad_input" for name in names}
