"""Reading issues within what a person may see; who petitions is counted to keep small groups back, and not shown."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import String, case, cast, func
from sqlalchemy import select as core_select
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from central.actor import Actor
from central.courts.models import Court
from central.hot.grouping import Message
from central.hot.models import HotIssue, HotMember, HotRun
from central.hot.rules import LEAST, Quarter, showable
from central.petitions.models import Petition, Petitioner
from central.petitions.queries import ROW, visible_to
from shared.clock import COURT_ZONE

PAGE = 50
LOT = 500
#: Which petitions count.
_COUNTED = (col(Petition.erased_at).is_(None), col(Petition.merged_into_id).is_(None))


@dataclass(frozen=True, slots=True)
class Cell:
    """A court's part in an issue."""

    court: Court
    count: int


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue as a person may see it. `before` is None when it was fewer than five in the quarter before."""

    id: UUID
    words: tuple[str, ...]
    count: int
    before: int | None
    since: date
    courts: Sequence[Cell]

    @property
    def growth(self) -> int | None:
        """Change in hundredths against the quarter before; None if that had fewer than five."""
        return round((self.count - self.before) / self.before * 100) if self.before else None


def run_of(s: Session, quarter: Quarter) -> HotRun | None:
    """Return when a quarter was last looked through."""
    return s.get(HotRun, str(quarter))


def listed(s: Session, *, actor: Actor, quarter: Quarter, court: str = "") -> list[Issue]:
    """Return the issues of a quarter, the largest first; with a court, its part where that may be shown. Three statements."""
    parts = _parts(s, actor, quarter)
    issues = {row.id: row for row in s.exec(select(HotIssue).where(col(HotIssue.id).in_(parts))).all()}
    codes = {each.court_id for found in parts.values() for each in found}
    courts = {row.id: row for row in s.exec(select(Court).where(col(Court.id).in_(codes))).all()}
    made = [
        issue
        for key, found in parts.items()
        if (issue := _issue(issues[key], found, courts, court)) is not None
    ]
    return sorted(made, key=lambda each: (-each.count, each.since, each.words))


@dataclass(frozen=True, slots=True)
class _Part:
    court_id: UUID
    now: int
    people: int
    before: int
    since: date


def _parts(s: Session, actor: Actor, quarter: Quarter) -> Mapping[UUID, list[_Part]]:
    """Return the courts' parts in each issue, of the petitions the actor may see."""
    person = func.coalesce(
        col(Petitioner.id_number_index), col(Petitioner.phone_index), cast(col(Petition.id), String)
    )
    is_now = col(HotMember.before).is_(False)
    query = (
        core_select(
            col(HotMember.issue_id),
            col(Petition.origin_court_id),
            func.sum(case((is_now, 1), else_=0)),
            func.count(func.distinct(case((is_now, person), else_=None))),
            func.sum(case((is_now, 0), else_=1)),
            func.min(col(HotMember.received_on)),
        )
        .join(HotIssue, col(HotIssue.id) == col(HotMember.issue_id))
        .join(Petition, col(Petition.id) == col(HotMember.petition_id))
        .outerjoin(Petitioner, col(Petitioner.petition_id) == col(Petition.id))
        .where(
            col(HotIssue.quarter) == str(quarter),
            *_COUNTED,
            visible_to(actor),
        )
        .group_by(col(HotMember.issue_id), col(Petition.origin_court_id))
    )
    made: defaultdict[UUID, list[_Part]] = defaultdict(list)
    for issue_id, court_id, now, people, before, since in s.execute(query):
        made[issue_id].append(_Part(court_id, int(now), int(people), int(before), since))
    return made


def _issue(row: HotIssue, parts: Sequence[_Part], courts: Mapping[UUID, Court], court: str) -> Issue | None:
    total = sum(each.now for each in parts)
    # Somebody who petitioned at two courts is counted at both: it is a bar to be passed, not a figure.
    if total < LEAST or sum(each.people for each in parts) < LEAST:
        return None
    shown = showable(
        {each.court_id: each.now for each in parts}, {each.court_id: each.people for each in parts}
    )
    cells = [
        Cell(courts[each.court_id], each.now)
        for each in sorted(parts, key=lambda each: (-each.now, courts[each.court_id].code))
        if each.court_id in shown
    ]
    words = tuple(row.words.split())
    before = sum(each.before for each in parts)
    since = min(each.since for each in parts)
    if court:
        own = [each for each in cells if each.court.code == court]
        part = next((each for each in parts if courts[each.court_id].code == court), None)
        if not own or part is None:
            return None
        told = showable({each.court_id: each.before for each in parts})
        earlier = part.before if part.court_id in told else None
        return Issue(row.id, words, own[0].count, earlier, part.since, own)
    return Issue(row.id, words, total, _least(before), since, cells)


def _least(count: int) -> int | None:
    return count if count >= LEAST else None


def behind(s: Session, issue_id: UUID, *, actor: Actor, limit: int = PAGE) -> Sequence[Petition]:
    """Return the petitions of an issue that the actor may see, newest first."""
    query = (
        select(Petition)
        .options(*ROW)
        .join(HotMember, col(HotMember.petition_id) == col(Petition.id))
        .where(HotMember.issue_id == issue_id, visible_to(actor), col(HotMember.before).is_(False))
        .where(*_COUNTED)
    )
    return s.exec(
        query.order_by(col(Petition.received_at).desc(), col(Petition.id).desc()).limit(limit)
    ).all()


def weeks(s: Session, issue_id: UUID, *, actor: Actor) -> list[date]:
    """Return the days on which the petitions of an issue came that the actor may see, oldest first."""
    query = (
        core_select(col(HotMember.received_on))
        .join(Petition, col(Petition.id) == col(HotMember.petition_id))
        .where(col(HotMember.issue_id) == issue_id, col(HotMember.before).is_(False), visible_to(actor))
        .where(*_COUNTED)
    )
    return sorted(s.execute(query).scalars())


def messages(s: Session, quarter: Quarter, *, most: int) -> Iterator[tuple[UUID, date, Message]]:
    """Yield the texts of a quarter and the one before, newest first, at most `most`. For the job: nothing of it is shown."""
    begin = datetime.combine(quarter.before.first, time(0), COURT_ZONE)
    end = datetime.combine(quarter.following.first, time(0), COURT_ZONE)
    query = (
        select(Petition, Court.path)
        .options(load_only(Petition.received_at, Petition.subject, Petition.text))  # type: ignore[arg-type]
        .join(Court, col(Court.id) == col(Petition.origin_court_id))
        .where(
            col(Petition.received_at) >= begin,
            col(Petition.received_at) < end,
            col(Petition.erased_at).is_(None),
            col(Petition.merged_into_id).is_(None),
        )
        .order_by(col(Petition.received_at).desc())
        .limit(most)
        .execution_options(yield_per=LOT)
    )
    for number, (row, path) in enumerate(s.exec(query)):
        city = path.split("/")[2] if path.count("/") > 2 else ""
        day = row.received_at.astimezone(COURT_ZONE).date()
        yield row.id, day, Message(number, city, row.subject, row.text)


def issue(s: Session, issue_id: UUID) -> HotIssue | None:
    """Return the row of an issue; what of it may be seen is told by `listed`."""
    return s.get(HotIssue, issue_id)
