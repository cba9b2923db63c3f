"""A petition with everything that belongs to it, for the staff's page, the petitioner's page and the API."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.accounts import queries as accounts
from central.actor import Actor
from central.approvals import queries as approvals
from central.approvals.models import ApprovalStep
from central.approvals.queries import Approved
from central.cases import queries as cases
from central.cases.codes import Reading
from central.courts import queries as courts
from central.courts.models import Court
from central.deadlines import queries as deadlines
from central.deadlines.models import ClockPause, DeadlineClock
from central.documents import queries as documents
from central.documents.models import Document
from central.events import log
from central.events.kinds import Kind
from central.events.models import Event
from central.followup import queries as followup
from central.followup.models import FollowUp, FollowUpDecision
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.models import Demand, Note, Petition, Petitioner, PetitionPerson
from central.petitions.states import UNDER_REVIEW, State
from central.replies import queries as replies
from central.replies import versions
from central.replies.models import Delivery, DeliveryAttempt, Reply, ReplyItem
from central.replies.versions import Enclosed
from central.reviews import queries as reviews
from central.reviews.models import Review
from shared.clock import court_day

#: Without one of these nobody was asked for what they think of the answer.
_ASKED = frozenset({Kind.FOLLOW_UP_RECORDED, Kind.FOLLOW_UP_TRIED, Kind.FOLLOW_UP_RATED})


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the timeline."""

    seq: int
    kind: Kind
    at: datetime
    recorded_at: datetime
    by: str
    facts: dict[str, Any]
    note: Note | None = None


@dataclass(frozen=True, slots=True)
class Whole:
    """A petition and what belongs to it. The number of statements behind it does not depend on how much that is."""

    petition: Petition
    court: Court
    petitioner: Petitioner | None
    demands: Sequence[Demand]
    clocks: Sequence[DeadlineClock]
    pauses: Sequence[ClockPause]
    reply: Reply | None
    items: dict[UUID, ReplyItem]
    deliveries: Sequence[Delivery]
    attempts: Sequence[DeliveryAttempt]
    followups: Sequence[FollowUp]
    timeline: list[Happened]
    decisions: Sequence[FollowUpDecision] = ()
    reviews: Sequence[Review] = ()
    documents: Sequence[Document] = ()
    #: Numbers of cases it names, with what they came to.
    cases: Sequence[Reading] = ()
    people: Sequence[PetitionPerson] = ()
    #: The steps of the last submission of the reply, under review of the decision on it; none where the court set no chain.
    approvals: Sequence[ApprovalStep] = ()
    #: What goes out with the reply of the present round.
    enclosures: Sequence[Enclosed] = ()
    names: dict[UUID, str] = field(default_factory=dict)

    @property
    def handler(self) -> str:
        """Name of the handler, empty before assignment."""
        return self.names.get(self.petition.handler_id, "") if self.petition.handler_id else ""

    @property
    def approver(self) -> str:
        """Name of whoever approves now, empty if nothing waits for approval."""
        submitted = self.reply is not None and self.reply.status == "submitted"
        if not submitted and self.petition.state != State.REVIEW_DRAFTED:
            return ""
        return self.names.get(self.petition.approver_id, "") if self.petition.approver_id else self.leader

    @property
    def approved(self) -> "Happened | None":
        """The act by which the present reply was approved, by whom and in whose place; None while it is not."""
        under_review = self.petition.state in UNDER_REVIEW
        if under_review or self.reply is None or self.reply.approved_at is None:
            return None
        return next((line for line in reversed(self.timeline) if line.kind is Kind.REPLY_APPROVED), None)

    @property
    def leader(self) -> str:
        """Name of the responsible leader, empty before acceptance."""
        return self.names.get(self.petition.leader_id, "") if self.petition.leader_id else ""


#: Without any of these there is no reply, and no clock ever stood still.
_WRITTEN = frozenset(kind for kind in Kind if kind.startswith("reply.")) | {Kind.PETITION_IMPORTED}
_PAUSED = frozenset({Kind.PETITION_SUPPLEMENT_ASKED, Kind.PETITION_CLOCKS_STOPPED, Kind.PETITION_IMPORTED})


