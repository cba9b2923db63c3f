"""What is filled in about chains."""

from typing import Annotated, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from central.approvals.rules import KINDS, MOST_STEPS, Spec, spec_of
from central.errors import Invalid


def _steps(value: object) -> object:
    """Return the chosen steps without the empty lines of the form."""
    if isinstance(value, str):
        value = [value]
    return [each for each in value if each] if isinstance(value, list) else value


class Write(BaseModel):
    """Who approves, in order, for which petitions. An empty `kind` or `rules` stands for all."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    kind: Annotated[str, Field(max_length=20)] = ""
    rules: Annotated[str, Field(max_length=100)] = ""
    steps: Annotated[tuple[str, ...], BeforeValidator(_steps), Field(max_length=MOST_STEPS)] = ()

    @model_validator(mode="after")
    def _known(self) -> Self:
        """Refuse a kind that is none, and steps that say nothing."""
        if self.kind and self.kind not in KINDS:
            raise Invalid("approvals.problem.kind", field="kind")
        if not self.steps:
            raise Invalid("approvals.problem.steps", field="steps")
        try:
            self.specs()
        except ValueError:
            raise Invalid("approvals.problem.step", field="steps") from None
        return self

    def specs(self) -> tuple[Spec, ...]:
        """Return the steps."""
        return tuple(spec_of(each) for each in self.steps)


class Which(BaseModel):
    """Which chain is meant."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    kind: Annotated[str, Field(max_length=20)] = ""
    rules: Annotated[str, Field(max_length=100)] = ""


def problems(error: ValidationError | Invalid) -> dict[str, str]:
    """Return, for each field that cannot be taken, the catalogue key of the sentence that says so."""
    if isinstance(error, Invalid):
        return {error.field: error.key}
    names = {str(each["loc"][0]) if each["loc"] else "" for each in error.errors()}
    return {name: "approvals.problem.steps" if name == "steps" else "errors.bad_input" for name in names}
