"""What is filled in for many letters from one text."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from central import fields
from central.petitions.forms import Form
from central.petitions.states import Act
from central.replies.models import Outcome

#: Petitions of one merge.
MOST = 1000


class Write(Form):
    """One text: the letter's opening, and the answer to each demand of each petition."""

    id: UUID
    numbers: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...],
        BeforeValidator(fields.pasted),
        Field(min_length=1, max_length=MOST),
    ]
    #: Numbers of which one was told that they were not found, and who goes on without them.
    without: Annotated[
        tuple[Annotated[str, Field(max_length=60)], ...],
        BeforeValidator(fields.pasted),
        Field(max_length=MOST),
    ] = ()
    title: Annotated[fields.Line, Field(min_length=2, max_length=200)]
    words: Annotated[str, Field(max_length=50_000)] = ""
    outcome: Outcome
    facts: fields.Paragraphs
    basis: Annotated[str, Field(min_length=2, max_length=5_000)]


class Wish(Form):
    """What is to be done with every letter whose next step it is."""

    act: Literal[Act.SUBMIT, Act.APPROVE, Act.SEND_BACK, Act.ISSUE]
    remark: fields.Remark = ""
