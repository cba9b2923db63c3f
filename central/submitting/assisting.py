"""Writing a petition together in the hall: a clerk types, the visitor reads along on a second screen, objects, confirms.

What is confirmed is one version. Every change after it has to be confirmed anew; only what was confirmed can be sent.
"""

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlmodel import Session

from central.accounts.throttle import check, key_of, right, wrong
from central.actor import Actor, Role
from central.errors import Conflict, Forbidden
from central.petitions import forms, service
from central.petitions.models import Channel
from central.petitions.service import Registered
from central.settings import Throttle
from central.submitting import queries
from central.submitting.models import Assisted
from central.vault.rows import vault_of
from shared.canonical import sha256_hex
from shared.ids import new_id

#: What nobody sent is gone after so long.
LIFE = timedelta(hours=4)
#: The code that opens the second screen is good for so long, and once.
CODE_LIFE = timedelta(minutes=10)
CODE_DIGITS = 6
#: What the visitor reads and may object to, in the order of the screen.
SHOWN = (
    "petitioner_name",
    "phone",
    "address",
    "id_number",
    "group_size",
    "people",
    "subject",
    "text",
    "demands",
    "tell_by",
    "mail",
    "reply_by",
)
MOST_WORDS = 500


def begin(s: Session, *, by: Actor, now: datetime) -> Assisted:
    """Open an empty sheet for a visitor; raise `Forbidden` for those who do not register."""
    if not by.has(Role.REGISTRAR) or by.court_id is None or by.staff_id is None:
        raise Forbidden("submitting.assist.registrars_only")
    row = Assisted(
        id=new_id(), staff_id=by.staff_id, court_id=by.court_id, typed="{}", remarks="{}", began_at=now
    )
    s.add(row)
    s.flush()
    return row


def values_of(row: Assisted) -> dict[str, Any]:
    """Return what was typed."""
    found: dict[str, Any] = json.loads(row.typed)
    return found


def remarks_of(row: Assisted) -> dict[str, str]:
    """Return what the visitor said is not right, by field."""
    found: dict[str, str] = json.loads(row.remarks)
    return found


def is_confirmed(row: Assisted) -> bool:
    """Say whether the visitor confirmed what stands there now."""
    return row.confirmed == row.version and row.version > 0


def keep(s: Session, row: Assisted, typed: Mapping[str, Any]) -> None:
    """Keep what the clerk typed; what the visitor objected to and is different now counts as put right."""
    if row.petition_id is not None:
        raise Conflict("submitting.assist.sent")
    old, new = values_of(row), {name: typed[name] for name in SHOWN if name in typed}
    if old == new:
        return
    changed = {name for name in SHOWN if old.get(name) != new.get(name)}
    left = {name: words for name, words in remarks_of(row).items() if name not in changed}
    row.typed, row.remarks = _json(new), _json(left)
    row.version += 1
    s.add(row)


def pair(s: Session, row: Assisted, *, now: datetime) -> str:
    """Return a new code for the second screen; a screen that was open is closed."""
    code = "".join(secrets.choice("0123456789") for _ in range(CODE_DIGITS))
    row.pairing, row.paired_until, row.screen = _digest(code), now + CODE_LIFE, None
    s.add(row)
    return code


def open_screen(
    s: Session, *, code: str, address: str, limits: Throttle, now: datetime
) -> tuple[Assisted, str] | None:
    """Return what a code opens and the secret that the screen keeps; None for a wrong code, which is counted."""
    key = key_of("screen", address)
    check(s, key=key, limits=limits, now=now)
    row = queries.by_pairing(s, _digest(code), now)
    if row is None or row.petition_id is not None:
        wrong(s, key=key, limits=limits, now=now)
        return None
    right(s, key=key)
    secret = secrets.token_urlsafe(24)
    row.screen, row.pairing, row.paired_until, row.seen_at = sha256_hex(secret), None, None, now
    s.add(row)
    return row, secret


def object_to(s: Session, row: Assisted, *, field: str, words: str) -> None:
    """Note what the visitor says is not right; what was confirmed before is open again."""
    _running(row)
    if field not in SHOWN:
        return
    remarks = remarks_of(row)
    if words.strip():
        remarks[field] = words.strip()[:MOST_WORDS]
    else:
        remarks.pop(field, None)
    row.remarks, row.confirmed, row.confirmed_at = _json(remarks), None, None
    s.add(row)


def confirm(s: Session, row: Assisted, *, version: int, now: datetime) -> None:
    """The visitor confirms what stands there; raise `Conflict` if it changed while they read, or something is not right yet."""
    _running(row)
    if version != row.version or version == 0:
        raise Conflict("submitting.screen.changed")
    if remarks_of(row):
        raise Conflict("submitting.screen.still_wrong")
    row.confirmed, row.confirmed_at = version, now
    s.add(row)


def send(s: Session, row: Assisted, *, by: Actor, now: datetime) -> Registered:
    """Register what the visitor confirmed; a second time it is found, not made."""
    if row.petition_id is None and not is_confirmed(row):
        raise Conflict("submitting.assist.unconfirmed")
    given = {**values_of(row), "petition_id": row.id, "channel": Channel.VISIT}
    form = forms.Register.model_validate(given)
    done = service.register(s, form=form, by=by, now=now, confirmed_at=row.confirmed_at)
    row.petition_id = done.petition.id
    s.add(row)
    return done


def remove(s: Session, row: Assisted) -> None:
    """Forget a sheet and the key it was sealed with."""
    key_id: UUID = row.key_id
    s.delete(row)
    s.flush()
    vault_of(s).destroy(key_id)


def clear(s: Session, *, now: datetime) -> int:
    """Remove what was begun too long ago, sent or not; return how many."""
    old = queries.old_assisted(s, now - LIFE)
    for row in old:
        remove(s, row)
    return len(old)


def _running(row: Assisted) -> None:
    if row.petition_id is not None:
        raise Conflict("submitting.assist.sent")


def _digest(code: str) -> str:
    return sha256_hex(f"pairing:{code}")


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
