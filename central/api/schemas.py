"""What the API answers. Bodies of requests are the forms of the domains."""

from datetime import UTC, date, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from central.cases.codes import Reading
from central.casework import acts
from central.casework.queries import Whole
from central.documents.models import Document
from central.errors import Invalid
from central.petitions import forms
from central.petitions.models import Petition
from central.petitions.states import Act
from central.sorting.forms import Line
from central.sorting.proposing import Proposed
from central.sorting.scheme import Category

#: Times go out in UTC, whatever zone they came in.
Moment = Annotated[datetime, AfterValidator(lambda at: at.astimezone(UTC))]


class Out(BaseModel):
    """Base of answers, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class PetitionRow(Out):
    """A petition as lists show it."""

    id: UUID
    number: str
    court_id: UUID
    channel: str
    kind: str
    rules_version: str
    subject: str
    state: str
    received_at: Moment
    registered_at: Moment
    is_open: bool
    next_act: str | None
    next_role: str | None
    next_rule: str | None
    next_due_on: date | None
    handler_id: UUID | None
    leader_id: UUID | None
    imported: bool
    erased_at: Moment | None
    version: int


class Register(forms.Register):
    """The form of the desk, and the category: its code, its name or its whole path."""

    category: Annotated[Line, StringConstraints(min_length=1, max_length=200)] | None = None


class Registered(Out):
    """The answer to a registration. `code` is shown this once; it is null if the same petition_id was sent before."""

    petition: PetitionRow
    code: str | None


class Receipt(Out):
    """A new secret code for a petition, shown this once."""

    number: str
    code: str


class SearchPiece(Out):
    """A part of a snippet: plain, or a hit."""

    text: str
    hit: bool


class SearchHit(Out):
    """A petition that was found. `place` is the field of the snippet: text, reply, paper, number, case; or null."""

    petition: PetitionRow
    place: str | None
    snippet: list[SearchPiece]


class SearchPage(Out):
    """A page of results. `count` is null on later pages; with `counted_all` false there are more. `behind`: the newest may be missing."""

    items: list[SearchHit]
    count: int | None
    counted_all: bool
    behind: bool
    next: str | None


class Page(Out):
    """One page of a list. `next` is the cursor of the following page, null at the end."""

    items: list[PetitionRow]
    next: str | None


class DemandOut(Out):
    """One numbered demand."""

    id: UUID
    number: int
    text: str
    answered: bool


class ClockOut(Out):
    """One legal period, under the version of the rules it began under. While it stands still its `due_on` is the earliest possible."""

    rule: str
    rules_version: str
    started_on: date
    occurrence: int
    due_on: date
    extension_days: int
    standing_still: bool
    ended_on: date | None
    outcome: str | None


class EventOut(Out):
    """One event of the petition's chain."""

    seq: int
    kind: str
    at: Moment
    recorded_at: Moment
    by: str
    facts: dict[str, Any]


class ReplyItemOut(Out):
    """The answer to one demand."""

    demand_id: UUID
    outcome: str | None
    facts: str
    basis: str


class EnclosureOut(Out):
    """A file that goes out with the reply, in the order of the list; pages and digest are those of the remade file."""

    document_id: UUID
    name: str
    pages: int
    sha256: str


class ReplyOut(Out):
    """The reply of the present round."""

    round: int
    status: str
    text: str
    issued_at: Moment | None
    items: list[ReplyItemOut] = Field(default_factory=list)
    enclosures: list[EnclosureOut] = Field(default_factory=list)


class DocumentOut(Out):
    """A file of a petition: what was handed in, and what it was made into for reading. `removed` names what that does without."""

    id: UUID
    number: int
    name: str
    kind: str
    size: int
    sha256: str
    made_kind: str
    made_size: int
    made_sha256: str
    pages: int
    removed: list[str]
    added_at: Moment


class CodeOut(Out):
    """A code of a case number with its names."""

    code: str
    zh: str
    en: str


class CaseOut(Out):
    """A case number as typed and in its one form, with court and type where they are known. `flags` say what to check."""

    typed: str
    number: str | None
    court: CodeOut | None
    type: CodeOut | None
    special: CodeOut | None
    flags: list[str]


class CategoryOut(Out):
    """A category: its code, its names from the first level down, the kind of petition that follows from it."""

    code: str
    zh: str
    en: str
    path_zh: list[str]
    path_en: list[str]
    kind: str


class SchemeOut(Out):
    """The scheme in force. A code below another begins with it, two figures a level."""

    version: str
    categories: list[CategoryOut]


