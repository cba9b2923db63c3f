"""Take the made-up petitions as far as their story goes, through the real services, dated as if it had happened so."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor, Role, Via
from central.casework import acts
from central.courts import queries as courts
from central.courts.models import Court
from central.documents import service as documents
from central.documents.service import Store
from central.petitions import forms, service
from central.petitions import queries as petitions
from central.petitions.models import Petition
from central.petitions.numbering import shown_code
from central.petitions.states import Act

#: The acts on the way to each state, by whom.
_TRIAGED = [(Act.ACCEPT, Role.REGISTRAR)]
_WORKING = [
    *_TRIAGED,
    (Act.ASSIGN, Role.REGISTRAR),
    (Act.ACKNOWLEDGE, Role.REGISTRAR),
    (Act.TAKE_UP, Role.HANDLER),
]
_DRAFTED = [*_WORKING, (Act.SAVE_DRAFT, Role.HANDLER), (Act.SUBMIT, Role.HANDLER)]
_REPLIED = [*_DRAFTED, (Act.APPROVE, Role.LEADER), (Act.ISSUE, Role.HANDLER)]
_CLOSED = [
    *_REPLIED,
    (Act.RECORD_DELIVERY, Role.HANDLER),
    (Act.FOLLOW_UP, Role.REGISTRAR),
    (Act.CLOSE, Role.REGISTRAR),
]
WAYS: dict[str, list[tuple[Act, Role]]] = {
    "registered": [],
    "accepted": _TRIAGED,
    "handling": _WORKING,
    "drafted": _DRAFTED,
    "replied": _REPLIED,
    "closed": _CLOSED,
    "in_review": [*_REPLIED, (Act.RECORD_DELIVERY, Role.HANDLER), (Act.ASK_REVIEW, Role.REGISTRAR)],
    "to_litigation": [(Act.TO_LITIGATION, Role.REGISTRAR)],
    "awaiting_supplement": [(Act.ASK_SUPPLEMENT, Role.REGISTRAR)],
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A receipt of the demonstration, to try the look-up with."""

    number: str
    code: str
    state: str
    #: By which other scenes speak of the petition; most have none.
    key: str
    petition: Petition


def tell(s: Session, *, store: Store, now: datetime) -> list[Shown]:
    """Create all petitions of the demonstration; return their receipts."""
    text = Path(__file__).with_name("petitions.toml").read_text("utf-8")
    story = tomllib.loads(text)
    return list(_told(s, story["petition"], story["words"], store, now))


def _told(
    s: Session, entries: list[dict[str, Any]], words: dict[str, str], store: Store, now: datetime
) -> Iterator[Shown]:
    for entry in entries:
        court = courts.by_code(s, entry["court"])
        at = now - timedelta(days=entry["days_ago"], hours=2)
        petition, code = service.register(
            s, form=_form(entry, at), by=actor(s, court, Role.REGISTRAR), now=at
        )
        if "letter" in entry:
            _file(s, store, petition, entry["letter"], actor(s, court, Role.REGISTRAR), at)
        for step, (act, role) in enumerate(WAYS[entry["until"]], start=1):
            moment = min(at + timedelta(days=step), now - timedelta(minutes=60 - step))
            values = _values(s, petition, act, court, words)
            acts.perform(
                s, petition_id=petition.id, act=act, values=values, by=actor(s, court, role), now=moment
            )
        yield Shown(petition.number, shown_code(code or ""), petition.state, entry.get("key", ""), petition)


def _file(s: Session, store: Store, petition: Petition, name: str, by: Actor, at: datetime) -> None:
    """Add the photograph of a letter, with the place where it was taken noted in it."""
    with Path(__file__).with_name(name).open("rb") as content:
        documents.take_in(
            s,
            store=store,
            petition_id=petition.id,
            key_id=petition.key_id,
            name="来信.jpg",
            content=content,
            by=by,
            now=at,
        )


def _form(entry: dict[str, Any], at: datetime) -> forms.Register:
    return forms.Register(
        channel=entry["channel"],
        received_at=at,
        subject=entry["subject"],
        text=entry["text"].strip(),
        demands=entry["demands"],
        petitioner_name=entry.get("name"),
        phone=entry.get("phone"),
        address=entry.get("address"),
        referred_by=entry.get("referred_by"),
    )


def actor(s: Session, court: Court, role: Role) -> Actor:
    """Return the first of a court's people in a role."""
    return accounts.actor_of(accounts.with_role(s, court.id, role)[0], court, Via.WEB)


def _values(s: Session, petition: Petition, act: Act, court: Court, words: dict[str, str]) -> dict[str, Any]:
    if act is Act.ASSIGN:
        return _people(s, court)
    fixed: dict[Act, dict[str, Any]] = {
        Act.ACKNOWLEDGE: {"method": "phone", "remark": words["acknowledge"]},
        Act.SAVE_DRAFT: {"text": words["opening"], "items": _items(s, petition, words)},
        Act.RECORD_DELIVERY: {"method": "post", "proof": words["proof"]},
        Act.FOLLOW_UP: {"method": "phone", "satisfaction": "satisfied", "words": words["follow_up"]},
        Act.TO_LITIGATION: {"remark": words["to_litigation"]},
        Act.ASK_REVIEW: {"came": "desk", "asked": words["asked"]},
        Act.ASK_SUPPLEMENT: {"remark": words["ask_supplement"]},
    }
    return fixed.get(act, {})


def _people(s: Session, court: Court) -> dict[str, Any]:
    return {
        "handler_id": accounts.with_role(s, court.id, Role.HANDLER)[0].id,
        "leader_id": accounts.with_role(s, court.id, Role.LEADER)[0].id,
    }


def _items(s: Session, petition: Petition, words: dict[str, str]) -> list[dict[str, str]]:
    return [
        {
            "demand_id": str(demand.id),
            "outcome": "support",
            "facts": words["facts"].format(demand=demand.text),
            "basis": words["basis"],
        }
        for demand in petitions.demands(s, petition.id)
    ]
