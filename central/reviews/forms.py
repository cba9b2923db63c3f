"""What is filled in to ask for a review, to judge a late request, to decide, and to deliver the decision."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from central import fields
from central.petitions.forms import Form, OptionalDate
from central.reviews.rules import Came, Outcome

Reasons = Annotated[
    str,
    BeforeValidator(lambda value: value.strip() if isinstance(value, str) else value),
    Field(min_length=2, max_length=20_000),
]
Draft = Annotated[str, Field(max_length=20_000)]


class Ask(Form):
    """Taken in at the desk or from a letter: on which day it came, and what it says."""

    came: Literal[Came.DESK, Came.LETTER]
    asked_on: OptionalDate = None
    asked: Reasons


class TakeIn(Ask):
    """The same at the court above, which looks for the petition by its number."""

    number: Annotated[fields.Line, Field(min_length=4, max_length=60)]


class OwnAsk(Form):
    """What petitioners write on their own page."""

    asked: Reasons


class AssignReview(Form):
    """Who examines and who answers for it: neither had the petition before."""

    handler_id: UUID
    leader_id: UUID
    remark: fields.Remark = ""


class Opinion(Form):
    """The draft of a decision; parts may be open."""

    outcome: Annotated[Outcome | None, BeforeValidator(lambda value: value or None)] = None
    facts: Draft = ""
    basis: Draft = ""


class Decision(Form):
    """The decision as it is handed in: nothing is open any more."""

    outcome: Outcome
    facts: Reasons
    basis: Reasons


class SameFacts(Form):
    """The petition whose re-review settled the same facts, and why they are the same."""

    into: Annotated[str, Field(min_length=4, max_length=60)]
    remark: fields.RequiredRemark
