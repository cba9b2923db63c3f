"""The letter of a planned reply, as issuing freezes it; no file is made of it before somebody asks."""

from collections.abc import Sequence
from datetime import datetime

from central.intake.blanks import Row, new_row
from central.letters import composing
from central.letters.composing import About, Answer
from central.letters.kinds import LetterKind
from central.letters.models import Letter
from central.letters.wording import review_period
from central.simulation.deeds import Course, Who
from central.simulation.drafts import Asked, Drafts
from central.simulation.people import People
from shared.clock import court_day


def reply(
    course: Course, drafts: Drafts, demands: Sequence[Asked], people: People, *, by: Who, at: datetime
) -> Row:
    """Return the letter of the present reply, written by the court of whoever issues it."""
    content = composing.reply(
        _about(course, demands, people, by.court),
        court_day(at),
        text=drafts.text,
        answers={key: Answer(**columns) for key, columns in drafts.answers.items()},
        number=composing.number_of_reply(course.number, drafts.round),
    )
    return new_row(
        Letter,
        petition_id=course.id,
        court_id=people.court_ids[by.court],
        kind=LetterKind.REPLY.value,
        round=drafts.round,
        content=content.text(),
        written_at=at,
        written_by=people.staff_id(by),
    )


def _about(course: Course, demands: Sequence[Asked], people: People, court: str) -> About:
    form, book = course.form, people.book
    rules = book.begin(court_day(course.received_at), course.court[:1])
    review = book.rule(book.version(rules, form["kind"]), "review_request")
    name, above = people.names[court]
    return About(
        court=name,
        court_above=above,
        number=course.number,
        name=form["petitioner_name"] or "",
        channel=form["channel"],
        received_at=course.received_at,
        subject=form["subject"],
        demands=[(each.row["id"], each.text) for each in demands],
        review_days=review_period(review),
    )
