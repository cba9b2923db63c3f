"""The questionnaire as data: which questions are asked on a day, and what may be said to each. Pure but for reading its file."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

#: What may be said to a question with choices; `followup.said.<value>` names it.
CHOICES = ("yes", "partly", "no")
MOST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Question:
    """One question in both languages."""

    key: str
    zh: str
    en: str
    free: bool

    @property
    def field(self) -> str:
        """Name of its field in forms."""
        return f"answer_{self.key}"


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """One version of the questions, in force from a day on."""

    key: str
    since: date
    questions: tuple[Question, ...]


def read(text: str) -> tuple[Questionnaire, ...]:
    """Return the versions of a file, newest first; raise `ValueError` for one that says nothing usable."""
    found = [
        Questionnaire(
            each["key"],
            each["from"],
            tuple(Question(q["key"], q["zh"], q["en"], _free(q["kind"])) for q in each["question"]),
        )
        for each in tomllib.loads(text)["version"]
    ]
    if len({each.key for each in found}) != len(found):
        raise ValueError("every version of the questionnaire has a key of its own")
    return tuple(sorted(found, key=lambda each: each.since, reverse=True))


def _free(kind: str) -> bool:
    if kind not in {"choice", "text"}:
        raise ValueError(f"kind of a question is choice or text, not {kind}")
    return kind == "text"


@cache
def shipped() -> tuple[Questionnaire, ...]:
    """Return the versions that come with the program."""
    return read(files("central.followup").joinpath("data/questionnaire.toml").read_text("utf-8"))


def in_force(day: date) -> Questionnaire:
    """Return the questions asked on a day."""
    return next((each for each in shipped() if each.since <= day), shipped()[-1])


def of_version(key: str) -> Questionnaire | None:
    """Return a version by its key, for answers given under it."""
    return next((each for each in shipped() if each.key == key), None)


def answers(
    asked: Questionnaire, given: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str], list[str]]:
    """Return the choices and the free texts among what was given, and the fields that cannot be taken. Blanks are no answers."""
    choices, texts, wrong = dict[str, str](), dict[str, str](), list[str]()
    known = {question.key: question for question in asked.questions}
    for key, value in given.items():
        question = known.get(key)
        if question is None or (question.free and len(value) > MOST_TEXT):
            wrong.append(f"answer_{key}")
        elif not value.strip():
            continue
        elif question.free:
            texts[key] = value.strip()
        elif value in CHOICES:
            choices[key] = value
        else:
            wrong.append(question.field)
    return choices, texts, wrong
