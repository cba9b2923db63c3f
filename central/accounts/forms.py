"""What an administrator fills in about somebody's account and rights."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from central import fields
from central.accounts.permissions import GIVEN
from central.actor import Role


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _empty_to_none(value: object) -> object:
    return value or None


def _given(role: Role) -> Role:
    if role not in GIVEN:
        msg = "not a role of people"
        raise ValueError(msg)
    return role


def _lower(value: object) -> object:
    return fields.normal_digits(value).lower() if isinstance(value, str) else value


GivenRole = Annotated[Role, AfterValidator(_given)]
Roles = Annotated[list[GivenRole], BeforeValidator(_several), Field(min_length=1, max_length=len(GIVEN))]
#: Goes on record with the change.
Reason = Annotated[fields.Line, Field(min_length=2, max_length=200)]
Username = Annotated[str, BeforeValidator(_lower), Field(pattern=fields.USERNAME)]


class _Form(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Subscription(_Form):
    """What a browser gives for notifications: the address at its push service, and with what they are sealed to it."""

    endpoint: Annotated[str, Field(min_length=10, max_length=1000, pattern=r"^https?://[\x21-\x7e]+$")]
    p256dh: Annotated[str, Field(min_length=80, max_length=100)]
    auth: Annotated[str, Field(min_length=20, max_length=40)]


class NewAccount(_Form):
    """Somebody new at a court."""

    court: fields.CourtCode
    username: Username
    name: fields.Name
    name_en: Annotated[fields.Line, Field(max_length=100)] = ""
    department: Annotated[UUID | None, BeforeValidator(_empty_to_none)] = None
    roles: Roles


class HomeRoles(_Form):
    """The roles at one's own court, all of them."""

    roles: Roles
    reason: Reason


class Because(_Form):
    """A change that needs nothing but its reason."""

    reason: Reason


class NewGrant(_Form):
    """A role over a court: `alone`, with all `below` it, or over the department whose id is given."""

    court: fields.CourtCode
    role: GivenRole
    reach: Literal["alone", "below"] | UUID
    reason: Reason

    @property
    def department_id(self) -> UUID | None:
        """The department, if the role is over one."""
        return self.reach if isinstance(self.reach, UUID) else None


_KNOWN = {*NewAccount.model_fields, *NewGrant.model_fields}


def problems(error: ValidationError) -> dict[str, str]:
    """Return, for each field that cannot be taken, the catalogue key of the sentence that says so."""
    names = (str(each["loc"][0]) if each["loc"] else "" for each in error.errors())
    return {
        name: f"accounts.staff.problem.{name}" if name in _KNOWN else "errors.bad_input" for name in names
    }
