"""How the form of an act looks on a page, read off its model: one mechanism for all acts."""

import types
import typing
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from central.followup.questions import CHOICES, Questionnaire
from central.petitions.forms import Form

#: Fields that are several lines long.
_LONG = frozenset({"remark", "words", "demands", "text", "case_numbers", "asked", "facts", "basis"})
#: Where the names of a field's values stand in the catalogue.
_NAMES = {
    "channel": "petitions.channel.",
    "method": "petitions.method.",
    "reason": "petitions.tried.",
    "excuse": "petitions.excuse.",
    "checked": "petitions.checked.",
    "satisfaction": "followup.satisfaction.",
    "ground": "petitions.ground.",
    "stopped_by": "deadlines.ground.",
    "kind": "deadlines.kind.",
    "id_kind": "petitions.paper.",
    "decision": "petitions.decision.",
    "tell_by": "petitions.tell_by.",
    "reply_by": "petitions.reply_by.",
    "language": "petitions.language_",
    "verdict": "followup.verdict.",
    "came": "reviews.came.",
    "outcome": "reviews.outcome.",
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One option: its value and either a catalogue key or, for names, the text itself."""

    value: str
    key: str = ""
    text: str = ""
    text_en: str = ""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a form: `kind` is line, text, date, select, checks, checkbox or number."""

    name: str
    kind: str
    required: bool
    choices: tuple[Choice, ...] = ()
    #: The label itself, where it stands in no catalogue.
    label: str = ""
    label_en: str = ""

    @property
    def label_key(self) -> str:
        """Catalogue key of the label."""
        return f"fields.{self.name}"

    @property
    def hint_key(self) -> str:
        """Catalogue key of the hint; not every field has one."""
        return f"fields.{self.name}_hint"


def describe(form: type[Form], choices: Mapping[str, Sequence[Choice]] | None = None) -> list[FieldSpec]:
    """Return the fields of `form` in order. `choices` gives the options of fields whose values stand in the database."""
    given = choices or {}
    return [
        _spec(name, info, tuple(given.get(name, ())))
        for name, info in form.model_fields.items()
        if get_origin(info.annotation) is not dict
    ]


def questions(asked: Questionnaire) -> list[FieldSpec]:
    """Return the fields of a questionnaire; none has to be filled in."""
    said = (Choice("", "followup.said.none"), *(Choice(each, f"followup.said.{each}") for each in CHOICES))
    return [
        FieldSpec(
            each.field,
            "text" if each.free else "select",
            required=False,
            choices=() if each.free else said,
            label=each.zh,
            label_en=each.en,
        )
        for each in asked.questions
    ]


def _spec(name: str, info: FieldInfo, given: tuple[Choice, ...]) -> FieldSpec:
    several = _several(info.annotation)
    options = given or _options(name, several or info.annotation)
    kind = ("checks" if several else "select") if options else _kind(name, info.annotation)
    if options and not several and not info.is_required() and info.default is None and options[0].value:
        options = (Choice(""), *options)
    return FieldSpec(name, kind, required=info.is_required(), choices=options)


def _kind(name: str, annotation: Any) -> str:
    if name in _LONG:
        return "text"
    if annotation is bool:
        return "checkbox"
    if _without_none(annotation) is int:
        return "number"
    if name.endswith("_time"):
        return "time"
    return "date" if name.endswith("_on") else "line"


def _options(name: str, annotation: Any) -> tuple[Choice, ...]:
    plain = _without_none(annotation)
    values: Iterable[object] = ()
    if get_origin(plain) is Literal:
        values = get_args(plain)
    elif isinstance(plain, type) and issubclass(plain, StrEnum):
        values = plain
    return tuple(Choice(str(value), _NAMES[name] + str(value)) for value in values)


def _several(annotation: Any) -> Any:
    """Return what a list holds some of, if those are choices."""
    inside = get_args(annotation)[0] if get_origin(annotation) is list else None
    return inside if isinstance(inside, type) and issubclass(inside, StrEnum) else None


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in {types.UnionType, typing.Union}:
        return next(part for part in get_args(annotation) if part is not type(None))
    return annotation
