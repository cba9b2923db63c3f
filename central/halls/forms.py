"""What is filled in on the page of the hall."""

from datetime import datetime, time, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from central import fields
from shared.clock import COURT_ZONE
from shared.wire import VisitKind

#: "Two words" is what the hall asks for; one sign is no word.
Words = Annotated[fields.Line, Field(min_length=2, max_length=200)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Noted(_Form):
    """How a call ended, or what was done about a message of the tray."""

    note: Words


class NewAppointment(_Form):
    """An appointment. `appointment_id` is drawn with the form, so that sending it twice makes one."""

    appointment_id: UUID
    kind: VisitKind
    day: fields.Day
    start: time
    minutes: Annotated[int, Field(ge=5, le=480)]

    @property
    def slot(self) -> tuple[datetime, datetime]:
        """Begin and end of the slot, aware; day and time are those of the courts' zone."""
        begin = datetime.combine(self.day, self.start.replace(tzinfo=None), COURT_ZONE)
        return begin, begin + timedelta(minutes=self.minutes)


def problems(error: ValidationError) -> dict[str, str]:
    """Return, for each field that cannot be taken, the catalogue key of the sentence that says so."""
    names = (str(each["loc"][0]) if each["loc"] else "" for each in error.errors())
    known = {*NewAppointment.model_fields, *Noted.model_fields}
    return {name: f"halls.problem.{name}" if name in known else "errors.bad_input" for name in names}
