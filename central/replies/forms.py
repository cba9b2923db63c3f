"""What is filled in to draft, judge, issue and deliver a reply."""

from typing import Annotated
from uuid import UUID

from pydantic import BeforeValidator, Field

from central import fields
from central.petitions.forms import Form, OptionalDate
from central.replies.models import Method, Outcome

#: No draft is kept so often; a larger number would not fit its column.
MOST_VERSIONS = 1_000_000_000


def _none_if_blank(value: object) -> object:
    return None if value == "" else value


class Item(Form):
    """The answer to one demand; a draft may leave parts open."""

    demand_id: UUID
    outcome: Annotated[Outcome | None, BeforeValidator(_none_if_blank)] = None
    facts: Annotated[str, Field(max_length=20_000)] = ""
    basis: Annotated[str, Field(max_length=5_000)] = ""


class Enclosure(Form):
    """A file of the petition that goes out with the reply, and the name the letter prints for it."""

    document_id: UUID
    name: fields.Name


#: More than these are a file of their own, not enclosures of a letter.
MOST_ENCLOSURES = 20
Enclosures = Annotated[list[Enclosure], Field(max_length=MOST_ENCLOSURES)]


class Draft(Form):
    """A draft as it stands, finished or not. Nothing typed is refused for being incomplete."""

    text: Annotated[str, Field(max_length=50_000)] = ""
    items: list[Item] = Field(default_factory=list)
    #: In the order in which they are printed; None leaves them as they are.
    enclosures: Enclosures | None = None
    #: The version that was before the writer's eyes; another one saved meanwhile is not overwritten. Empty skips that check.
    based_on: Annotated[
        Annotated[int, Field(ge=0, lt=MOST_VERSIONS)] | None, BeforeValidator(_none_if_blank)
    ] = None


class Enclose(Form):
    """The enclosures of the reply being written, in the order in which they are printed; an empty list takes all out."""

    enclosures: Enclosures = Field(default_factory=list)


class Deliver(Form):
    """Proof of delivery: tracking number, who signed, or how it was read out."""

    method: Method
    delivered_on: OptionalDate = None
    proof: Annotated[fields.Line, Field(min_length=2, max_length=300)]
