"""What the questionnaire of triage asks."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from central import fields
from central.petitions.forms import Form


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


class Ask(Form):
    """Where the case stands, and the day from which the period runs, as far as known."""

    procedure: Annotated[str, Field(min_length=1, max_length=40)]
    started_on: Annotated[fields.Day | None, BeforeValidator(_none_if_blank)] = None
    #: The court that decided, where the case number does not say.
    court: Annotated[fields.Line, Field(max_length=100)] = ""


class Send(Ask):
    """The same with the words of the letter, which the clerk may change."""

    remark: fields.RequiredRemark
