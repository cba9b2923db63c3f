"""What is filled in about batches."""

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from central import fields
from central.errors import Invalid
from central.supervision.forms import Form, PeriodKey


class Assign(Form):
    """Petitions by their numbers, what is asked, the period for all."""

    numbers: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...],
        BeforeValidator(fields.pasted),
        Field(min_length=1, max_length=200),
    ]
    words: fields.RequiredRemark
    period: PeriodKey


class Report(Form):
    """What a court reports on one petition."""

    report: fields.Paragraphs


class Judge(Form):
    """Accepted, or sent back with reasons."""

    accepted: bool
    words: fields.Remark = ""

    @model_validator(mode="after")
    def _said(self) -> "Judge":
        if not self.accepted and len(self.words) < 2:
            raise Invalid("batches.say_why_not", field="words")
        return self
