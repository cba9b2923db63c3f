"""Finding petitions that may be of one matter, and reading what was decided. Index reads alone, whatever their number."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, literal, or_, union_all
from sqlalchemy import select as core_select
from sqlmodel import Session, col, select

from central.accounts import queries as accounts
from central.actor import Actor, Role
from central.cases.models import CaseName
from central.courts.models import Court
from central.events.journal import stream_name
from central.events.kinds import Kind
from central.events.models import Event
from central.matters import rules, texts
from central.matters.models import MatterDecision, MatterPiece, MatterSketch
from central.matters.rules import Likely, Reason, Verdict
from central.petitions.models import Demand, Petition, Petitioner
from central.petitions.queries import ROW, unbarred, visible_to
from central.reviews.models import Review
from central.reviews.rules import End, Outcome, Stage
from central.vault.rows import vault_of

#: Of each number and index the newest so many are read: one that more have says little, or leads on by its like.
NEWEST = 200
#: Texts that are opened and compared, those that share most first.
OPENED = 50
#: With so many texts at hand their common grams are told from the others.
ENOUGH = 8
_KIND = "matter"


@dataclass(frozen=True, slots=True)
class Sought:
    """What is known of a petition, be it registered or still being typed. `case_numbers` in their one form."""

    text: str
    court_path: str
    received_at: datetime
    case_numbers: tuple[str, ...] = ()
    phone: str = ""
    id_number: str = ""
    petition_id: UUID | None = None


def key_of(s: Session) -> bytes:
    """Return the key under which texts become numbers."""
    return vault_of(s).index_key(_KIND)


def reader_of(s: Session) -> str:
    """Return the name of the reader of the log: another key, another reader, which begins anew."""
    return f"matters/{vault_of(s).blind_index(_KIND, 'reader')[:12]}"


def whole_text(petition: Petition, demands: Iterable[Demand]) -> str:
    """Return what is compared of a petition."""
    return "\n".join((petition.subject, petition.text, *(demand.text for demand in demands)))


def numbers_of(text: str, case_numbers: Iterable[str], key: bytes) -> list[int]:
    """Return all numbers of a petition: of its text, and of the cases that text or form name."""
    cases = {texts.number_of(key, "case", each) for each in (*case_numbers, *texts.case_numbers_in(text))}
    return [*texts.pieces(text, key), *sorted(cases)]


def sought(s: Session, petition: Petition, court_path: str) -> Sought:
    """Return what is known of a registered petition: four statements."""
    person = s.get(Petitioner, petition.id)
    demands = s.exec(
        select(Demand).where(Demand.petition_id == petition.id).order_by(col(Demand.number))
    ).all()
    cases = s.exec(select(CaseName).where(CaseName.petition_id == petition.id)).all()
    return Sought(
        text=whole_text(petition, demands),
        court_path=court_path,
        received_at=petition.received_at,
        case_numbers=tuple(each.case_number for each in cases),
        phone=(person.phone or "") if person else "",
        id_number=(person.id_number or "") if person else "",
        petition_id=petition.id,
    )


def found(s: Session, what: Sought) -> dict[UUID, Likely]:
    """Return petitions that may be of the same matter, with what speaks for it: six statements, whoever asks.

    Who may see which of them is asked afterwards: that one is there is said even where it may not be seen.
    """
    reasons = _exact(s, what)
    shared = _sharing(s, what)
    opened = _nearest(reasons, shared)
    rows = s.execute(_petitions(opened)).all() if opened else []
    demands = _demands_of(s, [row.id for row, _ in rows])
    own = texts.ready(what.text)
    made = {row.id: texts.ready(whole_text(row, demands[row.id])) for row, _ in rows}
    told = texts.weights([own, *made.values()]) if len(made) >= ENOUGH else {}
    likely: dict[UUID, Likely] = {}
    for row, path in rows:
        alike = texts.likeness(own, made[row.id], told)
        near_by = rules.near(path, what.court_path)
        in_time = abs(row.received_at - what.received_at) <= rules.WINDOW
        by_text = in_time and rules.is_alike(alike, near_by=near_by)
        why = tuple(each for each in Reason if each in reasons[row.id] or (each is Reason.TEXT and by_text))
        if why:
            words = texts.shared_words(what.text, whole_text(row, demands[row.id]), told) if by_text else []
            likely[row.id] = Likely(why, round(min(alike, 1.0), 2), tuple(words))
    return likely


def _petitions(ids: Collection[UUID]) -> "Select[Petition, str]":
    return (
        core_select(Petition, col(Court.path))
        .join(Court, col(Court.id) == col(Petition.court_id))
        .where(col(Petition.id).in_(ids), col(Petition.erased_at).is_(None))
    )


def _demands_of(s: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Demand]]:
    made: defaultdict[UUID, list[Demand]] = defaultdict(list)
    if ids:
        query = select(Demand).where(col(Demand.petition_id).in_(ids)).order_by(col(Demand.number))
        for each in s.exec(query):
            made[each.petition_id].append(each)
    return made


def _exact(s: Session, what: Sought) -> defaultdict[UUID, set[Reason]]:
    """Return the petitions that share a number: of a case, in the field or in the text, of a person, of a phone. One statement."""
    vault, key = vault_of(s), key_of(s)
    parts: list[Select[str, UUID]] = []

    def add(reason: Reason, query: "Select[UUID]") -> None:
        newest = query.order_by(query.selected_columns[0].desc()).limit(NEWEST).subquery()
        parts.append(core_select(literal(str(reason)), newest.c[0]))

    if what.phone:
        index = vault.blind_index("phone", what.phone)
        add(
            Reason.PHONE, core_select(col(Petitioner.petition_id)).where(col(Petitioner.phone_index) == index)
        )
    if what.id_number:
        index = vault.blind_index("id_number", what.id_number)
        add(
            Reason.IDENTITY,
            core_select(col(Petitioner.petition_id)).where(col(Petitioner.id_number_index) == index),
        )
    for number in dict.fromkeys((*what.case_numbers, *texts.case_numbers_in(what.text))):
        index = vault.blind_index("case_number", number)
        add(
            Reason.CASE,
            core_select(col(CaseName.petition_id)).where(col(CaseName.case_number_index) == index),
        )
        add(
            Reason.CASE,
            core_select(col(MatterSketch.petition_id))
            .join(MatterPiece, col(MatterPiece.seq) == col(MatterSketch.seq))
            .where(col(MatterPiece.value) == texts.number_of(key, "case", number)),
        )
    made: defaultdict[UUID, set[Reason]] = defaultdict(set)
    if parts:
        for reason, petition_id in s.execute(union_all(*parts)):
            if petition_id != what.petition_id:
                made[petition_id].add(Reason(reason))
    return made


def _sharing(s: Session, what: Sought) -> dict[UUID, float]:
    """Return the petitions that share numbers of their texts with how much that says: a rare one more. Two statements."""
    values = texts.pieces(what.text, key_of(s))
    if not values:
        return {}
    parts = [
        core_select(
            core_select(col(MatterPiece.value), col(MatterPiece.seq))
            .where(col(MatterPiece.value) == value)
            .order_by(col(MatterPiece.seq).desc())
            .limit(NEWEST)
            .subquery()
        )
        for value in values
    ]
    lists: defaultdict[int, list[int]] = defaultdict(list)
    for value, seq in s.execute(union_all(*parts)):
        lists[value].append(seq)
    weight: defaultdict[int, float] = defaultdict(float)
    for having in lists.values():
        for seq in having:
            weight[seq] += 1 / (1 + len(having) / 10)
    best = sorted(weight, key=lambda seq: (-weight[seq], -seq))[: OPENED + 1]
    rows = s.exec(select(MatterSketch).where(col(MatterSketch.seq).in_(best))).all() if best else []
    return {row.petition_id: weight[row.seq or 0] for row in rows if row.petition_id != what.petition_id}


def _nearest(reasons: Mapping[UUID, set[Reason]], shared: Mapping[UUID, float]) -> list[UUID]:
    """Return whose texts are opened: those with a number in common, newest first, and those that share most."""
    exact = sorted(reasons, key=lambda each: (Reason.CASE in reasons[each], each), reverse=True)[:OPENED]
    alike = sorted(shared, key=lambda each: -shared[each])[:OPENED]
    return list(dict.fromkeys((*exact, *alike)))


# ---- who may see what of it


@dataclass(frozen=True, slots=True)
class Candidate:
    """A petition that may be of the same matter, and may be seen. `article` where the Regulation speaks of it, with its day."""

    petition: Petition
    court: Court
    likely: Likely
    article: rules.Article | None = None
    on: datetime | None = None


@dataclass(frozen=True, slots=True)
class Hidden:
    """One that may not be seen: at which court, and whom to call there."""

    court: Court
    people: tuple[str, ...]
    likely: Likely
    article: rules.Article | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a person is shown."""

    candidates: Sequence[Candidate] = ()
    hidden: Sequence[Hidden] = ()

    def __bool__(self) -> bool:
        return bool(self.candidates or self.hidden)


