"""Look for the issues of a quarter and keep them: a job's work, read by pages and commands."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import Table, delete
from sqlmodel import Session, col, select

from central import db
from central.context import Context
from central.hot import grouping, queries
from central.hot.models import HotIssue, HotMember, HotRun
from central.hot.rules import LEAST, Quarter, latest
from shared.clock import court_day

#: Petitions read of a quarter and the one before; the newest, on larger installations.
MOST = 60_000
#: Quarters that are kept, and how long one holds before it is looked through again.
QUARTERS, HOLDS = 4, timedelta(hours=20)
#: After its end a quarter still grows by what is entered late.
LATE = timedelta(days=14)
_MEMBER: Table = HotMember.__table__  # type: ignore[attr-defined]


def run(context: Context, *, force: bool = False) -> int:
    """Look through the quarters whose turn it is; return how many."""
    done = 0
    now = context.clock.now()
    for quarter in latest(court_day(now), QUARTERS):
        with context.read() as s:
            if not force and not _is_due(s, quarter, now):
                continue
            rows = list(queries.messages(s, quarter, most=MOST))
        found = grouping.groups([message for _, _, message in rows], least=LEAST)
        with db.unit_of_work(context.engine) as s:
            keep(s, quarter=quarter, rows=[(key, day) for key, day, _ in rows], found=found, now=now)
        done += 1
    return done


def _is_due(s: Session, quarter: Quarter, now: datetime) -> bool:
    last = queries.run_of(s, quarter)
    if last is None:
        return True
    if court_day(last.made_at) > quarter.last + LATE:
        return False
    return now - last.made_at >= HOLDS


def keep(
    s: Session,
    *,
    quarter: Quarter,
    rows: list[tuple[UUID, date]],
    found: list[grouping.Group],
    now: datetime,
) -> None:
    """Put what was found in the place of what was there; groups with fewer than five in the quarter itself are no issue of it."""
    old = select(HotIssue.id).where(HotIssue.quarter == str(quarter))
    s.connection().execute(delete(HotMember).where(col(HotMember.issue_id).in_(old)))
    s.connection().execute(delete(HotIssue).where(col(HotIssue.quarter) == str(quarter)))
    for group in found:
        members = [rows[key] for key in group.members]
        if sum(day >= quarter.first for _, day in members) < LEAST:
            continue
        issue = HotIssue(quarter=str(quarter), made_at=now, words=" ".join(group.words))
        s.add(issue)
        s.flush()
        s.connection().execute(
            _MEMBER.insert(),
            [
                {"issue_id": issue.id, "petition_id": key, "received_on": day, "before": day < quarter.first}
                for key, day in members
            ],
        )
    run_ = s.get(HotRun, str(quarter)) or HotRun(quarter=str(quarter), made_at=now, petitions=0)
    run_.made_at, run_.petitions = now, len(rows)
    s.add(run_)


def forget(s: Session, petition_ids: Sequence[UUID]) -> None:
    """Take petitions out of every issue."""
    s.connection().execute(delete(HotMember).where(col(HotMember.petition_id).in_(petition_ids)))
