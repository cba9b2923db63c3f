"""What is filled in about paper."""

from collections.abc import Mapping
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central import fields
from central.custody.rules import WITHIN, PlaceKind, ReturnBy
from central.errors import Invalid

#: How the fields are called on the form of registration.
PREFIX = "paper_"


def _blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OptionalDay = Annotated[fields.Day | None, BeforeValidator(_blank)]
OptionalLine = Annotated[Annotated[fields.Line, Field(max_length=60)] | None, BeforeValidator(_blank)]


class Form(BaseModel):
    """Base of what is posted from our own pages; an input is never repeated in an error."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Place(Form):
    """Where paper is put: a shelf or box by its mark, a person of the court, another body."""

    place_kind: PlaceKind
    place: OptionalLine = None
    holder_id: Annotated[UUID | None, BeforeValidator(_blank)] = None

    @model_validator(mode="after")
    def _somewhere(self) -> "Place":
        if self.place_kind not in WITHIN:
            raise Invalid("custody.return_apart", field="place_kind")
        if self.place_kind is PlaceKind.PERSON and self.holder_id is None:
            raise Invalid("custody.holder_needed", field="holder_id")
        if self.place_kind is not PlaceKind.PERSON and not self.place:
            raise Invalid("custody.place_needed", field="place")
        return self


class Receive(Place):
    """Paper came in."""

    #: Drawn with the form: sent twice, it is entered once.
    id: Annotated[UUID | None, BeforeValidator(_blank)] = None
    arrived_on: OptionalDay = None
    envelope: bool = False
    postmark_on: OptionalDay = None
    postmark_place: OptionalLine = None
    pages: Annotated[int, Field(ge=1, le=100_000)]
    originals: bool = False
    what: Annotated[Annotated[fields.Line, Field(max_length=500)] | None, BeforeValidator(_blank)] = None
    #: Number of the receipt that a counter gave for it.
    receipt: OptionalLine = None


class Move(Place):
    """Paper goes from hand to hand."""

    why: Annotated[fields.Line, Field(min_length=2, max_length=300)]


class GiveBack(Form):
    """Paper goes back to the petitioner: when, how, to whom, and the proof."""

    returned_on: fields.Day
    returned_by: ReturnBy
    returned_to: fields.Name
    returned_proof: Annotated[fields.Line, Field(min_length=2, max_length=300)]


def taken_out(posted: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the fields of a registration without those of the paper, and those of the paper by their own names."""
    rest = {name: value for name, value in posted.items() if not name.startswith(PREFIX)}
    paper = {name.removeprefix(PREFIX): value for name, value in posted.items() if name.startswith(PREFIX)}
    return rest, paper
