"""Reading what the boxes are to follow and what they say they follow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import Session, col, func, select

from central.fleet import rollout
from central.fleet.models import BoxGroup, BoxMember, SettingsEdition
from central.fleet.rollout import LAST, Standing, Status
from central.halls.fleet import SILENT
from central.halls.models import BoxPresence, BoxSettings, HallBox

#: Editions looked at: older ones are in force nowhere, or known by their number alone.
KEPT = 200
#: No backup is so old that it lacks more editions than these.
LOST = 1000


@dataclass(frozen=True, slots=True)
class Row:
    """One box with its group, what goes down to it, and whether it is on the line."""

    box: HallBox
    group: BoxGroup | None
    sent: BoxSettings | None
    online: bool
    wanted: SettingsEdition | None

    @property
    def place(self) -> int:
        """When its turn is."""
        return self.group.place if self.group else LAST

    @property
    def confirmed(self) -> int:
        """The number of the edition in force there; 0: its own configuration."""
        return self.sent.confirmed_edition if self.sent else 0

    @property
    def state(self) -> str:
        """What is to be said of it, a key below `fleet.state`."""
        sent, wanted = self.sent, self.wanted
        if wanted is None or (sent is not None and sent.confirmed_edition == wanted.number):
            return "same" if self.confirmed else "own"
        if sent is not None and sent.refused_edition == wanted.number:
            return "failed"
        if sent is not None and sent.trying:
            return "trying"
        return "sent" if self.online else "waits"


class Fleet(NamedTuple):
    """All boxes that are not revoked, their groups by place, the latest editions, newest first."""

    rows: Sequence[Row]
    groups: Sequence[BoxGroup]
    editions: Sequence[SettingsEdition]

    def standing(self, edition: SettingsEdition) -> list[Standing]:
        """Return the boxes that an edition is meant for."""
        meant = (row for row in self.rows if edition.group_id in {None, row.group.id if row.group else None})
        return [_standing(row, edition.number) for row in meant]


def _standing(row: Row, number: int) -> Standing:
    sent = row.sent
    confirmed = sent.confirmed_at if sent and sent.confirmed_edition == number else None
    refused = sent.refused_reason if sent and sent.refused_edition == number else ""
    return Standing(row.box.id, row.place, confirmed, refused, row.online)


def fleet(s: Session, *, now: datetime) -> Fleet:
    """Return the whole fleet, in few statements however many boxes there are."""
    groups = s.exec(select(BoxGroup).order_by(col(BoxGroup.place), col(BoxGroup.name))).all()
    editions = s.exec(select(SettingsEdition).order_by(col(SettingsEdition.number).desc()).limit(KEPT)).all()
    query = (
        select(HallBox, BoxMember.group_id, BoxSettings, BoxPresence)
        .outerjoin(BoxMember, col(BoxMember.box_id) == col(HallBox.id))
        .outerjoin(BoxSettings, col(BoxSettings.box_id) == col(HallBox.id))
        .outerjoin(BoxPresence, col(BoxPresence.box_id) == col(HallBox.id))
        .where(col(HallBox.revoked_at).is_(None))
        .order_by(col(HallBox.id))
    )
    by_id = {group.id: group for group in groups}
    numbers = {edition.number: edition for edition in editions}
    plain = [_plain(edition) for edition in editions]
    rows = [
        _row(box, by_id.get(group_id) if group_id else None, sent, presence, (plain, numbers), now=now)
        for box, group_id, sent, presence in s.exec(query).all()
    ]
    return Fleet(rows, groups, editions)


def follows(s: Session, box_id: str, *, now: datetime) -> Row | None:
    """Return which settings one box follows; None for one that was revoked."""
    return next((row for row in fleet(s, now=now).rows if row.box.id == box_id), None)


def _row(
    box: HallBox,
    group: BoxGroup | None,
    sent: BoxSettings | None,
    presence: BoxPresence | None,
    editions: tuple[Sequence[rollout.Edition], Mapping[int, SettingsEdition]],
    *,
    now: datetime,
) -> Row:
    plain, numbers = editions
    found = rollout.wanted(
        plain,
        group=group.id if group else None,
        place=group.place if group else LAST,
        confirmed=sent.confirmed_edition if sent else 0,
    )
    online = presence is not None and presence.online and now - presence.seen_at <= SILENT
    return Row(box, group, sent, online, numbers[found.number] if found else None)


def _plain(edition: SettingsEdition) -> rollout.Edition:
    return rollout.Edition(edition.number, Status(edition.status), edition.place, edition.group_id)


def rolling(s: Session) -> Sequence[SettingsEdition]:
    """Return the editions under way."""
    return s.exec(select(SettingsEdition).where(SettingsEdition.status == Status.ROLLING)).all()


def edition(s: Session, edition_id: UUID) -> SettingsEdition | None:
    """Return an edition, or None."""
    return s.get(SettingsEdition, edition_id)


def last_number(s: Session) -> int:
    """Return the highest number of an edition known here or in a box; 0 before the first.

    A centre that came back from a backup must not give a number to something else that a box follows already. What a box says is
    believed within `LOST`: a hostile one would use all numbers up.
    """
    own = s.exec(select(func.max(SettingsEdition.number))).one() or 0
    told = (BoxSettings.confirmed_edition, BoxSettings.refused_edition)
    claims = (s.exec(select(func.max(column)).where(col(column) <= own + LOST)).one() or 0 for column in told)
    return max(own, *claims)


def mark(s: Session) -> tuple[object, ...]:
    """Return a mark that moves whenever something of the settings changed, in one statement."""
    return tuple(
        s.exec(
            select(
                select(func.max(SettingsEdition.changed_at)).scalar_subquery(),
                select(func.count()).select_from(SettingsEdition).scalar_subquery(),
                select(func.max(BoxMember.changed_at)).scalar_subquery(),
                select(func.max(BoxSettings.changed_at)).scalar_subquery(),
            )
        ).one()
    )
