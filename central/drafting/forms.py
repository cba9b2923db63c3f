"""What a page sends while a draft is written, and what an approver says of a passage."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from central import fields
from central.petitions.forms import Form
from central.replies import forms as replies


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


class Keep(replies.Draft):
    """The words on a page, and which keeping of them came before: 0 if none was known to the page."""

    revision: Annotated[int, Field(ge=0, lt=replies.MOST_VERSIONS)] = 0


class Remark(Form):
    """A remark on a passage: where it stands, the words it is about, and what is said of them."""

    demand_id: Annotated[UUID | None, BeforeValidator(_none_if_blank)] = None
    part: Literal["text", "outcome", "facts", "basis"]
    quote: Annotated[fields.Line, Field(max_length=500)] = ""
    words: fields.RequiredRemark
