"""Write looks down: in a short transaction of their own before the answer leaves, so that a look not recorded is not shown."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Table
from sqlmodel import Session

from central import db
from central.access import entries
from central.access.forms import GiveReason
from central.access.models import AccessEntry, AccessReason, Look
from central.access.rules import REASON_HOLDS
from central.actor import Actor, Role
from central.errors import AsksFirst
from central.events import log
from central.events.journal import stream_name
from central.events.kinds import Kind
from shared.canonical import Json

_ENTRY: Table = AccessEntry.__table__  # type: ignore[attr-defined]
_KINDS = {look: Kind(f"look.{look}") for look in Look}
_NOTHING: Mapping[str, Json] = {}


class ReasonNeeded(AsksFirst):
    """The petition is not the person's own work: they say why they look, then look."""

    status = 428

    def __init__(self, petition_id: UUID) -> None:
        super().__init__("access.reason_needed")
        self.page = f"/petitions/{petition_id}/reason"


def looked(
    s: Session,
    *,
    by: Actor,
    how: Look,
    petitions: Sequence[UUID],
    now: datetime,
    what: str = "page",
    role: Role | None = None,
    reason: AccessReason | None = None,
    detail: Mapping[str, Json] = _NOTHING,
    alone: bool = True,
) -> None:
    """Record one look. `petitions` are those it names: one for a page, all for an export, none for a list.

    From a reading session it is a transaction of its own, and the rows read so far are let go of (they stay readable); from a
    writing one it goes with the rest. `detail` holds codes, counts and keys, never a name or words somebody typed.
    `alone=False` puts a look at one petition among the looks of the court, as for a list that happens to hold one.
    """
    why, reason_id = (reason.why, reason.id) if reason else ("", None)
    facts = entries.facts_of(
        by, how, petitions, what=what, role=role, why=why, reason=reason_id, detail=detail
    )
    kind, stream = _KINDS[how], entries.stream_of(petitions, by, alone=alone)
    connection = db.alone(s) if len(petitions) <= 1 else None
    if connection is not None:
        [row] = entries.rows_of(0, now, by.label, facts)
        if log.append_alone(
            connection, kind=kind, stream=stream, actor=by, at=now, facts=facts, into=_ENTRY, row=row
        ):
            return
    with db.beside(s) as own:
        own.flush()
        event_id = log.append(own, kind=kind, stream=stream, actor=by, at=now, facts=facts)
        own.connection().execute(_ENTRY.insert(), entries.rows_of(event_id, now, by.label, facts))


def shown(
    s: Session,
    *,
    by: Actor,
    what: str,
    keys: Sequence[UUID],
    now: datetime,
    how: Look = Look.LISTED,
    filter_: Mapping[str, Any] = _NOTHING,
) -> None:
    """Record that a list was shown: by which filters, how many, and the first and last of them."""
    detail: dict[str, Json] = {"count": len(keys)}
    if keys:
        detail |= {"first": keys[0].hex, "last": keys[-1].hex}
    kept = {name: value for name, value in filter_.items() if value not in (None, "", False)}
    if kept:
        detail["filter"] = kept
    looked(s, by=by, how=how, petitions=(), what=what, now=now, detail=detail)


def give_reason(s: Session, *, petition_id: UUID, form: GiveReason, by: Actor, now: datetime) -> AccessReason:
    """Keep why the actor looks at a petition; it holds for `REASON_HOLDS`. The words stay out of the event, which has their digest."""
    if by.staff_id is None:
        msg = "a reason is given by a person"
        raise ValueError(msg)
    reason = AccessReason(
        petition_id=petition_id,
        staff_id=by.staff_id,
        why=form.why,
        text=form.text,
        at=now,
        until=now + REASON_HOLDS,
    )
    s.add(reason)
    log.record(
        s,
        kind=Kind.LOOK_REASON_GIVEN,
        stream=stream_name(entries.PREFIX, petition_id),
        actor=by,
        at=now,
        facts={"why": str(form.why), "court": by.court_code},
    )
    return reason
