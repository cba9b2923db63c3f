"""Registering once, however often a program sends it."""

from datetime import datetime
from typing import TypeVar
from uuid import UUID, uuid5

from sqlalchemy.exc import IntegrityError
from sqlmodel import Session

from central.actor import Actor
from central.errors import Conflict, Invalid
from central.petitions import forms, service
from central.petitions.service import Registered

#: Keys of different callers never meet: the id of the petition is derived from caller and key.
_SPACE = UUID("5d0b6c1e-7c57-4f1c-9a1d-0f6f7c1b8a42")
Form = TypeVar("Form", bound=forms.Register)


def keyed(form: Form, key: str | None, actor: Actor) -> Form:
    """Return the form with the petition id that belongs to an Idempotency-Key; without a key, as it is."""
    if key is None:
        return form
    return form.model_copy(update={"petition_id": uuid5(_SPACE, f"{actor.staff_id}\n{key}")})


def register(s: Session, *, form: forms.Register, by: Actor, now: datetime) -> Registered:
    """Register, or return what was registered under the same id.

    Raise `Invalid` if that was another petition, `Conflict` while the first request is still at work.
    """
    try:
        found = service.register(s, form=form, by=by, now=now)
    except IntegrityError as error:
        raise Conflict("api.at_work") from error
    if found.code is None and not _same(found, form):
        raise Invalid("api.key_reused", field="Idempotency-Key")
    return found


def _same(found: Registered, form: forms.Register) -> bool:
    kept = found.petition
    return (kept.channel, kept.subject, kept.text) == (form.channel, form.subject, form.text)
