"""Letters, calls and the tracking page: each ends as a delivery with its dated proof, or as an attempt that failed."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from central.actor import Actor, Via, system
from central.delivery import forms, queries, tracking
from central.delivery.models import Posting
from central.delivery.rules import PostState
from central.errors import Conflict, Invalid, NotFound
from central.events import log
from central.events.kinds import Kind
from central.petitions import forms as petition_forms
from central.petitions import moves
from central.petitions import queries as petitions
from central.petitions.excuses import Means, Tried
from central.petitions.models import Petition, ReplyBy
from central.petitions.states import Act, State
from central.replies import excusing
from central.replies import forms as reply_forms
from central.replies import service as replies
from central.replies.models import Method
from shared.clock import COURT_ZONE, court_day

#: Where an answer, or a notice that stands for it, is on its way to the petitioner.
DELIVERABLE = frozenset({State.REPLIED, State.DECLINED, State.TO_LITIGATION})


def check(s: Session, petition_id: UUID, *, by: Actor) -> Petition:
    """Return the petition, locked; raise unless the actor may record its delivery now."""
    petition, _ = moves.load(s, petition_id, act=Act.RECORD_DELIVERY, by=by, version=None)
    return petition


def post(s: Session, *, petition_id: UUID, form: forms.Post, by: Actor, now: datetime) -> Posting:
    """Note that the letter went out. It is on its way until the slip comes, or the letter itself."""
    petition = check(s, petition_id, by=by)
    first = court_day(petition.issued_at or petition.received_at)
    if not first <= form.posted_on <= court_day(now):
        raise Invalid("delivery.posted_day", field="posted_on", first=first, last=court_day(now))
    if any(each.state == PostState.ON_THE_WAY for each in queries.postings(s, petition_id)):
        raise Conflict("delivery.on_the_way_already")
    flag = tracking.judge(form.tracking) if form.tracking else None
    row = Posting(
        petition_id=petition_id,
        carrier=form.carrier,
        tracking=form.tracking,
        flag=flag,
        to_name=form.to_name,
        to_address=form.to_address,
        posted_on=form.posted_on,
        posted_by=by.staff_id,
    )
    s.add(row)
    log.record(
        s,
        kind=Kind.REPLY_POSTED,
        stream=moves.stream_of(petition_id),
        actor=by,
        at=now,
        facts={
            "by": by.name,
            "court": by.court_code,
            "carrier": row.carrier,
            "posted_on": row.posted_on.isoformat(),
            "flag": row.flag or "",
        },
    )
    return row


def arrived(
    s: Session, *, petition_id: UUID, posting_id: UUID, form: forms.Arrived, by: Actor, now: datetime
) -> Petition:
    """Note the slip: the day on it is the day of delivery."""
    row = _on_the_way(s, petition_id, posting_id, by=by)
    row.state, row.ended_on = PostState.DELIVERED, form.delivered_on
    deliver = reply_forms.Deliver(
        method=Method.POST, delivered_on=form.delivered_on, proof=row.tracking or row.carrier
    )
    more = {"receiver": form.receiver, "receiver_as": form.receiver_as.value}
    return replies.record_delivery(
        s, petition_id=petition_id, form=deliver, by=by, now=now, more=more, earliest=row.posted_on
    )


def returned(
    s: Session, *, petition_id: UUID, posting_id: UUID, form: forms.Returned, by: Actor, now: datetime
) -> Petition:
    """Note that the letter came back: a failed attempt, which counts for the coded excuse."""
    row = _on_the_way(s, petition_id, posting_id, by=by)
    row.state, row.ended_on = PostState.RETURNED, court_day(now)
    attempt = petition_forms.Attempt(method=Means.POST, reason=form.reason, remark=form.remark)
    return excusing.log_attempt(s, petition_id=petition_id, form=attempt, by=by, now=now)


def _on_the_way(s: Session, petition_id: UUID, posting_id: UUID, *, by: Actor) -> Posting:
    check(s, petition_id, by=by)
    row = queries.posting(s, petition_id, posting_id)
    if row is None:
        raise NotFound
    if row.state != PostState.ON_THE_WAY:
        raise Conflict("delivery.not_on_the_way")
    return row


def call(s: Session, *, petition_id: UUID, form: forms.Call, by: Actor, now: datetime) -> Petition:
    """Note a call in which the answer was read: to its end it is a delivery, else an attempt that bears no excuse out."""
    petition = check(s, petition_id, by=by)
    if not (petition.issued_at or petition.received_at) <= form.at <= now:
        raise Invalid("delivery.call_time", field="called_at")
    if not form.read_in_full:
        attempt = petition_forms.Attempt(method=Means.PHONE, reason=Tried.NOT_HEARD, remark=form.words)
        return excusing.log_attempt(s, petition_id=petition_id, form=attempt, by=by, now=now)
    deliver = reply_forms.Deliver(method=Method.PHONE, delivered_on=form.called_on, proof=form.phone)
    more = {
        "at": form.at,
        "receiver": form.receiver,
        "phone": form.phone,
        "words": form.words or None,
    }
    return replies.record_delivery(s, petition_id=petition_id, form=deliver, by=by, now=now, more=more)


def opened(s: Session, *, petition_id: UUID, now: datetime) -> bool:
    """Note that a petitioner who chose the tracking page was shown the answer there; say whether that delivered it.

    Nothing happens the second time, nor for whoever chose another way: looking is everybody's right, delivery is by choice.
    """
    petition = petitions.by_id(s, petition_id)
    person = petitions.petitioner(s, petition_id)
    if petition is None or person is None or not is_opened_by(petition, person.reply_by):
        return False
    at = now.astimezone(COURT_ZONE).isoformat(timespec="seconds")
    form = reply_forms.Deliver(
        method=Method.PORTAL, delivered_on=court_day(now), proof=f"/track/petition {at}"
    )
    by = system(Via.PUBLIC)
    replies.record_delivery(s, petition_id=petition_id, form=form, by=by, now=now, more={"at": now})
    return True


def is_opened_by(petition: Petition, reply_by: str | None) -> bool:
    """Say whether reading it on the tracking page delivers what was issued."""
    waits = petition.delivered_on is None and State(petition.state) in DELIVERABLE
    return waits and reply_by == ReplyBy.PORTAL and petition.erased_at is None