class ProposedOut(Out):
    """What is proposed for the text: category with its chance in hundredths and the words that speak for it; null where it is silent."""

    version: int
    category: CategoryOut | None
    percent: int | None
    words: list[str]


class SortedOut(Out):
    """What a petition was sorted as, null if nobody chose; `proposed` is null while nothing was learned, and in the answer to a choice."""

    category: CategoryOut | None
    scheme: str | None
    chosen_at: Moment | None
    proposed: ProposedOut | None = None


class PetitionOut(PetitionRow):
    """A whole petition."""

    text: str
    court_code: str
    court_name: str
    handler: str
    leader: str
    demands: list[DemandOut]
    clocks: list[ClockOut]
    cases: list[CaseOut]
    reply: ReplyOut | None
    delivered_on: date | None
    excuse: str | None
    category: CategoryOut | None


#: What can be done by the API: every act with a form, but for the new code, which has an address of its own.
ACTS = sorted(str(act) for act in acts.WAYS if act is not Act.REISSUE_CODE)


def act_of(name: str) -> Act:
    """Return the act with this name; raise `Invalid`."""
    if name not in ACTS:
        raise Invalid("api.unknown_act", field="act", act=name)
    return Act(name)


def in_place(model: type[BaseModel]) -> dict[str, Any]:
    """Return the JSON schema of a model with its parts in place of references, to stand anywhere in a description."""
    schema = model.model_json_schema()
    parts = schema.pop("$defs", {})

    def put(node: Any) -> Any:
        if isinstance(node, dict):
            part = parts.get(str(node.get("$ref")).rpartition("/")[2])
            return put(part) if part else {name: put(value) for name, value in node.items()}
        return [put(each) for each in node] if isinstance(node, list) else node

    found: dict[str, Any] = put(schema)
    return found


def _one_of_each(schema: dict[str, Any]) -> None:
    """Describe the fields of every act: whoever reads the description needs no other page."""
    schema["oneOf"] = [_described(Act(name)) for name in ACTS]


def _described(act: Act) -> dict[str, Any]:
    form = in_place(acts.WAYS[act].form)
    required = ["act", "fields"] if form.get("required") else ["act"]
    return {"title": act, "properties": {"act": {"const": act}, "fields": form}, "required": required}


class ActRequest(BaseModel):
    """An act on a petition. `fields` are those of the act's form; `version` is the version you saw."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=_one_of_each)

    act: Annotated[str, Field(json_schema_extra={"enum": ACTS})]
    version: int | None = None
    fields: dict[str, Any] = Field(default_factory=dict)


def row(petition: Petition) -> PetitionRow:
    """Return a petition as a list shows it."""
    return PetitionRow.model_validate(petition)


def document(found: Document) -> DocumentOut:
    """Return one file as lists show it."""
    removed = found.removed.split(",") if found.removed else []
    return DocumentOut.model_validate(found.model_dump() | {"removed": removed})


def _case(found: Reading) -> CaseOut:
    number = found.number.canonical if found.number else None
    named = {
        name: CodeOut.model_validate(code) if code else None
        for name, code in (("court", found.court), ("type", found.type), ("special", found.special))
    }
    return CaseOut(typed=found.typed, number=number, flags=list(found.flags), **named)


def category(found: Category) -> CategoryOut:
    """Return a category of the scheme."""
    return CategoryOut.model_validate(found)


def proposed(found: Proposed | None) -> ProposedOut | None:
    """Return what is proposed for a text."""
    if found is None:
        return None
    deepest = category(found.deepest.category) if found.deepest else None
    return ProposedOut(
        version=found.version.number, category=deepest, percent=found.percent, words=list(found.words)
    )


def whole(found: Whole, sorted_as: Category | None) -> PetitionOut:
    """Return a whole petition with its category."""
    reply = None
    if found.reply is not None:
        items = [ReplyItemOut.model_validate(item) for item in found.items.values()]
        enclosures = [EnclosureOut.model_validate(each) for each in found.enclosures]
        parts = {"items": items, "enclosures": enclosures}
        reply = ReplyOut.model_validate(found.reply).model_copy(update=parts)
    return PetitionOut(
        **row(found.petition).model_dump(),
        text=found.petition.text,
        court_code=found.court.code,
        court_name=found.court.name,
        handler=found.handler,
        leader=found.leader,
        demands=[DemandOut.model_validate(demand) for demand in found.demands],
        clocks=[ClockOut.model_validate(clock) for clock in found.clocks],
        cases=[_case(each) for each in found.cases],
        reply=reply,
        delivered_on=found.petition.delivered_on,
        excuse=found.petition.excuse,
        category=category(sorted_as) if sorted_as else None,
    )