def shown(
    s: Session,
    likely: Mapping[UUID, Likely],
    *,
    actor: Actor,
    court_path: str,
    but: Collection[UUID] = (),
    registered: bool = True,
) -> Shown:
    """Return candidates as `actor` may see them, without those `but`; what a conflict of interest keeps away is not there at all.

    `registered`: of a petition that is on record, rather than of what is being typed.
    """
    free = (
        set(s.exec(select(Petition.id).where(col(Petition.id).in_(likely), unbarred(actor))))
        if likely
        else ()
    )
    # One that is not there leaves no gap either: the others are trimmed without it.
    likely = rules.trimmed({key: likely[key] for key in likely if key in free and key not in but})
    ids = list(likely)
    if not ids:
        return Shown()
    query = select(Petition, Court).join(Court, col(Court.id) == col(Petition.court_id)).options(*ROW)
    rows = s.exec(query.where(col(Petition.id).in_(ids))).all()
    seen = set(s.exec(select(Petition.id).where(col(Petition.id).in_(ids), visible_to(actor))).all())
    settled = re_reviewed(s, ids)
    below = [
        row.id
        for row, court in rows
        if rules.accepted_below(row.state, is_open=row.is_open, path=court.path, of=court_path)
    ]
    accepted = _accepted(s, below)
    candidates, hidden = list[Candidate](), list[Hidden]()
    for row, court in sorted(rows, key=lambda each: likely[each[0].id].order):
        article, on = None, None
        if row.id in settled:
            article, on = rules.Article.RE_REVIEWED, settled[row.id]
        elif row.id in below:
            article, on = rules.Article.ACCEPTED_BELOW, accepted.get(row.id)
        if row.id in seen:
            candidates.append(Candidate(row, court, likely[row.id], article, on))
        elif article or rules.told_where_hidden(likely[row.id], registered=registered):
            hidden.append(Hidden(court, whom_to_call(s, court.id), likely[row.id], article))
    return Shown(candidates, hidden)


