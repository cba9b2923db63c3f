"""What is filled in about reception days."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central import fields
from central.errors import Invalid
from central.reception.rules import MOST_SEATS, PromiseState, slots
from shared.clock import COURT_ZONE


def _blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


OptionalId = Annotated[UUID | None, BeforeValidator(_blank)]


class Form(BaseModel):
    """Base of what is posted from our own pages; an input is never repeated in an error."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Plan(Form):
    """A day on the roster."""

    leader_id: UUID
    day: fields.Day
    start: time
    end: time
    slot_minutes: Annotated[int, Field(ge=5, le=240)]
    per_slot: Annotated[int, Field(ge=1, le=20)] = 1
    place: Annotated[fields.Line, Field(min_length=1, max_length=80)]

    @property
    def opens_at(self) -> datetime:
        """When it begins; day and time are those of the courts' zone."""
        return datetime.combine(self.day, self.start.replace(tzinfo=None), COURT_ZONE)

    @property
    def closes_at(self) -> datetime:
        """When it ends."""
        return datetime.combine(self.day, self.end.replace(tzinfo=None), COURT_ZONE)

    @model_validator(mode="after")
    def _whole(self) -> "Plan":
        count = len(list(slots(self.opens_at, self.closes_at, self.slot_minutes)))
        if count == 0:
            raise Invalid("reception.no_slot", field="end")
        if count * self.per_slot > MOST_SEATS:
            raise Invalid("reception.too_many", field="per_slot", most=MOST_SEATS)
        return self


class Book(Form):
    """An appointment into a slot. `appointment_id` is drawn with the form, so that sending it twice makes one."""

    appointment_id: UUID
    slot: Annotated[int, Field(ge=0, lt=MOST_SEATS)]
    number: Annotated[str, Field(max_length=60)] = ""
    name: fields.OptionalName = None
    phone: fields.OptionalPhone = None


class Record(Form):
    """What was asked and said; about a petition that has a number, or one that is registered with it."""

    number: Annotated[str, Field(max_length=60)] = ""
    #: Drawn with the form: sent twice, it registers once.
    petition_id: OptionalId = None
    subject: Annotated[fields.Line, Field(max_length=200)] = ""
    demands: Annotated[str, Field(max_length=20_000)] = ""
    petitioner_name: fields.OptionalName = None
    phone: fields.OptionalPhone = None
    asked: fields.Paragraphs
    said: fields.Paragraphs


class Promise(Form):
    """What was promised, who does it, and the period."""

    #: Drawn with the form: sent twice, it is promised once.
    id: OptionalId = None
    record_id: UUID
    words: fields.RequiredRemark
    person_id: UUID
    period: Annotated[str, Field(min_length=1, max_length=20)]


class Settle(Form):
    """Whether a promise was kept, with the proof, or why it was not."""

    kept: bool
    proof: fields.RequiredRemark
    document_id: OptionalId = None

    @property
    def state(self) -> PromiseState:
        """What it comes to."""
        return PromiseState.KEPT if self.kept else PromiseState.NOT_KEPT
