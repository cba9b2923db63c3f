"""The job: do what was wanted with each petition of a merge, one transaction each, in the name of who wanted it.

A petition's act and its place in the run are one transaction. Killed at any moment, the next run goes on with the petition that was
being done; none is done twice. What is refused is noted with its sentence, and the others go on.
"""

import json
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlmodel import Session

from central import db
from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Via
from central.casework import acts
from central.context import Context
from central.errors import Conflict, MinyiError
from central.mailmerge import queries, service
from central.mailmerge.models import MailMerge, MailMergeItem
from central.petitions import queries as petitions
from central.petitions.states import Act
from central.replies import queries as replies
from shared.clock import court_day
from shared.i18n import Key

LOG = structlog.get_logger()
#: A page that follows is told after so many petitions.
TOLD = 10


def run(context: Context) -> int:
    """Carry on with everything that runs; return how many petitions were come to. The job calls it."""
    with context.read() as s:
        waiting = queries.running(s)
    return sum(carry_on(context, merge_id) for merge_id in waiting)


def carry_on(context: Context, merge_id: UUID) -> int:
    """Do the act that runs with every petition it has not come to, or until it is stopped; return with how many."""
    came = 0
    while step(context, merge_id):
        came += 1
        if came % TOLD == 0:
            context.wake.notify()
    context.wake.notify()
    return came


def step(context: Context, merge_id: UUID) -> bool:
    """Do the act with the next petition; False if it came to all, or is stopped."""
    now = context.clock.now()
    place, problem = 0, None
    try:
        with db.unit_of_work(context.engine) as s:
            row = s.get_one(MailMerge, merge_id, with_for_update=True)
            if row.act is None or row.stopped_at is not None:
                return False
            found = queries.next_place(s, row)
            if found is None:
                row.act, row.by, row.remark = None, None, None
                return False
            place = found
            item = s.get_one(MailMergeItem, (merge_id, place), with_for_update=True)
            item.run, item.done, item.problem = row.run, _do(s, row, item, now), None
            return True
    except ValidationError:
        problem = json.dumps({"key": "mailmerge.not_filled", "values": {}})
    except MinyiError as error:
        problem = json.dumps({"key": error.key, "values": _plain(error.values)}, ensure_ascii=False)
    except Exception:
        # One petition that breaks holds up no other; it can be tried again, or treated singly.
        LOG.exception("a letter to many failed", merge=merge_id.hex, place=place)
        if not place:
            raise
        problem = json.dumps({"key": "mailmerge.broken", "values": {}})
    with db.unit_of_work(context.engine) as s:
        row = s.get_one(MailMerge, merge_id, with_for_update=True)
        item = s.get_one(MailMergeItem, (merge_id, place), with_for_update=True)
        item.run, item.done, item.problem = row.run, False, problem
    return True


def _do(s: Session, row: MailMerge, item: MailMergeItem, now: datetime) -> bool:
    """Do the act with one petition; False where it is not its next step, or not theirs: then it is left alone."""
    by = _wanted_by(s, row, now)
    petition = petitions.get(s, item.petition_id, actor=by, for_update=True)
    act = Act(str(row.act))
    if act is Act.SUBMIT:
        _draft(s, row, item, by, now)
    elif not queries.takes(petition, act, by):
        return False
    elif act is Act.APPROVE and _newest(s, item) != item.version:
        # Whoever approves here saw the common text: other words are approved where they can be read.
        raise Conflict("mailmerge.changed")
    values = {"remark": row.remark} if row.remark else {}
    acts.perform(s, petition_id=item.petition_id, act=act, values=values, by=by, now=now)
    return True


def _wanted_by(s: Session, row: MailMerge, now: datetime) -> Actor:
    staff = s.get(Staff, row.by) if row.by else None
    if staff is None or not staff.active:
        raise Conflict("mailmerge.gone")
    return accounts.actor_for(s, staff, Via.JOB, on=court_day(now))


def _draft(s: Session, row: MailMerge, item: MailMergeItem, by: Actor, now: datetime) -> None:
    """Write the petition's own letter, once. What somebody wrote for it, before or since, is not overwritten."""
    reply = replies.latest(s, item.petition_id)
    if reply is not None and reply.status != "issued" and replies.newest_version(s, reply.id) is not None:
        if item.version is None:
            raise Conflict("mailmerge.has_draft")
        return
    petition = petitions.get(s, item.petition_id, actor=by)
    letter = service.written(s, petition, row, by=by, now=now)
    items = [
        {"demand_id": demand.id, "outcome": row.outcome, "facts": facts, "basis": basis}
        for demand, (_, _, facts, basis) in zip(letter.whole.demands, letter.answers, strict=True)
    ]
    values: dict[str, Any] = {"text": letter.text, "items": items}
    acts.perform(s, petition_id=item.petition_id, act=Act.SAVE_DRAFT, values=values, by=by, now=now)
    item.version = _newest(s, item)


def _newest(s: Session, item: MailMergeItem) -> int | None:
    reply = replies.latest(s, item.petition_id)
    newest = replies.newest_version(s, reply.id) if reply else None
    return newest.number if newest else None


def _plain(values: dict[str, object]) -> dict[str, str]:
    return {
        name: f"@{value}" if isinstance(value, Key) else str(value)[:200] for name, value in values.items()
    }
