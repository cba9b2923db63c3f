"""What people fill in for the acts on a petition. Limits come from `central.fields`; the same models serve pages and API."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    field_validator,
    model_validator,
)

from central import fields
from central.cases.rows import MOST_SIGNS, split
from central.deadlines.kinds import PetitionKind
from central.errors import Invalid
from central.petitions.excuses import Excuse, Means, Tried
from central.petitions.models import Channel, PersonRole, ReplyBy, TellBy
from central.petitions.papers import Paper
from shared.ids import new_id


def _none_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


def _lines(value: object) -> object:
    if isinstance(value, str):
        return [line for line in value.splitlines() if line.strip()]
    return value


def _chosen(value: object) -> object:
    """Return boxes that were ticked: one or several, and the blank that a form sends when none is."""
    if isinstance(value, str):
        value = [value]
    return [each for each in value if each != ""] if isinstance(value, list) else value


OptionalDate = Annotated[date | None, BeforeValidator(_none_if_blank)]
OptionalId = Annotated[UUID | None, BeforeValidator(_none_if_blank)]
DemandText = Annotated[fields.Line, Field(min_length=1, max_length=2000)]
Demands = Annotated[list[DemandText], BeforeValidator(_lines), Field(min_length=1, max_length=50)]


class Form(BaseModel):
    """Base: unknown fields are refused, so that nothing typed is silently dropped."""

    # What was typed stands in no error that might be logged; the page shows it from the form itself.
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _storable(cls, value: object) -> object:
        """Refuse what PostgreSQL cannot keep in a text: the null character."""
        if isinstance(value, str) and "\x00" in value:
            raise ValueError("a null character cannot be kept")
        return value


class Reachable(Form):
    """Where the petitioner can be reached, how they want to be told of news, and how they want to get the answer."""

    phone: fields.OptionalPhone = None
    mail: fields.OptionalMail = None
    address: fields.OptionalAddress = None
    tell_by: Annotated[list[TellBy], BeforeValidator(_chosen), Field(max_length=2)] = Field(
        default_factory=list
    )
    reply_by: Annotated[ReplyBy | None, BeforeValidator(_none_if_blank)] = None
    language: Annotated[Literal["zh", "en"] | None, BeforeValidator(_none_if_blank)] = None

    @model_validator(mode="after")
    def _ways_lead_somewhere(self) -> Self:
        if TellBy.SMS in self.tell_by and not self.phone:
            raise Invalid("petitions.contact.phone_needed", field="phone")
        if TellBy.MAIL in self.tell_by and not self.mail:
            raise Invalid("petitions.contact.mail_needed", field="mail")
        if self.reply_by is ReplyBy.POST and not self.address:
            raise Invalid("petitions.contact.address_needed", field="address")
        if self.reply_by is ReplyBy.PHONE and not self.phone:
            raise Invalid("petitions.contact.phone_needed", field="phone")
        return self


class NameConflict(Form):
    """Somebody, or a unit of a court, who must keep away: a person by user name or name, a unit as `CODE` or `CODE department`."""

    ground: Literal["accused", "handled", "declared"]
    person: Annotated[str, Field(max_length=100)] = ""
    unit: Annotated[str, Field(max_length=120)] = ""
    remark: fields.Remark = ""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        self.person, self.unit = self.person.strip(), self.unit.strip()
        if bool(self.person) == bool(self.unit):
            raise ValueError("name a person or a unit, one at a time")
        return self


People = Annotated[
    list[Annotated[fields.Line, Field(min_length=1, max_length=100)]],
    BeforeValidator(_lines),
    Field(max_length=50),
]


def _numbers(value: object) -> object:
    return split(value) if isinstance(value, str) else value


CaseNumbers = Annotated[
    list[Annotated[fields.Line, Field(min_length=1, max_length=MOST_SIGNS)]],
    BeforeValidator(_numbers),
    Field(max_length=50),
]

#: A group is spoken for by five at most (Regulation art. 20).
MOST_REPRESENTATIVES = 5


class Person(Form):
    """Somebody beside the petitioner."""

    role: PersonRole
    name: fields.Name
    phone: fields.OptionalPhone = None
    address: fields.OptionalAddress = None
    id_number: fields.OptionalIdNumber = None
    bond: Annotated[Annotated[fields.Line, Field(max_length=200)] | None, BeforeValidator(_none_if_blank)] = (
        None
    )


class Register(Reachable):
    """The short form of the desk: letter, visit, phone call or referral."""

    #: Made when the form is shown: sent twice, it registers once.
    petition_id: UUID = Field(default_factory=new_id)
    channel: Channel
    kind: PetitionKind = PetitionKind.GENERAL
    received_at: AwareDatetime | None = None
    received_on: OptionalDate = None
    subject: fields.Subject
    text: fields.PetitionText
    demands: Demands
    petitioner_name: fields.OptionalName = None
    id_kind: Annotated[Paper | None, BeforeValidator(_none_if_blank)] = None
    id_number: fields.OptionalIdNumber = None
    group_size: Annotated[int, Field(ge=1, le=100_000)] = 1
    people: Annotated[list[Person], Field(max_length=20)] = Field(default_factory=list)
    referred_by: fields.OptionalName = None
    urgent: bool = False
    #: Numbers of the cases it is about, as typed; what cannot be read is kept and flagged, never refused.
    case_numbers: CaseNumbers = Field(default_factory=list)
    #: Members of staff complained about, and those who tried or handled the underlying case; one a line (arts 28, 30).
    accused: People = Field(default_factory=list)
    accused_units: People = Field(default_factory=list)
    handled_by: People = Field(default_factory=list)

    @model_validator(mode="after")
    def _people_fit(self) -> Self:
        spoken_for = sum(1 for each in self.people if each.role is PersonRole.REPRESENTATIVE)
        if spoken_for > MOST_REPRESENTATIVES:
            raise Invalid(
                "petitions.people.too_many", field="people", most=MOST_REPRESENTATIVES, count=spoken_for
            )
        if spoken_for and self.group_size < max(2, spoken_for):
            raise Invalid("petitions.people.group_small", field="group_size", count=spoken_for)
        return self

    def conflicts(self) -> list[tuple[str, "NameConflict"]]:
        """Return those who must keep away, as if each had been named by an act, each with the field it was typed into."""
        people = [("accused", NameConflict(ground="accused", person=name)) for name in self.accused]
        units = [("accused_units", NameConflict(ground="accused", unit=name)) for name in self.accused_units]
        others = [("handled_by", NameConflict(ground="handled", person=name)) for name in self.handled_by]
        return people + units + others


class Plain(Form):
    """An act that needs nothing but, perhaps, a remark."""

    remark: fields.Remark = ""


class Accept(Plain):
    """Acceptance names who answers for it; left open, the leader of the petition office does.

    It also says what kind of matter it is, where registration had it otherwise; left open, that stays.
    """

    kind: Annotated[PetitionKind | None, BeforeValidator(_none_if_blank)] = None
    leader_id: OptionalId = None


class Explained(Form):
    """An act that must say why. The petitioner reads it where the act is a notice."""

    remark: fields.RequiredRemark


class Transfer(Explained):
    """To another court, with reasons."""

    court: fields.CourtCode


class Assign(Form):
    """Handler and responsible leader, both named."""

    handler_id: UUID
    leader_id: UUID
    remark: fields.Remark = ""


class Merge(Explained):
    """Into the running petition of the same matter."""

    into: Annotated[str, Field(min_length=1, max_length=40)]


class Told(Form):
    """A procedural or progress reply: how it was told and, if put in words, how it read."""

    method: Literal["portal", "phone", "sms", "post", "in_person"]
    remark: fields.Remark = ""


class AskExtension(Form):
    """More time for the running period that allows it: how many days, and why."""

    days: Annotated[int, Field(ge=1, le=366)]
    remark: fields.RequiredRemark


class DecideExtension(Form):
    """Grant what was asked, or fewer days, or refuse. The petitioner reads why it takes longer."""

    decision: Literal["grant", "refuse"]
    #: Left open: as many as were asked for.
    days: Annotated[Annotated[int, Field(ge=1, le=366)] | None, BeforeValidator(_none_if_blank)] = None
    remark: fields.RequiredRemark


class StopClocks(Form):
    """Days begin that the law does not count. The petitioner reads why."""

    stopped_by: Literal["hearing", "other"]
    remark: fields.RequiredRemark


class Attempt(Form):
    """A try to reach the petitioner that failed: by which means, and what it came to."""

    method: Means
    reason: Tried
    remark: fields.Remark = ""


class Excused(Explained):
    """The coded excuse, after logged attempts: closing without delivery, or no procedural reply."""

    excuse: Excuse


class ChangeDemands(Form):
    """The demands anew, one a line."""

    demands: Demands


class ChangeContact(Reachable):
    """Contact data and wishes anew, as a whole: what is left empty is struck out; `tell_by` left out stays."""

    remark: fields.Remark = ""


class ChangeCases(Form):
    """The case numbers anew, one a line; empty: it names none."""

    case_numbers: CaseNumbers
    remark: fields.Remark = ""


class ReissueCode(Form):
    """A new secret code, after the clerk checked who asks."""

    checked: Literal["id_document", "call_back", "known_in_person"]


def gathered(posted: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form sent, with its fields `person-<n>-<field>` as the list `people`; rows without any word are left out.

    No page has a field `people` of its own: one that comes all the same is no list of rows.
    """
    values = {
        name: value for name, value in posted.items() if name != "people" and not name.startswith("person-")
    }
    rows: dict[str, dict[str, Any]] = {}
    for name, value in posted.items():
        _, number, part = [*name.split("-", 2), "", ""][:3]
        if name.startswith("person-") and number and part:
            rows.setdefault(number, {})[part] = value
    people = [row for row in rows.values() if any(str(row[part]).strip() for part in row if part != "role")]
    return values | ({"people": people} if people else {})
