"""What is filled in after a call-back, on the petitioner's page, and by the third person who decides."""

from datetime import time
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from central import fields
from central.followup.questions import MOST_TEXT
from central.followup.rules import Decision, Satisfaction, Way
from central.petitions.forms import Form, OptionalDate

_ANSWER = "answer_"
_MOST = 20


def _gathered(data: Any) -> Any:
    """Put fields `answer_<question>` of a page into `answers`, as programs send them."""
    if not isinstance(data, dict):
        return data
    loose = {name: value for name, value in data.items() if str(name).startswith(_ANSWER)}
    rest = {name: value for name, value in data.items() if name not in loose}
    if loose:
        rest["answers"] = {name.removeprefix(_ANSWER): value for name, value in loose.items()}
    return rest


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Answers = Annotated[
    dict[Annotated[str, Field(max_length=20)], Annotated[str, Field(max_length=MOST_TEXT)]],
    Field(max_length=_MOST),
]
OptionalTime = Annotated[time | None, BeforeValidator(_none_if_blank)]


class Call(Form):
    """A call: when, and which number if not the one on file."""

    called_on: OptionalDate = None
    called_time: OptionalTime = None
    number: fields.OptionalPhone = None


class Unreached(Call):
    """A call that reached nobody."""

    words: fields.Remark = ""


class CallBack(Call):
    """How the petitioner was asked and what they said of the answer."""

    method: Literal[Way.PHONE, Way.IN_PERSON]
    satisfaction: Satisfaction
    words: fields.Remark = ""
    answers: Answers = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _loose_answers(cls, data: Any) -> Any:
        return _gathered(data)


class OwnWord(Form):
    """What petitioners say of the answer themselves."""

    satisfaction: Literal[Satisfaction.SATISFIED, Satisfaction.PARTLY, Satisfaction.UNSATISFIED]
    words: fields.Remark = ""
    answers: Answers = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _loose_answers(cls, data: Any) -> Any:
        return _gathered(data)


class Decide(Form):
    """The decision not to open it again: a reasoned no, or the way to the court above. The petitioner reads the reasons."""

    verdict: Decision
    remark: fields.RequiredRemark
