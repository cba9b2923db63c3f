"""What is filled in about packaged cases."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator

from central import fields
from central.packaged.models import How, Result
from central.supervision.forms import Form

OptionalId = Annotated[UUID | None, BeforeValidator(lambda value: None if value == "" else value)]


class Open(Form):
    """Who leads, who does it, and the programme."""

    leader_id: UUID
    person_id: UUID
    plan: fields.Paragraphs
    document_id: OptionalId = None


class Step(Form):
    """A step of the plan."""

    words: fields.RequiredRemark
    due_on: fields.Day


class EndStep(Form):
    """What became of a step."""

    state: Literal["done", "dropped"]
    note: fields.RequiredRemark


class Visit(Form):
    """A visit: when, who, how, what came of it."""

    day: fields.Day
    staff_id: UUID
    how: How
    words: fields.Paragraphs


class Close(Form):
    """How it ended."""

    result: Result
    words: fields.RequiredRemark
