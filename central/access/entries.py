"""Between an event of access and its rows: pure. `service.looked` writes both from here, `checks` compares them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from central.access.models import Look
from central.access.rules import role_of
from central.actor import Actor, Role
from central.events.journal import stream_name
from shared.canonical import Json

PREFIX = "access"


def stream_of(petitions: Sequence[UUID], by: Actor, *, alone: bool) -> str:
    """Return the stream of a look: the petition's if it was at one alone, else that of the court of the one who looked."""
    if alone and len(petitions) == 1:
        return stream_name(PREFIX, petitions[0])
    return f"{PREFIX}/court-{by.court_code}" if by.court_code else f"{PREFIX}/system"


def facts_of(
    by: Actor,
    how: Look,
    petitions: Sequence[UUID],
    *,
    what: str,
    role: Role | None = None,
    why: str = "",
    reason: UUID | None = None,
    detail: Mapping[str, Json],
) -> dict[str, Json]:
    """Return what an event of access says. A list names how many it showed; what is taken away names each petition."""
    facts: dict[str, Json] = {
        "look": str(how),
        "what": what,
        "via": str(by.via),
        "role": str(role or role_of(by)),
        "court": by.court_code,
        "petitions": [petition.hex for petition in petitions],
    }
    if why:
        facts["why"] = why
    if reason is not None:
        facts["reason"] = reason.hex
    return facts | dict(detail)


def rows_of(event_id: int, at: datetime, actor: str, facts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows that an event makes: one for each petition it names, or one for a list that names none."""
    petitions = facts["petitions"]
    _, _, staff = actor.partition("staff:")
    common: dict[str, Any] = {
        "event_id": event_id,
        "at": at,
        "look": facts["look"],
        "what": facts["what"],
        "via": facts["via"],
        "staff_id": UUID(staff) if staff else None,
        "role": facts["role"],
        "court": facts["court"],
        "count": facts.get("count", len(petitions)),
        "why": facts.get("why"),
        "reason_id": UUID(facts["reason"]) if facts.get("reason") else None,
    }
    named: list[UUID | None] = [UUID(petition) for petition in petitions]
    return [
        common | {"place": place, "petition_id": petition} for place, petition in enumerate(named or [None])
    ]
