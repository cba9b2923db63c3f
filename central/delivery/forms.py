"""What is filled in about letters, calls and handing over."""

from datetime import datetime, time
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central import fields
from central.delivery import tracking
from central.delivery.rules import Carrier, Checked, Receiver, Unsigned
from central.errors import Invalid
from central.petitions.excuses import Tried
from shared.clock import COURT_ZONE


def _tracking(value: object) -> object:
    return (tracking.normal(value) or None) if isinstance(value, str) else value


def _many(value: object) -> object:
    return [value] if isinstance(value, str) else value


class Form(BaseModel):
    """Base of what is posted from our own pages; an input is never repeated in an error."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class Post(Form):
    """A letter was handed to a carrier."""

    carrier: Carrier
    tracking: Annotated[
        Annotated[str, Field(max_length=40, pattern=r"^[0-9A-Z]*$")] | None, BeforeValidator(_tracking)
    ] = None
    to_name: fields.Name
    to_address: Annotated[fields.Line, Field(min_length=2, max_length=300)]
    posted_on: fields.Day

    @model_validator(mode="after")
    def _has_number(self) -> "Post":
        if self.carrier is not Carrier.ORDINARY and not self.tracking:
            raise Invalid("delivery.number_needed", field="tracking")
        return self


class Arrived(Form):
    """The slip, or the carrier's page, says that the letter arrived: when, and who signed."""

    delivered_on: fields.Day
    receiver: fields.Name
    receiver_as: Receiver = Receiver.PETITIONER


class Returned(Form):
    """The letter came back."""

    reason: Tried = Tried.RETURNED
    remark: fields.Remark = ""


class Call(Form):
    """The answer was read on the phone, or the call came to nothing else."""

    phone: fields.Phone
    called_on: fields.Day
    called_at: time
    receiver: fields.OptionalName = None
    checked: Annotated[str, Field(max_length=300)] = ""
    read_in_full: bool
    words: fields.Remark = ""

    @model_validator(mode="after")
    def _somebody_heard(self) -> "Call":
        if self.read_in_full and not self.receiver:
            raise Invalid("delivery.receiver_needed", field="receiver")
        return self

    @property
    def at(self) -> datetime:
        """When it was; day and time are those of the courts' zone."""
        return datetime.combine(self.called_on, self.called_at.replace(tzinfo=None), COURT_ZONE)


class Hand(Form):
    """Somebody stands at the window and takes the answer."""

    receiver: fields.Name
    receiver_as: Receiver
    checked: Checked
    pages: Annotated[int, Field(ge=1, le=999)] = 1


class HandUnsigned(Hand):
    """The same without a signature: why, and the clerk's words; the clerk answers for it by name."""

    unsigned: Unsigned
    words: fields.RequiredRemark


class Labels(Form):
    """Which petitions get a label."""

    ids: Annotated[list[UUID], BeforeValidator(_many), Field(min_length=1, max_length=200)]
