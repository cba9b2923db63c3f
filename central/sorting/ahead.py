"""Ask what a text means before the transaction begins that keeps its category.

The answer takes a tenth of a second, and seconds for a text that somebody wrote to be slow; SQLite has one writer, who would hold up
all others meanwhile. It stays in memory, where `service.at_registration` finds it. Name these in the `dependencies` of a route:
what stands there comes before its session.
"""

from uuid import UUID

from fastapi import Request

from central.accounts.edge import Bearer, Posted, Signed, context_of
from central.accounts.permissions import Right, may
from central.actor import Actor, Role
from central.petitions import queries as petitions
from central.sorting import proposing
from central.sorting.service import Ways


def ways_of(request: Request) -> Ways:
    """Return where the weights lie and from which chance on something is proposed."""
    settings = context_of(request).settings
    return Ways(settings.data, settings.sorting.least)


def of_form(request: Request, actor: Signed, posted: Posted) -> None:
    """Before a form of the desk registers with a category."""
    if actor.has(Role.REGISTRAR) and posted.get("category"):
        ask(request, str(posted.get("subject", "")).strip(), str(posted.get("text", "")).strip())


def of_petition(request: Request, petition_id: UUID, actor: Signed) -> None:
    """Before somebody chooses on a page; raise `NotFound`."""
    _of_petition(request, petition_id, actor)


def of_petition_called(request: Request, petition_id: UUID, actor: Bearer) -> None:
    """Before somebody chooses by a call; raise `NotFound`."""
    _of_petition(request, petition_id, actor)


def _of_petition(request: Request, petition_id: UUID, actor: Actor) -> None:
    if not may(actor, Right.SORT):
        return
    with context_of(request).look() as s:
        found = petitions.get(s, petition_id, actor=actor)
        if found.erased_at is not None:
            return
        subject, text = found.subject, found.text
    ask(request, subject, text)


def ask(request: Request, subject: str, text: str) -> None:
    """Ask for the proposal of a text and keep nothing of it but what the text means, in memory."""
    ways = ways_of(request)
    with context_of(request).look() as s:
        proposing.category(s, proposing.text_of(subject, text), data=ways.data, least=ways.least, words=False)
