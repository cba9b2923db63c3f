"""Handing over at the window: the clerk asks for a signature on the hall's screen, the visitor draws it there, or the clerk answers for it.

The screen shows what is taken, number, kind of letter and pages, to whoever stands before it; it is opened with a code that
lives for minutes, holds no session, and can do nothing but sign this one receipt.
"""

import base64
import secrets
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, delete

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Actor, Via
from central.delivery import forms, queries, service, signature
from central.delivery.models import Signing
from central.errors import Forbidden, NotFound
from central.petitions.models import Petition
from central.replies import forms as reply_forms
from central.replies import service as replies
from central.replies.models import Method
from shared.canonical import sha256_hex
from shared.clock import court_day

#: So long a visitor stands at a window.
LIFE = timedelta(minutes=15)
DIGITS = 8
#: What stands as the proof where there is a picture.
SIGNED = "signature"


class Asked(NamedTuple):
    """A request, and its code for the screen: shown to the clerk this once."""

    row: Signing
    code: str


def code_key(code: str) -> str:
    """Return what is kept of a code."""
    return sha256_hex("signing:" + "".join(sign for sign in code if sign.isdecimal()))


def ask(s: Session, *, petition_id: UUID, form: forms.Hand, by: Actor, now: datetime) -> Asked:
    """Ask for a signature on the screen; an earlier request for the petition ends, and so do those whose time is over."""
    service.check(s, petition_id, by=by)
    if by.staff_id is None:
        raise Forbidden("delivery.clerks_only")
    s.exec(delete(Signing).where((col(Signing.petition_id) == petition_id) | (col(Signing.ends_at) <= now)))
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    row = Signing(
        petition_id=petition_id,
        code_hash=code_key(code),
        asked_by=by.staff_id,
        asked_at=now,
        ends_at=now + LIFE,
        receiver=form.receiver,
        receiver_as=form.receiver_as,
        checked=form.checked,
        pages=form.pages,
    )
    s.add(row)
    s.flush()
    return Asked(row, code)


def sign(s: Session, *, signing_id: UUID, strokes: str, now: datetime) -> Petition:
    """Keep what was drawn as the receipt: the answer is delivered, by the clerk who asked, at this minute."""
    drawn = signature.picture(signature.strokes(strokes))
    row = queries.signing(s, signing_id, now, for_update=True)
    if row is None:
        raise NotFound("delivery.signing_over")
    clerk = s.get_one(Staff, row.asked_by)
    by = accounts.actor_for(s, clerk, Via.WEB)
    more = _taken(row, now) | {"picture": base64.b64encode(drawn).decode("ascii")}
    done = _deliver(s, row.petition_id, SIGNED, by=by, now=now, more=more)
    s.delete(row)
    return done


def decline(s: Session, *, signing_id: UUID, now: datetime) -> None:
    """Note that the visitor would rather not draw; the clerk goes on by hand."""
    row = queries.signing(s, signing_id, now, for_update=True)
    if row is None:
        raise NotFound("delivery.signing_over")
    row.declined = True


def hand_unsigned(
    s: Session, *, petition_id: UUID, form: forms.HandUnsigned, by: Actor, now: datetime
) -> Petition:
    """Note that it was handed over without a drawn signature: why, by the name of the clerk who saw it."""
    s.exec(delete(Signing).where(col(Signing.petition_id) == petition_id))
    more = {
        "at": now,
        "receiver": form.receiver,
        "receiver_as": form.receiver_as.value,
        "checked": form.checked.value,
        "unsigned": form.unsigned.value,
        "words": form.words,
    }
    return _deliver(s, petition_id, form.unsigned.value, by=by, now=now, more=more)


def _taken(row: Signing, now: datetime) -> dict[str, object]:
    return {
        "at": now,
        "receiver": str(row.receiver),
        "receiver_as": row.receiver_as,
        "checked": row.checked,
    }


def _deliver(
    s: Session, petition_id: UUID, proof: str, *, by: Actor, now: datetime, more: dict[str, object]
) -> Petition:
    form = reply_forms.Deliver(method=Method.IN_PERSON, delivered_on=court_day(now), proof=proof)
    return replies.record_delivery(s, petition_id=petition_id, form=form, by=by, now=now, more=more)
