"""Settings on their way: signed for each box, as changes against what it said it has; and what it says became of them."""

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.events.kinds import Kind
from central.fleet import queries
from central.fleet.models import SettingsEdition
from central.halls import writing
from central.halls.line_keys import paper
from central.halls.models import BoxSettings, HallBox
from central.halls.queries import Sending
from shared import topics
from shared.canonical import Json
from shared.hall_settings import (
    GOOD_DAYS,
    NAME,
    RENEW_DAYS,
    HallSettings,
    SettingsPaper,
    SettingsState,
    changes,
)

_NOTHING = HallSettings()


def issue(
    s: Session, *, key: Ed25519PrivateKey, now: datetime, anew: Collection[str] | None = ()
) -> list[Sending]:
    """Return what has to go down. `anew`: boxes that are told again what already lies ready for them; None: all.

    Writes: a box that is to follow another edition gets a paper with a higher serial, as changes where it is known what it has.
    """
    found: list[Sending] = []
    for row in queries.fleet(s, now=now).rows:
        sent, wanted = row.sent, row.wanted
        if _nothing_to_tell(sent, wanted):
            if sent is not None and sent.document:
                sent.document = ""
                s.add(sent)
                found.append(Sending(topics.document(row.box.id, NAME), ""))
            continue
        if wanted is None:
            continue
        if sent is None:
            sent = BoxSettings(box_id=row.box.id, changed_at=now)
        known = sent.document and sent.edition == wanted.number and not sent.wants_all and _lasts(sent, now)
        if not known:
            _sign(sent, wanted, key=key, now=now)
            s.add(sent)
        if not known or anew is None or row.box.id in anew:
            found.append(Sending(topics.document(row.box.id, NAME), sent.document))
    s.flush()
    return found


def note_state(s: Session, *, state: SettingsState, now: datetime) -> None:
    """Keep what a box says of its settings; what it proved and what it gave back are events."""
    box = s.get(HallBox, state.box)
    if box is None or box.revoked_at is not None:
        return
    writing.enter(s, box.court_id)
    row = s.get(BoxSettings, box.id) or BoxSettings(box_id=box.id, changed_at=now)
    before = _facts(row)
    if state.edition and state.edition != row.confirmed_edition:
        _record(s, Kind.SETTINGS_CONFIRMED, box, {"edition": state.edition}, now=now)
    if state.edition != row.confirmed_edition:
        row.confirmed_at = now if state.edition else None
        if row.confirmed_edition == row.edition:
            row.document = ""  # it was reset: what it once proved would be old to it
    if state.refused and state.refused != row.refused_serial:
        facts: dict[str, Json] = {"edition": state.refused_edition, "reason": state.reason}
        _record(s, Kind.SETTINGS_REFUSED, box, facts, now=now)
        row.refused_at = now
    row.confirmed = _in_force(row, state)
    row.confirmed_edition, row.trying = state.edition, state.trying > 0
    row.refused_edition, row.refused_serial = state.refused_edition, state.refused
    row.refused_reason = state.reason
    row.above, row.wants_all = state.above, state.wants_all
    if _facts(row) != before:
        row.changed_at = now
    s.add(row)


def _nothing_to_tell(sent: BoxSettings | None, wanted: SettingsEdition | None) -> bool:
    if wanted is None:
        return True
    return sent is not None and (wanted.number in {sent.confirmed_edition, sent.refused_edition})


def _lasts(sent: BoxSettings, now: datetime) -> bool:
    return sent.good_until is not None and sent.good_until - now > timedelta(days=RENEW_DAYS)


def _sign(sent: BoxSettings, wanted: SettingsEdition, *, key: Ed25519PrivateKey, now: datetime) -> None:
    values = HallSettings.model_validate(wanted.content)
    whole = sent.wants_all or sent.confirmed is None
    base = None if whole else HallSettings.model_validate(sent.confirmed)
    put, drop = (values, ()) if base is None else changes(base, values)
    # From the clock, so that serials go on rising after the centre came back from a backup.
    sent.serial = max(sent.serial + 1, sent.above + 1, int(now.timestamp()))
    sent.good_until = now + timedelta(days=GOOD_DAYS)
    content = SettingsPaper(
        box=sent.box_id,
        serial=sent.serial,
        not_after=sent.good_until,
        edition=wanted.number,
        base=base.digest if base is not None else None,
        put=put,
        drop=drop,
        result=values.digest,
    )
    sent.edition, sent.issued, sent.wants_all = wanted.number, wanted.content, False
    sent.document, sent.changed_at = paper(content, key), now


def _in_force(row: BoxSettings, state: SettingsState) -> dict[str, object] | None:
    """Return what is in force in a box by the digest that it tells, or None when nothing known has that digest."""
    for known in (row.issued, row.confirmed or {}, {}):
        if HallSettings.model_validate(known).digest == state.digest:
            return known
    return None


def _facts(row: BoxSettings) -> tuple[object, ...]:
    return (
        *(row.confirmed_edition, row.confirmed, row.trying, row.above, row.wants_all),
        *(row.refused_edition, row.refused_serial, row.refused_reason),
    )


def _record(s: Session, kind: Kind, box: HallBox, facts: Mapping[str, Json], *, now: datetime) -> None:
    by = writing.box_actor(box.id)
    writing.record(s, kind=kind, court_id=box.court_id, by=by, at=now, facts={"box": box.id, **facts})
