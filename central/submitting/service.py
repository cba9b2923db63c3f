"""Send what was written: once, however often it is asked for; within the quotas; with its files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.accounts import passwords, throttle
from central.actor import Actor, Role, Via
from central.courts import queries as courts
from central.courts.models import Court
from central.documents.remaking import BadDocument
from central.documents.service import Prepared, Store, keep
from central.errors import Conflict, MinyiError, TooManyTries
from central.petitions import queries as petitions
from central.petitions import service as petitions_service
from central.petitions.models import Petition
from central.settings import Submitting, Throttle
from central.submitting import forms, queries, uploads
from central.submitting.drafts import Draft

WINDOW_MINUTES = 60


class Flooded(MinyiError):
    """So many came from one address, or to one court, that this one waits; nothing typed is lost."""

    status = 429


def sender(court: Court, petition_id: UUID) -> Actor:
    """Return whoever sends a petition on the public page: they register this one at this court and nothing else."""
    return Actor(
        name="信访人",
        roles=frozenset({Role.PETITIONER}),
        via=Via.PUBLIC,
        court_id=court.id,
        court_code=court.code,
        court_name=court.name,
        court_path=court.path,
        petition_id=petition_id,
    )


def sent_before(s: Session, draft: Draft) -> Petition | None:
    """Return what an earlier sending of this draft became; raise `Conflict` if its code was replaced since."""
    found = petitions.by_id(s, draft.id)
    if found is not None and not passwords.matches_code(found.code_hash, draft.code):
        raise Conflict("submitting.sent_and_reissued", number=found.number)
    return found


def prepared(s: Session, draft: Draft, store: Store) -> tuple[list[Prepared], list[tuple[str, BadDocument]]]:
    """Check the files of a draft and make them anew, before anything is locked."""
    good: list[Prepared] = []
    refused: list[tuple[str, BadDocument]] = []
    for row in queries.uploads(s, draft.id):
        if row.received < row.size:
            refused.append((row.name, BadDocument("unfinished")))
            continue
        try:
            good.append(uploads.prepared(s, row, store))
        except BadDocument as error:
            refused.append((row.name, error))
    return good, refused


def send(
    s: Session,
    *,
    draft: Draft,
    files: Sequence[Prepared],
    address: str,
    limits: Submitting,
    store: Store,
    now: datetime,
) -> Petition:
    """Register the petition at its court; a second time it is found, not made. Raise what keeps it from being taken."""
    if (there := sent_before(s, draft)) is not None:
        return there
    form = forms.to_register(draft)
    court = courts.by_code(s, str(draft.values.get("court", "")))
    take_quota(s, address=address, court_id=court.id, limits=limits, now=now)
    by = sender(court, draft.id)
    done = petitions_service.register(s, form=form, by=by, now=now, code=draft.code)
    for each in files:
        keep(s, store=store, petition_id=draft.id, key_id=done.petition.key_id, prepared=each, by=by, now=now)
        s.flush()  # the number of the next file follows from this one
    return done.petition


def take_quota(s: Session, *, address: str, court_id: UUID, limits: Submitting, now: datetime) -> None:
    """Count one petition against the quotas of an hour; raise `Flooded` when one is used up."""
    for kind, name, most in (
        ("address", address, limits.per_address_hour),
        ("court", court_id.hex, limits.per_court_hour),
    ):
        key = throttle.key_of(f"submit-{kind}", name)
        counted = Throttle(guesses=most, window_minutes=WINDOW_MINUTES)
        try:
            throttle.check(s, key=key, limits=counted, now=now)
        except TooManyTries as error:
            raise Flooded(f"submitting.flooded.{kind}", minutes=error.values["minutes"]) from None
        throttle.wrong(s, key=key, limits=counted, now=now)
