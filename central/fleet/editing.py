"""What an admin of all boxes does: groups, editions, stopping one, letting one go on."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session

from central.accounts.permissions import keeps_boxes
from central.actor import Actor, Via, system
from central.errors import Conflict, Forbidden, NotFound
from central.events.kinds import Kind
from central.fleet import forms, queries, rollout
from central.fleet.models import BoxGroup, BoxMember, SettingsEdition
from central.fleet.rollout import LAST, Next, Status
from central.halls import writing
from central.halls.models import HallBox
from shared.canonical import Json, canonical
from shared.hall_settings import HallSettings


def check(by: Actor) -> UUID:
    """Return the court that keeps the boxes; raise `Forbidden` for anybody who is no admin there."""
    if not keeps_boxes(by) or by.court_id is None:
        raise Forbidden("fleet.not_yours")
    return by.court_id


def make_group(s: Session, form: forms.NewGroup, *, by: Actor, now: datetime) -> BoxGroup:
    """Make a group of boxes."""
    court_id = check(by)
    writing.enter(s, court_id)
    group = BoxGroup(court_id=court_id, name=form.name, place=form.place)
    s.add(group)
    s.flush()
    facts: dict[str, Json] = {"group": group.id.hex, "name": group.name, "place": group.place}
    writing.record(s, kind=Kind.BOX_GROUP_MADE, court_id=court_id, by=by, at=now, facts=facts)
    return group


def move(s: Session, form: forms.Moved, *, by: Actor, now: datetime) -> None:
    """Put a box into a group, or into none."""
    check(by)
    box = s.get(HallBox, form.box)
    group = s.get(BoxGroup, form.group) if form.group else None
    if box is None or box.revoked_at is not None or (form.group and group is None):
        raise NotFound("fleet.unknown")
    writing.enter(s, box.court_id)
    member = s.get(BoxMember, box.id)
    if member is None:
        member = BoxMember(box_id=box.id, court_id=box.court_id, changed_at=now)
        s.add(member)
    elif member.group_id == form.group:
        return
    member.group_id, member.changed_at = form.group, now
    facts = {"box": box.id, "group": group.name if group else ""}
    writing.record(s, kind=Kind.BOX_GROUPED, court_id=box.court_id, by=by, at=now, facts=facts)


def make_edition(
    s: Session, values: HallSettings, form: forms.NewEdition, *, by: Actor, now: datetime
) -> SettingsEdition:
    """Make an edition and let it begin with the first of its groups. One that is under way for the same boxes ends."""
    court_id = check(by)
    writing.enter(s, court_id)
    if form.group is not None and s.get(BoxGroup, form.group) is None:
        raise NotFound("fleet.unknown")
    for other in queries.rolling(s):
        if None in {form.group, other.group_id} or form.group == other.group_id:
            halt(s, other, reason="replaced", by=by, now=now)
    edition = SettingsEdition(
        court_id=court_id,
        number=queries.last_number(s) + 1,
        written=canonical(values.said),
        group_id=form.group,
        hold_minutes=form.hold_minutes,
        note=form.note,
        made_at=now,
        made_by_id=by.staff_id,
        status=Status.ROLLING,
        place=LAST,
        changed_at=now,
    )
    edition.place = rollout.first_place(queries.fleet(s, now=now).standing(edition))
    s.add(edition)
    facts = {"edition": edition.number, "place": edition.place}
    writing.record(s, kind=Kind.SETTINGS_MADE, court_id=court_id, by=by, at=now, facts=facts)
    return edition


def stop(s: Session, *, edition_id: UUID, by: Actor, now: datetime) -> None:
    """Stop an edition: boxes that have not proven it do not get it."""
    halt(s, _rolling(s, edition_id, by), reason="person", by=by, now=now)


def go_on(s: Session, *, edition_id: UUID, by: Actor, now: datetime) -> None:
    """Let an edition go on to the next group without waiting for the boxes that are away."""
    edition = _rolling(s, edition_id, by)
    later = [box.place for box in queries.fleet(s, now=now).standing(edition) if box.place > edition.place]
    if later:
        advance_to(s, edition, min(later), by=by, now=now)
    else:
        finish(s, edition, by=by, now=now)


def advance(s: Session, *, now: datetime) -> None:
    """Take each edition under way as far as its boxes let it."""
    by = system(Via.JOB)
    for edition in queries.rolling(s):
        writing.enter(s, edition.court_id)
        boxes = queries.fleet(s, now=now).standing(edition)
        found = rollout.step(
            boxes,
            place=edition.place,
            since=edition.changed_at,
            hold=timedelta(minutes=edition.hold_minutes),
            now=now,
        )
        match found.what:
            case Next.STOP:
                halt(s, edition, reason="failed", box=found.boxes[0], by=by, now=now)
            case Next.ADVANCE:
                advance_to(s, edition, found.place, by=by, now=now)
            case Next.FINISH:
                finish(s, edition, by=by, now=now)
            case Next.WAIT:
                pass


def halt(
    s: Session, edition: SettingsEdition, *, reason: str, by: Actor, now: datetime, box: str = ""
) -> None:
    """End an edition where it is."""
    edition.status, edition.changed_at = Status.STOPPED, now
    edition.reason, edition.reason_box = reason, box
    facts: dict[str, Json] = {"edition": edition.number, "reason": reason, "box": box}
    _record(s, Kind.SETTINGS_STOPPED, edition, facts, by=by, now=now)


def advance_to(s: Session, edition: SettingsEdition, place: int, *, by: Actor, now: datetime) -> None:
    """Let the groups up to `place` have it."""
    edition.place, edition.changed_at = place, now
    facts = {"edition": edition.number, "place": place}
    _record(s, Kind.SETTINGS_ADVANCED, edition, facts, by=by, now=now)


def finish(s: Session, edition: SettingsEdition, *, by: Actor, now: datetime) -> None:
    """All have it; whoever comes later gets it at once."""
    edition.status, edition.place, edition.changed_at = Status.DONE, LAST, now
    _record(s, Kind.SETTINGS_DONE, edition, {"edition": edition.number}, by=by, now=now)


def _rolling(s: Session, edition_id: UUID, by: Actor) -> SettingsEdition:
    court_id = check(by)
    writing.enter(s, court_id)
    edition = queries.edition(s, edition_id)
    if edition is None or edition.court_id != court_id:
        raise NotFound("fleet.unknown")
    if edition.status != Status.ROLLING:
        raise Conflict("fleet.over")
    return edition


def _record(
    s: Session,
    kind: Kind,
    edition: SettingsEdition,
    facts: Mapping[str, Json],
    *,
    by: Actor,
    now: datetime,
) -> None:
    s.add(edition)
    writing.record(s, kind=kind, court_id=edition.court_id, by=by, at=now, facts=facts)
