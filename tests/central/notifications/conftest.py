"""A court at work, its petitions on the way, and the steps of a morning: sweep, read, gather, send."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from central import db
from central.context import Context
from central.deadlines.models import DeadlineClock
from central.events import log
from central.notifications import gathering, overdue, planning, sending
from central.notifications.channels import Message, Sender
from central.notifications.models import Dispatch, Notice
from central.notifications.rules import Channel
from central.web.catalogue import catalogue
from shared.clock import COURT_ZONE, FixedClock
from shared.i18n import Lang
from tests.support.processes import wait_until


def say(key: str, /, **values: object) -> str:
    return catalogue().text(key, Lang.ZH, **values)


@dataclass
class Kept:
    """A way out that keeps what it was given; `fail` is raised once for each entry."""

    sent: list[Message] = field(default_factory=list)
    fail: list[Exception] = field(default_factory=list)

    def send(self, message: Message) -> str:
        if self.fail:
            raise self.fail.pop(0)
        self.sent.append(message)
        return "ok"


@dataclass
class Office:
    """The jobs of reminding, run by hand at a moment of one's choice."""

    context: Context
    clock: FixedClock
    ways: dict[Channel, Sender] = field(default_factory=dict)

    def at(self, text: str) -> "Office":
        """Set the clock to a day and minute of the courts' zone."""
        self.clock.at = datetime.fromisoformat(text).replace(tzinfo=COURT_ZONE)
        return self

    def sweep(self) -> int:
        return overdue.run(self.context, self.clock.now())

    def run(self) -> int:
        """Do all that is due now; return how many messages were made."""
        self.sweep()
        planning.remind(self.context, self.clock.now())
        self.read()
        made = gathering.run(self.context, self.clock.now())
        sending.run(self.context, self.ways, say, self.clock.now())
        return made

    def read(self) -> None:
        """Read all events. PostgreSQL lets them wait for every transaction that was under way, other workers' too."""

        def all_read() -> bool:
            planning.read(self.context)
            with self.context.read() as s:
                return log.position(s, planning.READER) == log.latest_id(s)

        wait_until(all_read, what="every event is read")

    def notices(self, **having: Any) -> list[Notice]:
        with self.context.read() as s:
            query = select(Notice).order_by(col(Notice.made_at), col(Notice.id))
            found = list(s.exec(query).all())
        return [each for each in found if all(getattr(each, n) == v for n, v in having.items())]

    def dispatches(self, **having: Any) -> list[Dispatch]:
        with self.context.read() as s:
            found = s.exec(select(Dispatch).order_by(col(Dispatch.made_at), col(Dispatch.id))).all()
        return [each for each in found if all(getattr(each, n) == v for n, v in having.items())]

    def due(self, petition_id: UUID, rule: str, day: date | str, started: date | None = None) -> None:
        """Move the clock of a rule, past the log, so that it is due on `day` and began ten days before."""
        due_on = date.fromisoformat(day) if isinstance(day, str) else day
        with db.unit_of_work(self.context.engine) as s:
            table = DeadlineClock.__table__  # type: ignore[attr-defined]
            begin = started or due_on - timedelta(days=10)
            where = (table.c.petition_id == petition_id, table.c.rule == rule)
            s.connection().execute(table.update().where(*where).values(due_on=due_on, started_on=begin))

    def only(self, petition_id: UUID, rule: str) -> UUID:
        """Leave one running clock of a petition, past the log; return its id."""
        with db.unit_of_work(self.context.engine) as s:
            table = DeadlineClock.__table__  # type: ignore[attr-defined]
            others = (table.c.petition_id == petition_id, table.c.rule != rule)
            s.connection().execute(table.delete().where(*others))
            return s.exec(select(DeadlineClock.id).where(DeadlineClock.petition_id == petition_id)).one()


@pytest.fixture
def office(context: Context, clock: FixedClock) -> Office:
    return Office(context, clock)


Bring = Callable[..., Any]


@pytest.fixture
def bring(context: Context, house: Any) -> Bring:
    """`bring(State.HANDLING)` keeps a petition of the house at a state."""
    from tests.factories import petitions

    def brought(state: Any, at: Any = house) -> Any:
        with db.unit_of_work(context.engine) as s:
            return petitions.at(s, at, state)

    return brought
