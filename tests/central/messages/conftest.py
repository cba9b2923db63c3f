"""A court, petitioners who want to be told, and the job run by hand at a moment of one's choice."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import col, select

from central import db
from central.commands.messages import words
from central.context import Context
from central.events import log
from central.messages import planning, sending
from central.messages.models import PetitionerMessage
from central.notifications.rules import Channel
from central.petitions.models import Petition
from central.petitions.states import Act, State
from shared.clock import COURT_ZONE, FixedClock
from tests.central.notifications.conftest import Kept
from tests.factories import petitions
from tests.factories.accounts import House
from tests.support.processes import wait_until

#: What the petitioner said at registration, unless a test says otherwise.
WISHES: dict[str, Any] = {"tell_by": ["sms"]}


@dataclass
class Post:
    """The job of telling petitioners, with ways out that keep what they were given."""

    context: Context
    clock: FixedClock
    house: House
    sms: Kept = field(default_factory=Kept)
    mail: Kept = field(default_factory=Kept)

    def at(self, text: str) -> "Post":
        """Set the clock to a day and minute of the courts' zone."""
        self.clock.at = datetime.fromisoformat(text).replace(tzinfo=COURT_ZONE)
        return self

    def register(self, **fields: Any) -> Petition:
        with db.unit_of_work(self.context.engine) as s:
            return petitions.registered(s, self.house, now=self.clock.now(), **{**WISHES, **fields})

    def do(self, petition: Petition, *acts: Act, **values: Any) -> None:
        with db.unit_of_work(self.context.engine) as s:
            for act in acts:
                petitions.do(s, self.house, petition.id, act, now=self.clock.now(), **values)

    def bring(self, petition: Petition, state: State) -> None:
        self.do(petition, *petitions.WAY[state])

    def read(self) -> None:
        """Read all events. PostgreSQL lets them wait for every transaction that was under way, other workers' too."""

        def all_read() -> bool:
            planning.read(self.context)
            with self.context.read() as s:
                return log.position(s, planning.READER) == log.latest_id(s)

        wait_until(all_read, what="every event is read")

    def run(self) -> int:
        self.read()
        planning.remind(self.context, self.clock.now())
        return self.send()

    def send(self) -> int:
        ways = {Channel.SMS: self.sms, Channel.MAIL: self.mail}
        return sending.run(self.context, sending.House(ways, words), self.clock.now())

    def rows(self, petition_id: UUID | None = None) -> list[PetitionerMessage]:
        with self.context.read() as s:
            query = select(PetitionerMessage).order_by(col(PetitionerMessage.id))
            if petition_id:
                query = query.where(PetitionerMessage.petition_id == petition_id)
            return list(s.exec(query).all())


@pytest.fixture
def post(context: Context, clock: FixedClock, house: House) -> Post:
    """A working Monday morning, ten o'clock."""
    return Post(context, clock, house).at("2026-11-23T10:00")
