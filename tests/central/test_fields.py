"""What a form says of a value that it refuses: the limit, not only that there is one."""

from datetime import date, time
from typing import Annotated, Any

import pytest
from pydantic import Field, TypeAdapter, ValidationError

from central import fields
from central.errors import Invalid
from central.notifications.forms import Prefer


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (fields.Subject, "长" * 201, ("too_long", {"most": 200})),
        (fields.RequiredRemark, "好", ("too_short", {"least": 2})),
        (Annotated[str, Field(min_length=2)], "", ("missing", {})),
        (time, "noon", ("time", {})),
        (Annotated[list[str], Field(max_length=2)], ["a"] * 3, ("too_many", {"most": 2})),
        (Annotated[tuple[str, ...], Field(max_length=2)], ("a",) * 3, ("too_many", {"most": 2})),
        (Annotated[date, Field(ge=fields.FIRST_DAY)], "1890-01-05", ("date_beyond", {"bound": "1900-01-01"})),
        (Annotated[int, Field(ge=1)], "0", ("number_low", {"least": 1})),
        (int, "many", ("number", {})),
        (int, " ", ("missing", {})),
    ],
)
def test_the_limit_is_named(kind: Any, value: object, said: tuple[str, dict[str, object]]) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(value)
    error = caught.value.errors()[0]
    name, limit = said
    assert fields.problem(error) == (f"fields.problem.{name}", limit)


def test_an_hour_that_is_none_is_said_beside_its_own_field() -> None:
    with pytest.raises(Invalid) as caught:
        Prefer(closes="25:99")
    assert caught.value.field == "closes"
