"""What is filled in on the pages of the boxes' settings."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from central import fields
from shared.drills import MOST
from shared.hall_settings import HallSettings
from shared.logtail import MOST_LINES
from shared.wire import VisitKind

#: Fields of the page beside the settings themselves.
_BESIDE = ("group", "hold_minutes", "note")


def _none(value: object) -> object:
    return None if value == "" else value


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class NewEdition(_Form):
    """For whom an edition is (`group` None: for all, group by group), how long a group must be well, and what changed."""

    group: Annotated[UUID | None, BeforeValidator(_none)] = None
    hold_minutes: Annotated[int, Field(ge=0, le=10080)]
    note: Annotated[fields.Line, Field(min_length=2, max_length=200)]


class NewGroup(_Form):
    """A group and when its turn is."""

    name: Annotated[fields.Line, Field(min_length=1, max_length=40)]
    place: Annotated[int, Field(ge=1, le=99)]


class LogAsked(_Form):
    """How many of the last log lines a box is asked for."""

    lines: Annotated[int, Field(ge=1, le=MOST_LINES)] = 200


class DrillOrdered(_Form):
    """For how many minutes a hall is to hold a drill; 0 ends it."""

    minutes: Annotated[int, Field(ge=0, le=MOST)]


class Moved(_Form):
    """A box goes to a group, or to none."""

    box: Annotated[str, Field(max_length=12)]
    group: Annotated[UUID | None, BeforeValidator(_none)] = None


def settings_of(posted: Mapping[str, Any]) -> HallSettings:
    """Return the settings of a posted page: an empty field says nothing; raise `ValidationError`."""
    found: dict[str, Any] = {}
    for name, value in posted.items():
        if name in _BESIDE:
            continue
        chosen = [one for one in value if one] if isinstance(value, list) else value
        if chosen:
            found[name] = [chosen] if name == "kinds" and isinstance(chosen, str) else chosen
    return HallSettings.model_validate(found)


def edition_of(posted: Mapping[str, Any]) -> NewEdition:
    """Return what stands beside the settings; raise `ValidationError`."""
    return NewEdition.model_validate({name: posted[name] for name in _BESIDE if name in posted})


class Spec(NamedTuple):
    """One setting as the page shows it: `kind` of field, its choices, and the range of a number."""

    name: str
    kind: str
    choices: tuple[str, ...] = ()
    low: int = 0
    high: int = 0


def _specs() -> tuple[Spec, ...]:
    schema = HallSettings.model_json_schema()["properties"]
    return tuple(_spec(name, facts["anyOf"][0]) for name, facts in schema.items())


def _spec(name: str, facts: Mapping[str, Any]) -> Spec:
    match facts:
        case {"type": "integer"}:
            return Spec(name, "number", low=facts["minimum"], high=facts["maximum"])
        case {"enum": choices}:
            return Spec(name, "select", tuple(choices))
        case _:
            return Spec(name, "checks", tuple(VisitKind))


SPECS = _specs()
_KINDS = {spec.name: spec.kind for spec in SPECS}


def problems(error: ValidationError) -> dict[str, str]:
    """Return, for each field that cannot be taken, the catalogue key of the sentence that says so."""
    names = [str(each["loc"][0]) if each["loc"] else "" for each in error.errors()]
    return {name or "warning_seconds": _problem(name) for name in names}


def _problem(name: str) -> str:
    if not name:
        return "fleet.problem.warning"
    if name in _KINDS:
        return f"fleet.problem.{_KINDS[name]}"
    return (
        f"fleet.problem.{name}"
        if name in {*_BESIDE, "name", "place", "box", "lines", "minutes"}
        else "errors.bad_input"
    )