def whole(s: Session, petition_id: UUID, *, actor: Actor) -> Whole:
    """Return all of a petition the actor may see; raise `NotFound`."""
    return of(s, petitions.get(s, petition_id, actor=actor))


def of(s: Session, petition: Petition) -> Whole:
    """Return all of a petition that was already found and allowed; of an erased one its course alone is left."""
    gone = petition.erased_at is not None
    events = log.of_stream(s, moves.stream_of(petition.id))
    kinds = {event.kind for event in events}
    reply = None if gone or kinds.isdisjoint(_WRITTEN) else replies.latest(s, petition.id)
    people = {petition.handler_id, petition.leader_id, petition.registered_by} - {None}
    notes = [] if gone else petitions.notes(s, petition.id)
    files = (
        documents.of_petition(s, petition.id) if Kind.PETITION_DOCUMENT_ADDED in kinds and not gone else []
    )
    # What never happened is not asked for.
    tried = replies.attempts(s, petition.id) if Kind.PETITION_ATTEMPT_LOGGED in kinds and not gone else []
    lines = timeline(events, notes)
    asked = reviews.of_petition(s, petition.id) if Kind.REVIEW_ASKED in kinds and not gone else []
    with_files = reply is not None and any(line.facts.get("enclosures") for line in lines)
    gone_through = _gone_through(s, petition, reply, asked, lines)
    beside = any(line.facts.get("people") for line in lines)
    decided = [] if gone or kinds.isdisjoint(_ASKED) else followup.decisions(s, petition.id)
    people |= {each.added_by for each in files} | {each.recorded_by for each in tried}
    people |= {each.by_id for each in decided} | {petition.approver_id}
    people |= {each for row in gone_through for each in (row.person_id, row.decided_by)}
    return Whole(
        petition=petition,
        court=courts.get(s, petition.court_id),
        petitioner=None if gone else petitions.petitioner(s, petition.id),
        demands=[] if gone else petitions.demands(s, petition.id),
        clocks=deadlines.of_petition(s, petition.id),
        pauses=[] if kinds.isdisjoint(_PAUSED) else deadlines.pauses(s, petition.id),
        reply=reply,
        items=replies.items(s, reply.id) if reply else {},
        deliveries=replies.deliveries(s, petition.id) if Kind.REPLY_DELIVERED in kinds and not gone else [],
        attempts=tried,
        timeline=lines,
        followups=[] if gone or kinds.isdisjoint(_ASKED) else followup.of_petition(s, petition.id),
        decisions=decided,
        reviews=asked,
        documents=files,
        cases=[] if gone else cases.readings(s, petition.id, year=court_day(petition.registered_at).year),
        people=petitions.people(s, petition.id) if beside and not gone else [],
        approvals=gone_through,
        enclosures=versions.enclosed(s, reply.id) if reply and with_files else (),
        names=accounts.names(s, {person for person in people if person}),
    )


def _gone_through(
    s: Session,
    petition: Petition,
    reply: Reply | None,
    asked: Sequence[Review],
    lines: Sequence[Happened],
) -> Sequence[ApprovalStep]:
    if not any(line.facts.get("steps") for line in lines):
        return ()
    if petition.state in UNDER_REVIEW and asked:
        return approvals.latest(s, Approved(review_id=asked[-1].id))
    return approvals.latest(s, Approved(reply.id)) if reply else ()


def timeline(events: Sequence[Event], notes: Sequence[Note]) -> list[Happened]:
    """Return the events of one petition as lines, each with the words that went with it; oldest first. Pure."""
    words = {(note.act, note.at): note for note in notes}
    return [_line(event, words) for event in events]


def _line(event: Event, words: dict[tuple[str, datetime], Note]) -> Happened:
    facts: dict[str, Any] = json.loads(event.data)["facts"]
    return Happened(
        seq=event.seq,
        kind=Kind(event.kind),
        at=event.at,
        recorded_at=event.recorded_at,
        by=facts.get("by", ""),
        facts=facts,
        note=words.get((facts.get("act", ""), event.at)),
    )
