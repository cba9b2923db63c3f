"""What a petitioner is told of one petition. Pages get this and nothing behind it: what stays inside the court is never read out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlmodel import Session

from central.access import queries as access
from central.asks import endings
from central.asks import queries as asks
from central.asks.models import PetitionerAsk
from central.cases.codes import Reading
from central.casework import queries as casework
from central.casework import sheets
from central.casework.queries import Happened, Whole
from central.courts import queries as courts
from central.courts.models import Court, Department
from central.deadlines import in_force, paper, sheet
from central.deadlines import queries as clocks
from central.deadlines.due import Due
from central.deadlines.rules import RuleSet
from central.deadlines.shipped import book_of
from central.errors import NotFound
from central.events.kinds import Kind
from central.keeping import queries as keeping
from central.keeping.models import Appraisal
from central.letters import queries as letters
from central.litigation import queries as litigation
from central.litigation.models import LitigationRoute
from central.petitions.models import Demand, Petition
from central.petitions.states import State
from central.portal import owed, said, stages
from central.portal.handed import handed_in
from central.replies import queries as replies
from central.replies import versions
from central.replies.models import Delivery, Reply, ReplyItem
from central.replies.versions import Enclosed
from shared.clock import court_day

#: What is told of the events, oldest first. Everything else is work inside the court.
TOLD = frozenset(
    {
        Kind.PETITION_REGISTERED,
        Kind.PETITION_IMPORTED,
        Kind.PETITION_ACCEPTED,
        Kind.PETITION_DECLINED,
        Kind.PETITION_TO_LITIGATION,
        Kind.PETITION_TRANSFERRED,
        Kind.PETITION_RETURNED,
        Kind.PETITION_SUPPLEMENT_ASKED,
        Kind.PETITION_SUPPLEMENTED,
        Kind.PETITION_ASSIGNED,
        Kind.PETITION_ACKNOWLEDGED,
        Kind.PETITION_TAKEN_UP,
        Kind.PETITION_PROGRESS_TOLD,
        Kind.PETITION_DEMANDS_CHANGED,
        Kind.PETITION_CODE_REISSUED,
        Kind.PETITION_CONTACT_CHANGED,
        Kind.PETITION_CASES_CHANGED,
        Kind.PETITION_MERGED,
        Kind.PETITION_WITHDRAWN,
        Kind.PETITION_REOPENED,
        Kind.PETITION_CLOSED,
        Kind.PETITION_ATTEMPT_LOGGED,
        Kind.PETITION_REPLY_EXCUSED,
        Kind.PETITION_DATES_RECOUNTED,
        Kind.PETITION_TIME_OVER,
        Kind.PETITION_KEPT,
        Kind.PETITION_ERASED,
        Kind.PETITION_ERASURE_ASKED,
        Kind.ASK_SUPPLEMENT_ADDED,
        Kind.ASK_OBJECTION_MADE,
        Kind.ASK_SEEN,
        Kind.ASK_ANSWERED,
        Kind.ASK_RECOUNTED,
        Kind.PETITION_CONFLICT_NAMED,
        Kind.PETITION_DOCUMENT_ADDED,
        Kind.PETITION_EXTENDED,
        Kind.PETITION_CLOCKS_STOPPED,
        Kind.PETITION_CLOCKS_RESUMED,
        Kind.PETITION_RECUSED,
        Kind.REPLY_ISSUED,
        Kind.REPLY_POSTED,
        Kind.REPLY_DELIVERED,
        Kind.FOLLOW_UP_RECORDED,
        Kind.PAPER_RECEIVED,
        Kind.PAPER_RETURNED,
        Kind.MESSAGE_SENT,
        Kind.MESSAGE_FAILED,
        Kind.FOLLOW_UP_TRIED,
        Kind.REVIEW_ASKED,
        Kind.REVIEW_ADMITTED,
        Kind.REVIEW_REFUSED,
        Kind.REVIEW_WITHDRAWN,
        Kind.REVIEW_ASSIGNED,
        Kind.REVIEW_DECIDED,
        Kind.REVIEW_DELIVERED,
        Kind.REVIEW_EXCUSED,
        Kind.FOLLOW_UP_RATED,
        Kind.FOLLOW_UP_DECIDED,
    }
)
_SENT = frozenset({Kind.ASK_SUPPLEMENT_ADDED, Kind.ASK_OBJECTION_MADE, Kind.PETITION_SUPPLEMENTED})
_OF_KEEPING = frozenset({Kind.PETITION_TIME_OVER, Kind.PETITION_ERASED})
#: Acts whose words are a notice to the petitioner and stand beside the stage, by the state they lead to.
_NOTICES: dict[State, Kind] = {
    State.DECLINED: Kind.PETITION_DECLINED,
    State.TO_LITIGATION: Kind.PETITION_TO_LITIGATION,
    State.TRANSFERRED: Kind.PETITION_TRANSFERRED,
    State.AWAITING_SUPPLEMENT: Kind.PETITION_SUPPLEMENT_ASKED,
    State.MERGED: Kind.PETITION_MERGED,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened: `portal.happened.<key>`, with the words that were told."""

    key: str
    on: date
    words: str
    written_on: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the court said to one demand."""

    demand: str
    outcome: str | None
    facts: str
    basis: str


@dataclass(frozen=True, slots=True)
class Letter:
    """A reply that left the court."""

    round: int
    issued_on: date
    text: str
    answers: tuple[Answer, ...]
    #: It can be had as a signed file.
    signed: bool = False
    enclosures: tuple[Enclosed, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """A petition as its petitioner reads it."""

    number: str
    channel: str
    received_on: date
    subject: str
    text: str
    demands: tuple[str, ...]
    #: Cases it is about, with what their numbers came to.
    cases: tuple[Reading, ...]
    phone_end: str
    imported: bool
    ended: bool
    stage: str
    rail: tuple[stages.Stage, ...]
    notice: str
    #: The letter that directs to litigation, with court and last day.
    litigation: LitigationRoute | None
    court: Court
    above: Court | None
    department: Department | None
    handler: str
    leader: str
    terms: owed.Terms
    letters: tuple[Letter, ...]
    #: Other signed letters: id, kind, day.
    papers: tuple[tuple[UUID, str, date], ...]
    delivered: Delivery | None
    excuse: str | None
    own_word: said.OwnWord
    right: said.ReviewRight
    reviews: tuple[said.Reviewed, ...]
    happened: tuple[Line, ...]
    looks: tuple[access.Told, ...]
    #: Day on which its content was erased, or will be as announced; with the rule of the schedule.
    erased_on: date | None
    erase_on: date | None
    kept_by: str
    #: What the petitioner sent later, newest first, and the names of all files by number.
    asks: tuple[PetitionerAsk, ...]
    files: Mapping[int, str]
    #: Names of what came with the petition, or was added on this page.
    handed_in: tuple[str, ...]
    may_withdraw: bool
    #: The petitioner's wish that it be erased, newest.
    erasure: Appraisal | None


def rules_of(s: Session, today: date) -> RuleSet:
    """Return the rules under which a petition that comes in today begins, as this province reads them."""
    book = book_of(s)
    return book.get(book.begin(today, courts.province(s)))


def told(s: Session, petition: Petition, today: date) -> Told:
    """Return what the petitioner is told today."""
    found = casework.of(s, petition)
    state, lines = State(petition.state), [line for line in found.timeline if line.kind in TOLD]
    kinds = {line.kind for line in lines}
    paused = {pause.clock_id for pause in found.pauses if pause.until_on is None}
    return Told(
        number=petition.number,
        channel=petition.channel,
        received_on=court_day(petition.received_at),
        subject=petition.subject,
        text=petition.text,
        demands=tuple(demand.text for demand in found.demands),
        cases=tuple(found.cases),
        phone_end=_phone_end(found),
        imported=petition.imported,
        ended=not petition.is_open,
        stage="followed_up_undecided" if petition.undecided else stages.stage_of(state),
        rail=stages.rail(state, [line.kind for line in lines]),
        notice=_notice(state, lines),
        litigation=litigation.latest(s, petition.id) if state is State.TO_LITIGATION else None,
        court=found.court,
        above=courts.get(s, found.court.parent_id) if found.court.parent_id else None,
        department=_department(s, petition),
        handler=found.handler,
        leader=found.leader,
        terms=owed.terms(found.clocks, paused=paused, book=book_of(s), today=today),
        letters=() if petition.erased_at else tuple(_letters(s, found)),
        papers=_papers(s, found),
        delivered=_delivered(s, petition),
        excuse=petition.excuse,
        own_word=said.own_word_of(s, petition, today),
        right=said.review_right(s, petition, today),
        reviews=tuple(said.reviewed(s, petition, found)),
        happened=tuple(_line(line) for line in lines),
        looks=tuple(access.told(s, petition.id)),
        asks=tuple(asks.of_petition(s, petition.id)) if not petition.erased_at and kinds & _SENT else (),
        files={each.number: each.name for each in found.documents},
        handed_in=tuple(each.name for each in handed_in(found)),
        may_withdraw=endings.may_withdraw(petition),
        erasure=keeping.asked(s, petition.id) if Kind.PETITION_ERASURE_ASKED in kinds else None,
        erased_on=court_day(petition.erased_at) if petition.erased_at else None,
        erase_on=keeping.announced(s, petition.id) if not petition.is_open else None,
        kept_by=next(
            (str(line.facts.get("rule", "")) for line in reversed(lines) if line.kind in _OF_KEEPING), ""
        ),
    )


def _line(line: Happened) -> Line:
    on, written_on = court_day(line.at), court_day(line.recorded_at)
    return Line(line.kind.replace(".", "_"), on, _words(line), written_on if written_on != on else None)


def _words(line: Happened) -> str:
    return line.note.text if line.note is not None and line.note.public else ""


def _notice(state: State, lines: Sequence[Happened]) -> str:
    """Return the words of the notice that brought the petition where it is, if there were any."""
    kind = _NOTICES.get(state)
    return next((_words(line) for line in reversed(lines) if line.kind is kind), "")


def _phone_end(found: Whole) -> str:
    """Return the last four signs of the number on file: enough for its owner to know it, for others not."""
    phone = found.petitioner.phone if found.petitioner else None
    return phone[-4:] if phone else ""


def _delivered(s: Session, petition: Petition) -> Delivery | None:
    """Return the proof that the present reply or notice arrived; one that was opened again has none yet."""
    if petition.delivered_on is None:
        return None
    return next(reversed(replies.deliveries(s, petition.id)), None)


def _department(s: Session, petition: Petition) -> Department | None:
    return s.get(Department, petition.department_id) if petition.department_id else None


def _letters(s: Session, found: Whole) -> Iterator[Letter]:
    """Yield the replies that left the court, newest first; a draft never."""
    petition_id, demands = found.petition.id, found.demands
    issued = replies.issued(s, petition_id)
    signed = letters.reply_rounds(s, petition_id) if issued else frozenset()
    with_files = any(line.facts.get("enclosures") for line in found.timeline)
    for reply in issued:
        if reply.issued_at is not None:
            yield Letter(
                reply.round,
                court_day(reply.issued_at),
                reply.text,
                _answers(s, reply, demands),
                reply.round in signed,
                tuple(versions.enclosed(s, reply.id)) if with_files else (),
            )


def _papers(s: Session, found: Whole) -> tuple[tuple[UUID, str, date], ...]:
    """Return the other letters; where none was ever written nothing is asked for."""
    if found.petition.erased_at or all(line.kind is not Kind.LETTER_WRITTEN for line in found.timeline):
        return ()
    rows = letters.papers(s, found.petition.id)
    return tuple((letter_id, kind, court_day(at)) for letter_id, kind, at in rows)


def _answers(s: Session, reply: Reply, demands: Sequence[Demand]) -> tuple[Answer, ...]:
    items = replies.items(s, reply.id)
    return tuple(_answer(demand, items[demand.id]) for demand in demands if demand.id in items)


def _answer(demand: Demand, item: ReplyItem) -> Answer:
    return Answer(demand.text, item.outcome, item.facts, item.basis)


@dataclass(frozen=True, slots=True)
class Sheet:
    """How one date was found. While the period stands still, the date is not certain yet (`paused`)."""

    number: str
    derived: Due
    days: tuple[sheet.Day, ...]
    done: bool
    paused: bool
    told: paper.Sheet


def sheet_of(s: Session, petition: Petition, clock_id: UUID, today: date) -> Sheet:
    """Return the sheet of a period of this petition that concerns the petitioner; raise `NotFound`."""
    clock = next((each for each in clocks.of_petition(s, petition.id) if each.id == clock_id), None)
    if clock is None or clock.rule in owed.BETWEEN_COURTS:
        raise NotFound
    pauses, done = clocks.pauses(s, petition.id), clock.ended_on is not None
    derived = in_force.sheet(s, clock, pauses, today)
    return Sheet(
        number=petition.number,
        told=sheets.sheet_of(casework.of(s, petition), clock, derived),
        derived=derived,
        days=tuple(sheet.days(derived)),
        done=done,
        paused=not done and any(each.clock_id == clock.id and each.until_on is None for each in pauses),
    )