def whom_to_call(s: Session, court_id: UUID) -> tuple[str, ...]:
    """Return the names of those who register at a court."""
    return tuple(one.name for one in accounts.with_role(s, court_id, Role.REGISTRAR)[:2])


def re_reviewed(s: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    """Return the petitions that a delivered re-review has settled, with when it was approved (art. 36 para 3)."""
    query = select(Review).where(
        col(Review.petition_id).in_(ids),
        Review.stage == Stage.RE_REVIEW,
        Review.end == End.DECIDED,
        col(Review.outcome) != Outcome.SENT_BACK,
    )
    return {row.petition_id: row.approved_at or row.asked_at for row in s.exec(query)}


def _accepted(s: Session, ids: Collection[UUID]) -> dict[UUID, datetime]:
    if not ids:
        return {}
    streams = {stream_name("petition", each): each for each in ids}
    query = select(Event.stream, Event.at).where(
        col(Event.stream).in_(streams), Event.kind == str(Kind.PETITION_ACCEPTED)
    )
    return {streams[stream]: at for stream, at in s.exec(query.order_by(col(Event.id)))}


# ---- what was decided


def decisions(s: Session, petition_id: UUID) -> dict[UUID, MatterDecision]:
    """Return what was decided of a petition and each other one, the latest of each: one statement."""
    query = select(MatterDecision).where(
        or_(col(MatterDecision.petition_id) == petition_id, col(MatterDecision.other_id) == petition_id)
    )
    made: dict[UUID, MatterDecision] = {}
    for row in s.exec(query.order_by(col(MatterDecision.at), col(MatterDecision.id))):
        made[row.other_id if row.petition_id == petition_id else row.petition_id] = row
    return made


def same_matter(s: Session, petition_id: UUID, *, most: int = 50) -> set[UUID]:
    """Return the petitions of one matter with this one, as clerks decided: linked, or joined to one; not itself."""
    known, fresh = {petition_id}, {petition_id}
    while fresh and len(known) < most:
        linked = {
            other
            for each in fresh
            for other, row in decisions(s, each).items()
            if row.verdict == Verdict.SAME
        }
        into = core_select(col(Petition.id), col(Petition.merged_into_id))
        ways = (col(Petition.merged_into_id).in_(fresh), col(Petition.id).in_(fresh))
        merged = s.execute(union_all(*(into.where(way) for way in ways))).all()
        joined = {each for pair in merged for each in pair if each is not None}
        fresh = (linked | joined) - known
        known |= fresh
    return known - {petition_id}
