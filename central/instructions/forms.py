"""What is filled in about instructions."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from central import fields
from central.supervision.forms import Form, PeriodKey

People = Annotated[
    tuple[UUID, ...],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1, max_length=20),
]


class Give(Form):
    """Words, addressees and period; the number of a petition, if it is about one."""

    number: Annotated[str, Field(max_length=60)] = ""
    words: fields.RequiredRemark
    people: People
    period: PeriodKey


class Report(Form):
    """What was done."""

    report: fields.Paragraphs


class Because(Form):
    """Why it is taken back."""

    words: fields.RequiredRemark
