"""What a made-up petition is sorted as, by the words it was made of, and how that is told. Pure."""

from random import Random

from central.events import images
from central.events.kinds import Kind
from central.events.log import Draft
from central.intake.blanks import new_row, table_of
from central.intake.tales import Tale
from central.simulation.deeds import Course
from central.simulation.grammar import sorted_as
from central.simulation.people import People
from central.sorting.models import PetitionCategory
from central.sorting.scheme import current
from shared.canonical import Json
from shared.clock import court_day

#: Share of the petitions that somebody at the desk sorted.
SORTED = 0.8


def category_of(subject: str, text: str) -> str | None:
    """Return the category of the first words that name one, the subject's before the text's."""
    for words, code in sorted_as():
        if words in subject:
            return code
    return next((code for words, code in sorted_as() if words in text), None)


def chosen(seed: str, course: Course) -> str | None:
    """Return what somebody at the desk sorted a petition as, if anybody did. Its luck is its own: nothing else of a plan depends on it."""
    sorts = Random(f"{seed}/sorted/{course.number}").random() < SORTED  # noqa: S311 made-up figures # nosec B311
    return category_of(course.form["subject"], course.form["text"]) if sorts else None


def tell(tale: Tale, course: Course, code: str, people: People) -> None:
    """Add the choice to a tale, right behind the registration, as `sorting.service` writes it where nothing proposes."""
    at, by = course.registered_at, people.actor(course.by)
    row = new_row(
        PetitionCategory,
        petition_id=course.id,
        scheme=current().version,
        code=code,
        first_at=at,
        month=f"{court_day(at):%Y-%m}",
        at=at,
        by_id=by.staff_id,
    )
    facts: dict[str, Json] = {"category": code, "seen": False}
    tale.rows[PetitionCategory].append(row)
    data = images.event(facts, [images.inserted(table_of(PetitionCategory), row)])
    tale.events.insert(1, Draft(Kind.PETITION_SORTED, at, at, by.label, data))
