"""Where the petitioner can be reached, and how they want to be told: kept at registration, corrected by an act of its own."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor
from central.petitions import forms, moves, queries
from central.petitions.models import Petition, Petitioner, TellBy
from central.petitions.states import Act

#: What may be corrected; the event names what was, never what it was or became.
FIELDS = ("phone", "mail", "address", "tell_by", "reply_by", "language")


def put(person: Petitioner, form: forms.Reachable, *, now: datetime) -> list[str]:
    """Write the form into the row; return the names of what is different now.

    Agreeing to be told is dated: `told_since` begins anew with each other choice and ends with the choice to be told by nothing.
    Whoever was not asked (a form that says nothing of it) has not chosen.
    """
    wanted: dict[str, str | None] = {
        "phone": form.phone,
        "mail": form.mail,
        "address": form.address,
        "tell_by": ways(form.tell_by) if "tell_by" in form.model_fields_set else person.tell_by,
        "reply_by": form.reply_by.value if form.reply_by else None,
        "language": form.language,
    }
    changed = [name for name in FIELDS if getattr(person, name) != wanted[name]]
    for name in changed:
        setattr(person, name, wanted[name])
    if "tell_by" in changed:
        person.told_since = now if person.tell_by else None
    return changed


def ways(chosen: list[TellBy]) -> str:
    """Return choices as the row keeps them, each once, in the order of the enum."""
    return ",".join(each for each in TellBy if each in chosen)


def told_by(person: Petitioner) -> tuple[TellBy, ...]:
    """Return by which ways the petitioner wants to be told of news."""
    return tuple(TellBy(each) for each in (person.tell_by or "").split(",") if each)


def as_typed(person: Petitioner) -> dict[str, object]:
    """Return the row as a form shows it."""
    return {name: getattr(person, name) for name in FIELDS} | {"tell_by": list(told_by(person))}


def change(
    s: Session,
    *,
    petition_id: UUID,
    form: forms.ChangeContact,
    by: Actor,
    now: datetime,
    version: int | None = None,
) -> Petition:
    """Correct where and how the petitioner can be reached. Who was told where, until now, stays on record with each message."""
    petition, step = moves.load(s, petition_id, act=Act.CHANGE_CONTACT, by=by, version=version)
    person = queries.petitioner(s, petition.id)
    if person is None:  # a ledger knew of nobody
        person = Petitioner(petition_id=petition.id)
        s.add(person)
    changed = put(person, form, now=now)
    if not changed and by.petition_id is not None:  # a double tap on the petitioner's page
        return petition
    facts = {"changed": changed, "tell_by": person.tell_by or ""}
    moves.move(s, petition, act=Act.CHANGE_CONTACT, step=step, by=by, at=now, facts_=facts, words=form.remark)
    return petition
