"""What people fill in about the calendar."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, field_validator

from central.errors import Invalid
from central.fields import Day, clean_line, day_of
from central.workdays.drafts import FIRST_YEAR, LAST_YEAR

_LINE = BeforeValidator(lambda value: clean_line(str(value)))
Words = Annotated[str, _LINE, StringConstraints(max_length=300)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class ChangeDay(_Form):
    """One day that becomes worked or off, and why."""

    day: Day
    to: Literal["worked", "off"]
    name: Annotated[str, _LINE, StringConstraints(max_length=40)] = ""
    reason: Words = ""

    @field_validator("day", mode="before")
    @classmethod
    def _is_day(cls, value: object) -> object:
        if isinstance(value, str):
            day = day_of(value.strip())
            if day is None:
                raise Invalid("workdays.problem.no_such_day", field="day", day=value.strip() or "?")
            return day
        return value

    @field_validator("reason")
    @classmethod
    def _said(cls, value: str) -> str:
        if len(value) < 2:
            raise Invalid("workdays.reason_needed", field="reason")
        return value

    @property
    def worked(self) -> bool:
        """Whether offices are to work on the day."""
        return self.to == "worked"


class About(_Form):
    """What is said of a notice beside its sentences. All may be left to the text itself."""

    year: str = ""
    status: Literal["published", "estimated"] = "published"
    title: Annotated[str, _LINE, StringConstraints(max_length=200)] = ""
    reference: Annotated[str, _LINE, StringConstraints(max_length=60)] = ""
    issued_on: str = ""

    def whole_year(self) -> int | None:
        """Return the year that was typed, None if none was; raise `Invalid` for what is none."""
        typed = self.year.strip()
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and FIRST_YEAR <= int(typed[:6]) <= LAST_YEAR):
            raise Invalid("workdays.problem.year_out", field="year", first=FIRST_YEAR, last=LAST_YEAR)
        return int(typed)

    def issue_day(self, today: date) -> date | None:
        """Return the day of issue that was typed; raise `Invalid` for what is none or is still to come."""
        if not self.issued_on.strip():
            return None
        day = day_of(self.issued_on.strip())
        if day is None:
            raise Invalid("workdays.problem.no_such_day", field="issued_on", day=self.issued_on.strip())
        if day > today:
            raise Invalid("workdays.problem.issued_ahead", field="issued_on", today=today.isoformat())
        return day
