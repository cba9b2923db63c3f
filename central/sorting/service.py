"""Choose the category of a petition. What had been proposed is written down beside it, so that proposals can be measured."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from sqlmodel import Session

from central.accounts.permissions import Right, may
from central.actor import Actor
from central.errors import Forbidden, Invalid
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.sorting import forms, proposing, queries, scheme
from central.sorting.models import PetitionCategory
from shared.canonical import Json
from shared.clock import court_day


@dataclass(frozen=True, slots=True)
class Ways:
    """Where the weights lie, and from which chance on something is proposed."""

    data: Path
    least: float


def choose(
    s: Session, *, petition_id: UUID, form: forms.Choose, by: Actor, now: datetime, ways: Ways
) -> PetitionCategory:
    """Keep the category of a petition; raise `NotFound`, `Forbidden`, `Conflict` for an erased one, `Invalid`."""
    petition = petitions.get(s, petition_id, actor=by, for_update=True)
    if not may(by, Right.SORT):
        raise Forbidden("sorting.choosers_only")
    return at_registration(s, petition=petition, form=form, by=by, now=now, ways=ways)


def at_registration(
    s: Session, *, petition: Petition, form: forms.Choose, by: Actor, now: datetime, ways: Ways
) -> PetitionCategory:
    """Keep the category of a petition that was just registered, or that `choose` found; raise `Invalid`."""
    wanted = scheme.typed(form.category)
    if wanted is None:
        raise Invalid("sorting.unknown", field="category", typed=form.category)
    row = queries.of_petition(s, petition.id)
    was = row.code if row else None
    if row is None:
        row = _first(s, petition, form, wanted, now, ways)
    row.scheme, row.code, row.at, row.by_id = scheme.current().version, wanted.code, now, by.staff_id
    s.add(row)
    facts: dict[str, Json] = {"category": wanted.code, "was": was, "seen": row.seen}
    if was is None:
        facts |= {"proposed": row.proposed, "percent": row.percent}
        facts |= {"model": row.model_id.hex if row.model_id else None}
    log.record(
        s,
        kind=Kind.PETITION_SORTED,
        stream=stream_name("petition", petition.id),
        actor=by,
        at=now,
        facts={name: value for name, value in facts.items() if value is not None},
    )
    return row


def _first(
    s: Session, petition: Petition, form: forms.Choose, wanted: scheme.Category, now: datetime, ways: Ways
) -> PetitionCategory:
    """Return the row of the first choice. What is proposed for the text is found anew: the page is not asked."""
    text = proposing.text_of(petition.subject, petition.text)
    said = proposing.category(s, text, data=ways.data, least=ways.least, words=False)
    return PetitionCategory(
        petition_id=petition.id,
        scheme=scheme.current().version,
        code=wanted.code,
        first_at=now,
        month=f"{court_day(now):%Y-%m}",
        at=now,
        proposed=said.code if said else None,
        percent=said.percent if said else None,
        model_id=said.version.id if said else None,
        seen=bool(said and said.code and form.category_seen == said.code),
    )
