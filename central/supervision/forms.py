"""What people fill in about orders."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central import fields
from central.errors import Invalid
from central.supervision.states import Reason


def _several(value: object) -> object:
    """Return a list where one box was ticked, or none."""
    if isinstance(value, str):
        return [value] if value else []
    return value


Numbers = Annotated[
    tuple[Annotated[str, Field(max_length=60)], ...],
    BeforeValidator(fields.pasted),
    Field(min_length=1, max_length=50),
]
Files = Annotated[tuple[UUID, ...], BeforeValidator(_several), Field(max_length=20)]
PeriodKey = Annotated[str, Field(min_length=1, max_length=20)]


class Form(BaseModel):
    """Base of what is posted from our own pages; an input is never repeated in an error."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Order(Form):
    """An order about the petition of the page."""

    reason: Reason
    words: fields.RequiredRemark
    period: PeriodKey


class Orders(Order):
    """The same order about several petitions."""

    numbers: Numbers


class Answer(Form):
    """What the supervised court answers. `round` is the one that the page showed."""

    round: int = Field(ge=1, le=999)
    explanation: fields.Paragraphs
    measures: fields.Paragraphs
    evidence: Files = ()


class Judge(Form):
    """What is said of an answer: accepted, or sent back with reasons and a new period."""

    round: int = Field(ge=1, le=999)
    accepted: bool
    words: fields.Remark = ""
    period: Annotated[str, Field(max_length=20)] = ""

    @model_validator(mode="after")
    def _said(self) -> "Judge":
        if not self.accepted and len(self.words) < 2:
            raise Invalid("supervision.say_why_not", field="words")
        return self


class Escalate(Form):
    """Why the court above takes over, and by when it wants an answer."""

    words: fields.RequiredRemark
    period: PeriodKey


class Because(Form):
    """Why something ends."""

    words: fields.RequiredRemark
