"""What is typed about two petitions."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints

from central.fields import clean_line
from central.matters.rules import Verdict

Line = Annotated[str, BeforeValidator(lambda value: clean_line(str(value)))]


class Decide(BaseModel):
    """What a clerk found: one matter or not, and why, if there is something to say."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    other: Annotated[Line, StringConstraints(min_length=1, max_length=60)]
    verdict: Verdict
    words: Annotated[Line, StringConstraints(max_length=500)] = ""
