"""The act panel of a petition: what this person may do now, its form, and what it would start, end or stop."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlmodel import Session

from central.actor import Actor
from central.casework import acts
from central.casework.queries import Whole
from central.deadlines import service as deadlines
from central.deadlines import stops as paused
from central.deadlines.in_force import calendar_in_force
from central.deadlines.models import DeadlineClock
from central.deadlines.rules import Ground, Moment
from central.deadlines.shipped import book_of
from central.desk import choices, fields
from central.events.kinds import Kind
from central.followup import queries as followup
from central.followup import questions
from central.petitions import contact, moves, steps
from central.petitions.states import Act, Clocks, State

#: Without one of these nobody has to keep away.
_KEPT_AWAY = frozenset({Kind.PETITION_CONFLICT_NAMED, Kind.PETITION_RECUSED})
#: What an act brings with it as a rule, where it depends on what is filled in.
_USUALLY = {Act.FOLLOW_UP: (Moment.SETTLED,)}
#: Acts with a page of their own instead of a form in the panel.
OWN_PAGE = frozenset({Act.SAVE_DRAFT})


@dataclass(frozen=True, slots=True)
class Tried:
    """An act that was refused: what was typed and, for each field, the sentence or its key."""

    act: Act
    values: Mapping[str, Any]
    problems: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Effects:
    """What an act does to the clocks, said before it is done."""

    starts: Sequence[DeadlineClock] = ()
    ends: Sequence[DeadlineClock] = ()
    stops: Sequence[DeadlineClock] = ()
    resumes: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One act of the panel. `missing` is the key of what must be done first; `problems` are those of a refused try."""

    act: Act
    is_next: bool
    missing: str | None
    own_page: bool
    fields: Sequence[fields.FieldSpec]
    values: Mapping[str, Any]
    problems: Mapping[str, str] = field(default_factory=dict)
    effects: Effects = field(default_factory=Effects)
    open: bool = False


def entries(
    s: Session, found: Whole, actor: Actor, *, today: date, tried: Tried | None = None
) -> list[Entry]:
    """Return the panel, the next step first. The next step, or the one just tried, stands open."""
    book = book_of(s)
    kinds = {line.kind for line in found.timeline}
    offers = acts.offers(found.petition, found.demands, actor, found.clocks, book)
    options, calendar = (
        choices.Options(s, found.petition, conflicts=not _KEPT_AWAY.isdisjoint(kinds)),
        calendar_in_force(s),
    )
    return [_entry(offer, found, options, today, tried, deadlines.By(calendar, book)) for offer in offers]


def _entry(
    offer: acts.Offer,
    found: Whole,
    options: choices.Options,
    today: date,
    tried: Tried | None,
    by: deadlines.By,
) -> Entry:
    mine = tried is not None and tried.act is offer.act
    own_page = offer.act in OWN_PAGE
    given = options.of(offer.act)
    return Entry(
        act=offer.act,
        is_next=offer.is_next,
        missing=offer.missing,
        own_page=own_page,
        fields=[] if own_page else _fields(offer.act, given, today),
        values=tried.values if tried and mine else _usual(offer.act, found, today),
        problems=tried.problems if tried and mine else {},
        effects=_effects(offer.act, found, today, by),
        open=mine if tried else offer.is_next and offer.missing is None,
    )


def _fields(act: Act, given: Mapping[str, Sequence[fields.Choice]], today: date) -> list[fields.FieldSpec]:
    asked = fields.questions(questions.in_force(today)) if act is Act.FOLLOW_UP else []
    return [*fields.describe(acts.WAYS[act].form, given), *asked]


def _usual(act: Act, found: Whole, today: date) -> Mapping[str, Any]:
    """Return what a form begins with: what is known already is not typed again."""
    petition, known = found.petition, dict[str, Any]()
    match act:
        case Act.ASSIGN:
            known = {"handler_id": petition.handler_id, "leader_id": petition.leader_id}
        case Act.CHANGE_DEMANDS | Act.CHANGE_CASES:
            known = {
                "demands": [demand.text for demand in found.demands],
                "case_numbers": [each.typed for each in found.cases],
            }
        case Act.ACCEPT:
            known = {"kind": petition.kind}
        case Act.CHANGE_CONTACT if found.petitioner:
            known = contact.as_typed(found.petitioner)
        case Act.ASK_EXTENSION | Act.DECIDE_EXTENSION:
            known = {"days": petition.extension_days}
        case Act.SAVE_OPINION | Act.SUBMIT_OPINION if found.reviews:
            row = found.reviews[-1]
            known = {"outcome": row.outcome, "facts": row.facts, "basis": row.basis}
        case Act.ASK_REVIEW:
            known = {"asked_on": today.isoformat(), "asked": followup.last_words(found.followups)}
        case Act.RECORD_DELIVERY | Act.DELIVER_OPINION:
            known = {"delivered_on": today.isoformat()}
        case Act.FOLLOW_UP | Act.LOG_CALL:
            known = {"called_on": today.isoformat()}
        case _:
            pass
    return known


def _effects(act: Act, found: Whole, today: date, by: deadlines.By) -> Effects:
    step = steps.find(State(found.petition.state), act)
    if act is Act.RECORD_DELIVERY and any(
        each.facts.get("act") == Act.END_SAME_FACTS for each in found.timeline
    ):
        step = steps.FINAL_NOTICE
    foreseen = deadlines.foresee(
        found.clocks,
        petition_id=found.petition.id,
        court_id=found.petition.court_id,
        moments=(*step.moments, *moves.moments_of_kind(act, found.petition.kind), *_USUALLY.get(act, ())),
        on=today,
        calendar=by.calendar,
        book=by.book,
        version=moves.version_of(found.petition, by.book),
    )
    stops = [
        *(paused.stoppable(found.clocks, by.book, Ground.SUPPLEMENT) if step.clocks is Clocks.PAUSE else ()),
        *(paused.stoppable(found.clocks, by.book, Ground.HEARING) if act is Act.STOP_CLOCKS else ()),
    ]
    resumes = step.clocks is Clocks.RESUME or act is Act.RESUME_CLOCKS
    return Effects(foreseen.started, foreseen.ended, stops, resumes=resumes)
