"""What is filled in: by petitioners, and by the staff who deal with it."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central.asks.rules import MOST_WORDS, About, Outcome
from central.errors import Invalid
from central.fields import clean_text
from shared.ids import new_id

_Words = Annotated[str, AfterValidator(clean_text), Field(max_length=MOST_WORDS)]


def _storable(value: object) -> object:
    """Leave out what PostgreSQL cannot keep in a text."""
    return value.replace("\x00", "") if isinstance(value, str) else value


Words = Annotated[_Words, BeforeValidator(_storable)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Sent(_Form):
    """What petitioners send; the id was made with the form."""

    id: UUID = Field(default_factory=new_id)
    words: Words = ""


class Supplement(Sent):
    """Words, or files that come beside, or both."""


class Objection(Sent):
    """Against a step of the court, or how it goes about the matter."""

    about: About

    @model_validator(mode="after")
    def _said(self) -> "Objection":
        if len(self.words) < 2:
            raise Invalid("asks.words_needed", field="words")
        return self


class Seen(_Form):
    """A supplement was read; words are told to the petitioner."""

    words: Words = ""


class Answer(_Form):
    """The court's answer to an objection. The petitioner reads it."""

    outcome: Outcome
    words: Words

    @model_validator(mode="after")
    def _said(self) -> "Answer":
        if len(self.words) < 2:
            raise Invalid("asks.answer_needed", field="words")
        return self
