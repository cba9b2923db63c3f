"""What was read in a letter, as proposals for the fields of the registration form. Pure."""

from dataclasses import dataclass

from central.scanning.fields import Field
from central.scanning.letters import Letter
from central.scanning.lines import Box

#: Which field of the form each proposal is for; day of writing and court stand in no field and are shown only.
_FIELDS = {
    "sender_name": "petitioner_name",
    "address": "address",
    "phone": "phone",
    "id_number": "id_number",
    "postmark_on": "paper_postmark_on",
    "case_numbers": "case_numbers",
    "accused": "accused",
    "accused_units": "accused_units",
    "demands": "demands",
}
_MOST_SUBJECT = 60


@dataclass(frozen=True, slots=True)
class Proposal:
    """One value that waits: `target` is a field of the form, '' for what is shown only; `name` a key below `scanning.field.`."""

    name: str
    target: str
    value: str
    percent: int
    valid: bool
    page: int
    box: Box


def of(letter: Letter) -> list[Proposal]:
    """Return the proposals of a letter in the order of the form."""
    made = [_of(each) for each in letter.fields]
    demands = [each for each in letter.fields if each.name == "demands"]
    if demands:
        first = demands[0]
        subject = Field("subject", first.value[:_MOST_SUBJECT], first.confidence, first.page, first.box)
        made.append(_of(subject, target="subject"))
    read = [line for line in letter.lines if line.is_read]
    if read:
        box = read[0].box
        for line in read:
            box = box.around(line.box) if line.page == read[0].page else box
        sure = sum(line.confidence for line in read) / len(read)
        made.append(_of(Field("text", letter.text, sure, read[0].page, box), target="text"))
    return made


def _of(field: Field, *, target: str = "") -> Proposal:
    return Proposal(
        field.name,
        target or _FIELDS.get(field.name, ""),
        field.value,
        round(field.confidence * 100),
        field.valid,
        field.page,
        field.box,
    )
