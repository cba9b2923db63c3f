"""What people fill in to have petitions exported."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from central.access.forms import Words
from central.access.rules import Why
from central.errors import Invalid
from central.exports.rules import Format
from central.petitions.models import Channel
from central.petitions.states import State

_Blank = BeforeValidator(lambda value: None if value == "" else value)


class Chosen(BaseModel):
    """The filters of a list: those of the page 信访件."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    court: Annotated[str, Field(max_length=12)] = ""
    state: Annotated[State | None, _Blank] = None
    channel: Annotated[Channel | None, _Blank] = None
    only_open: bool = False
    overdue: bool = False

    def kept(self) -> dict[str, Any]:
        """Return the filters that narrow something, as they are kept and shown."""
        return {name: value for name, value in self.model_dump(mode="json").items() if value}


class Ask(BaseModel):
    """An export asked for: of which petitions, as what, and why."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    format: Format = Format.XLSX
    with_people: bool = False
    why: Why
    text: Words = ""

    @model_validator(mode="after")
    def _said(self) -> "Ask":
        # An export leaves the system: every one says what for, whoever asks.
        if len(self.text) < 2:
            raise Invalid("access.words_needed", field="text")
        return self


class Decide(BaseModel):
    """The second person's words: needed to refuse."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

    text: Words = ""
