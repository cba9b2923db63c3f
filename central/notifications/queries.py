"""Reading for reminders: clocks that reached a level, who has a petition, who serves at a desk, whom the barrier keeps away."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any
from uuid import UUID

from sqlalchemy import Table, case, literal, select
from sqlmodel import Session

from central.accounts import queries as accounts
from central.accounts.models import Staff
from central.actor import Role
from central.barrier.models import StaffConflict
from central.barrier.queries import person
from central.barrier.rules import Named, is_barred
from central.deadlines import queries as deadlines
from central.deadlines.levels import TURN, Shares
from central.deadlines.models import DeadlineClock
from central.deadlines.shipped import shipped_rules
from central.groups import Notices
from central.notifications.hours import Hours
from central.notifications.models import Notice, NoticePreference
from central.notifications.rules import Channel, Desk, Level, Place
from central.petitions.models import Petition

_CLOCK: Table = DeadlineClock.__table__  # type: ignore[attr-defined]
_PETITION: Table = Petition.__table__  # type: ignore[attr-defined]
_NOTICE: Table = Notice.__table__  # type: ignore[attr-defined]
_PLACE = ("handler_id", "leader_id", "court_id", "next_role", "next_person_id", "approver_id")


def house_hours(settings: Notices) -> Hours:
    """Return the hours in which anybody may be told."""
    return Hours(settings.opens, settings.closes)


def owed() -> list[str]:
    """Return the rules of what courts owe: nobody is reminded of a right of somebody else."""
    return sorted({rule.key for rule in shipped_rules().rules if rule.owed_by_court})


def monthly() -> frozenset[str]:
    """Return the rules that begin anew whether they were met or missed: monthly progress."""
    return frozenset(rule.key for rule in shipped_rules().rules if rule.recurs)


def reached(
    s: Session,
    *,
    today: date,
    horizon: date,
    shares: Shares,
    after: tuple[date, UUID] | None,
    limit: int,
) -> Sequence[Any]:
    """Return running clocks that reached a level of which no notice was made, each with it and with who has the petition.

    Says in SQL what `rules.level_of` says, overdue ones left out: of those events tell. By due day, behind `after`; one walk
    along `ix_clock_to_note`.
    """
    first = deadlines.days_between(s, _CLOCK.c.started_on, _CLOCK.c.due_on)
    whole = case((_CLOCK.c.occurrence > 1, TURN.days), else_=first) - deadlines.days_left_out(s)
    used = whole - deadlines.days_between(s, literal(today), _CLOCK.c.due_on)
    level = case(
        (_CLOCK.c.due_on <= horizon, Level.DUE.value),
        (used >= whole * shares.red, Level.RED.value),
        (used >= whole * shares.amber, Level.AMBER.value),
    )
    due_on, key = _CLOCK.c.due_on, _CLOCK.c.id
    query = (
        select(key, _CLOCK.c.petition_id, _CLOCK.c.rule, due_on, level.label("level"), *_place())
        .join(_PETITION, _PETITION.c.id == _CLOCK.c.petition_id)
        .where(
            _CLOCK.c.ended_on.is_(None),
            _CLOCK.c.noted_on.is_(None),
            ~_CLOCK.c.standing_still,
            due_on >= today,
            _CLOCK.c.rule.in_(owed()),
            level.is_not(None),
            ~select(_NOTICE.c.id)
            .where(_NOTICE.c.clock_id == key, _NOTICE.c.level == level)
            .correlate(_CLOCK)
            .exists(),
        )
    )
    if after is not None:
        query = query.where(due_on >= after[0], (due_on > after[0]) | (key > after[1]))
    return s.connection().execute(query.order_by(due_on, key).limit(limit)).all()


def _place() -> list[Any]:
    return [_PETITION.c[name] for name in _PLACE]


def places(s: Session, petitions: Collection[UUID]) -> dict[UUID, Place]:
    """Return who has some petitions: one statement."""
    if not petitions:
        return {}
    query = select(_PETITION.c.id, *_place()).where(_PETITION.c.id.in_(petitions))
    return {row.id: place_of(row) for row in s.connection().execute(query)}


def place_of(row: Any) -> Place:
    """Return who has the petition of a row. While the next step is a named person's, the desk is the registrars'."""
    waits = row.next_role if row.next_person_id is None else None
    return Place(row.court_id, row.handler_id, row.leader_id, waits or Role.REGISTRAR, row.approver_id)


class People:
    """Turns the people and desks that rules name into members of staff; remembers desks for one lot of petitions."""

    def __init__(self, s: Session, petitions: Collection[UUID]) -> None:
        self._s = s
        self._desks: dict[Desk, list[Staff]] = {}
        self._staff: dict[UUID, Staff | None] = {}
        self._conflicts = _conflicts(s, petitions)

    def of(self, named: Iterable[UUID | Desk], petition_id: UUID) -> list[UUID]:
        """Return the active members of staff that `named` comes to, each once, without whom the barrier keeps away."""
        found: dict[UUID, None] = {}
        for each in named:
            for one in self._desk(each) if isinstance(each, Desk) else self._one(each):
                if one.active and not self._barred(one, petition_id):
                    found[one.id] = None
        return list(found)

    def _desk(self, desk: Desk) -> list[Staff]:
        if desk not in self._desks:
            self._desks[desk] = list(accounts.with_role(self._s, desk.court_id, Role(desk.role)))
        return self._desks[desk]

    def _one(self, staff_id: UUID) -> list[Staff]:
        if staff_id not in self._staff:
            self._staff[staff_id] = accounts.get(self._s, staff_id)
        staff = self._staff[staff_id]
        return [staff] if staff else []

    def _barred(self, staff: Staff, petition_id: UUID) -> bool:
        return any(is_barred(person(staff), named) for named in self._conflicts.get(petition_id, ()))


def _conflicts(s: Session, petitions: Collection[UUID]) -> dict[UUID, list[Named]]:
    table: Table = StaffConflict.__table__  # type: ignore[attr-defined]
    found: dict[UUID, list[Named]] = {}
    if petitions:
        for row in s.connection().execute(select(table).where(table.c.petition_id.in_(petitions))):
            found.setdefault(row.petition_id, []).append(
                Named(
                    row.staff_id, row.department_id, row.court_id, row.line_court_id, row.line_department_id
                )
            )
    return found


@dataclass(frozen=True, slots=True)
class Wish:
    """How a person wants to be told, beside the inbox. `address` is that of the channel, None if none was given."""

    channel: Channel = Channel.INBOX
    digest: bool = True
    hours: Hours = field(default_factory=Hours)
    address: str | None = None


def wish(s: Session, staff_id: UUID, house: Hours) -> Wish:
    """Return how a person wants to be told; the hours of the house bound the person's own."""
    row = s.get(NoticePreference, staff_id)
    if row is None:
        return Wish(hours=house)
    channel = Channel(row.channel)
    address = {Channel.MAIL: row.mail, Channel.SMS: row.phone}.get(channel)
    own = Hours(_hour(row.opens, house.opens), _hour(row.closes, house.closes)).within(house)
    return Wish(channel, row.digest, own, address)


def _hour(text: str, other: time) -> time:
    return time.fromisoformat(text) if text else other


def preference(s: Session, staff_id: UUID) -> NoticePreference:
    """Return a person's preferences as kept, or as they are without any."""
    return s.get(NoticePreference, staff_id) or NoticePreference(staff_id=staff_id, salt="")
