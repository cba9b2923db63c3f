"""The daily seal over all chains: signed, chained to the day before, and kept outside the database as a file.

A copy of the newest file anywhere else (a printed sheet will do) proves that nothing before it was changed or cut off.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session, col, select

from central.events import settled
from central.events.journal import plain
from central.events.log import GENESIS
from central.events.models import Anchor, Event
from central.keys import write_private
from shared.canonical import canonical, sha256_hex
from shared.clock import court_day


def newest(s: Session) -> Anchor | None:
    """Return the last anchor made."""
    return s.exec(select(Anchor).order_by(col(Anchor.up_to_id).desc()).limit(1)).first()


def make_due(s: Session, *, key: Ed25519PrivateKey, folder: Path, now: datetime) -> Anchor | None:
    """Seal everything recorded so far if the last finished day has no anchor yet; return the new one.

    Run as often as one likes: a second run on the same day makes nothing. A machine that was off for days seals once.
    """
    day = court_day(now) - timedelta(days=1)
    last = newest(s)
    if last is not None and last.day >= day:
        return None
    return make(s, day=day, key=key, folder=folder, now=now)


def make(s: Session, *, day: date, key: Ed25519PrivateKey, folder: Path, now: datetime) -> Anchor | None:
    """Seal all events behind the last anchor under the date `day`; None if there are none."""
    last = newest(s)
    count, first_id, last_id, digest = digest_of(s, behind=last.up_to_id if last else 0)
    if count == 0:
        return None
    anchor = Anchor(
        day=day,
        from_id=first_id,
        up_to_id=last_id,
        events=count,
        digest=digest,
        prev=last.hash if last else GENESIS,
        hash="",
        signature="",
        made_at=now,
    )
    anchor.hash = hash_of(anchor)
    anchor.signature = base64.b64encode(key.sign(anchor.hash.encode())).decode()
    s.add(anchor)
    # Before the commit: a file without its row is found and explained, a row without its file could be forged.
    write_private(folder / f"{day.isoformat()}.json", canonical(as_file(anchor)).encode())
    return anchor


def hash_of(anchor: Anchor) -> str:
    """Return the hash an anchor must carry."""
    content = {k: v for k, v in as_file(anchor).items() if k not in {"hash", "signature"}}
    return sha256_hex(canonical(content))


def as_file(anchor: Anchor) -> dict[str, Any]:
    """Return the content of the anchor's file."""
    return {
        "day": plain(anchor.day),
        "from_id": anchor.from_id,
        "up_to_id": anchor.up_to_id,
        "events": anchor.events,
        "digest": anchor.digest,
        "prev": anchor.prev,
        "hash": anchor.hash,
        "signature": anchor.signature,
        "made_at": plain(anchor.made_at),
    }


def files(folder: Path) -> Mapping[str, dict[str, Any]]:
    """Return the anchors kept as files, by day; a damaged file counts as an empty one, which no anchor is."""
    return {path.stem: _content(path) for path in sorted(folder.glob("*.json"))}


def _content(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def digest_of(s: Session, *, behind: int, up_to: int | None = None) -> tuple[int, int, int, str]:
    """Return count, first id, last id and digest of the events with `behind` < id <= `up_to`."""
    # Only what no slower transaction can still get in front of.
    end = up_to if up_to is not None else settled.up_to(s)
    query = select(Event.id, Event.hash).where(col(Event.id) > behind).order_by(col(Event.id))
    if end is not None:
        query = query.where(col(Event.id) <= end)
    sha, count, first, last = hashlib.sha256(), 0, 0, 0
    for event_id, event_hash in s.exec(query.execution_options(yield_per=5000)):
        sha.update(str(event_hash).encode())
        count, first, last = count + 1, first or event_id, event_id
    return count, first, last, sha.hexdigest()
