"""What is held about a petitioner beside what their page tells, for the archive they take away (PIPL art. 45): by name, as JSON has it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import Session

from central.cases import queries as cases
from central.casework.queries import Whole
from central.courts import queries as courts
from central.followup import queries as followup
from central.litigation import queries as litigation
from central.messages import queries as messages
from central.reviews import queries as reviews
from central.reviews.models import Review

_OF_PERSON = ("role", "name", "phone", "address", "id_number", "bond")
_OF_ROUTE = ("procedure", "started_on", "due_on", "court", "words", "at")
_OF_DELIVERY = (
    "method",
    "delivered_on",
    "at",
    "proof",
    "receiver",
    "receiver_as",
    "checked",
    "unsigned",
    "phone",
    "words",
    "picture",
)
_OF_ATTEMPT = ("at", "method", "reason", "purpose")
_OF_CALL = ("at", "method", "satisfaction", "words", "called_at", "called", "questionnaire")
_OF_DECISION = ("at", "decision", "reasons")
_OF_MESSAGE = ("channel", "about", "made_at", "state", "sent_at")
_OF_REVIEW = ("stage", "came", "asked_on", "until_on", "late", "asked", "judged", "ended_on", "end")
#: Of a decision nothing is read out before it was approved.
_OF_APPROVED = ("outcome", "facts", "basis", "approved_at", "letter", "delivered_on", "method", "proof")


def beside(s: Session, found: Whole) -> dict[str, Any]:
    """Return it by name; of an erased petition nothing is left to read."""
    petition = found.petition
    if petition.erased_at is not None:
        return {}
    same = reviews.same_facts(s, petition.id)
    return {
        "case_numbers": [
            {"typed": row.typed, "number": row.case_number} for row in cases.of_petition(s, petition.id)
        ],
        "people": _all(found.people, _OF_PERSON),
        "litigation": _all(litigation.of_petition(s, petition.id), _OF_ROUTE),
        "deliveries": _all(found.deliveries, _OF_DELIVERY),
        "delivery_attempts": _all(found.attempts, _OF_ATTEMPT),
        "said_of_the_answer": [
            _row(row, _OF_CALL) | {"answers": dict(followup.given(row))} for row in found.followups
        ],
        "decided_on_it": _all(found.decisions, _OF_DECISION),
        "reviews": [_review(s, row) for row in found.reviews],
        "same_facts": {"at": plain(same.at), "letter": same.letter} if same else None,
        "messages": _all(messages.of_petition(s, petition.id), _OF_MESSAGE),
    }


def _review(s: Session, row: Review) -> dict[str, Any]:
    told = _row(row, _OF_REVIEW)
    if row.approved_at is not None:
        told |= _row(row, _OF_APPROVED)
        told["court"] = courts.get(s, row.court_id).name if row.court_id else None
    return told


def _all(rows: Sequence[object], columns: Sequence[str]) -> list[Mapping[str, Any]]:
    return [_row(row, columns) for row in rows]


def _row(row: object, columns: Sequence[str]) -> dict[str, Any]:
    return {name: plain(getattr(row, name)) for name in columns}


def plain(value: Any) -> Any:
    """Return a value as JSON has it."""
    return value.isoformat() if isinstance(value, datetime | date) else value
