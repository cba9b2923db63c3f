"""The questions as forms: each page checks its own answers, and all together become what the desk registers too."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Self

from pydantic import BeforeValidator, Field, ValidationError, model_validator

from central import fields
from central.errors import Invalid
from central.petitions.forms import (
    MOST_REPRESENTATIVES,
    Demands,
    Form,
    Person,
    Reachable,
    Register,
)
from central.petitions.models import Channel, PersonRole
from central.submitting.drafts import ASKED, AsWho, Draft, Step

#: Whom the persons of a page are, by whom it is written for.
PART = {
    AsWho.GROUP: PersonRole.REPRESENTATIVE,
    AsWho.WARD: PersonRole.GUARDIAN,
    AsWho.AGENT: PersonRole.AGENT,
}


def _stripped(value: object) -> object:
    return value.strip() if isinstance(value, str) else value


class Court(Form):
    """Which court."""

    court: Annotated[fields.CourtCode, BeforeValidator(_stripped)]


class Matter(Form):
    """What happened."""

    subject: fields.Subject
    text: Annotated[fields.PetitionText, BeforeValidator(_stripped)]
    case_number: Annotated[fields.Line, Field(max_length=500)] = ""


class Wanted(Form):
    """What the court shall do."""

    demands: Demands


class Nothing(Form):
    """A page whose answers are kept elsewhere."""


class Who(Form):
    """Who writes, and where an answer reaches them."""

    as_who: AsWho
    name: fields.OptionalName = None
    phone: fields.OptionalPhone = None
    address: fields.OptionalAddress = None
    id_number: fields.OptionalIdNumber = None

    @model_validator(mode="after")
    def _can_be_answered(self) -> Self:
        if self.as_who is AsWho.ANONYMOUS:
            return self
        if not self.name:
            raise Invalid("submitting.problem.name", field="name")
        if not self.phone and not self.address:
            raise Invalid("submitting.problem.reach", field="phone")
        return self


class Others(Form):
    """Representatives, guardian or agent."""

    as_who: AsWho
    group_size: Annotated[int, Field(ge=1, le=100_000)] = 1
    people: list[Person] = Field(default_factory=list)

    @model_validator(mode="after")
    def _as_the_law_has_it(self) -> Self:
        if self.as_who is AsWho.GROUP:
            if self.group_size < 2:
                raise Invalid("submitting.problem.group_size", field="group_size")
            if len(self.people) > MOST_REPRESENTATIVES:
                raise Invalid(
                    "petitions.people.too_many",
                    field="people",
                    most=MOST_REPRESENTATIVES,
                    count=len(self.people),
                )
            if len(self.people) > self.group_size:
                raise Invalid("petitions.people.group_small", field="group_size", count=len(self.people))
        if not self.people:
            raise Invalid(f"submitting.problem.people_{self.as_who.value}", field="people")
        if self.as_who is AsWho.AGENT and not self.people[0].bond:
            raise Invalid("submitting.problem.authority", field="people")
        return self


_FORMS: dict[Step, type[Form]] = {
    Step.COURT: Court,
    Step.MATTER: Matter,
    Step.DEMANDS: Wanted,
    Step.FILES: Nothing,
    Step.WHO: Who,
    Step.OTHERS: Others,
    Step.TELL: Reachable,
    Step.CHECK: Nothing,
}


def check(draft: Draft, step: Step) -> None:
    """Raise `ValidationError` or `Invalid` if the answers of one page cannot be taken."""
    given = {name: draft.values[name] for name in ASKED[step] if name in draft.values}
    if step is Step.OTHERS:
        given["as_who"] = draft.as_who
        given["people"] = people(draft)
    if step is Step.TELL:
        given |= {name: draft.values.get(name) for name in ("phone", "address")}
    _FORMS[step].model_validate(given)


def people(draft: Draft) -> list[dict[str, Any]]:
    """Return those named on the page for others, in the part that they have."""
    role = PART.get(draft.as_who)
    named: Sequence[Mapping[str, Any]] = draft.values.get("people") or []
    return [{**each, "role": role} for each in named if str(each.get("name", "")).strip()] if role else []


def to_register(draft: Draft) -> Register:
    """Return all answers as the form of registration."""
    values = draft.values
    anonymous = draft.as_who is AsWho.ANONYMOUS
    known = ("phone", "address", "id_number", "tell_by", "mail", "reply_by", "language")
    given = {} if anonymous else {name: values[name] for name in known if name in values}
    return Register.model_validate(
        {
            "petition_id": draft.id,
            "channel": Channel.ONLINE,
            "subject": values.get("subject", ""),
            "text": values.get("text", ""),
            "demands": values.get("demands", []),
            "petitioner_name": None if anonymous else values.get("name"),
            "group_size": values.get("group_size") or 1 if draft.as_who is AsWho.GROUP else 1,
            "people": people(draft),
            "case_numbers": values.get("case_number") or [],
            **given,
        }
    )


def problems(error: ValidationError | Invalid) -> dict[str, tuple[str, Mapping[str, object]]]:
    """Return the sentence of each field that cannot be taken, with what fills it in."""
    if isinstance(error, Invalid):
        return {error.field: (error.key, error.values)}
    found: dict[str, tuple[str, Mapping[str, object]]] = {}
    for each in error.errors():
        name = str(each["loc"][0]) if each["loc"] else ""
        found.setdefault(name, _sentence(name, each))
    return found


def _sentence(name: str, error: Mapping[str, Any]) -> tuple[str, Mapping[str, object]]:
    key, limit = fields.problem(error)
    if key == "fields.problem.missing" and name in {"court", "subject", "text", "demands", "as_who"}:
        return f"submitting.problem.{name}", {}
    return key, limit
