"""A province with a high court that keeps the boxes, and boxes that answer as real ones do."""

import base64
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.actor import Actor, Role
from central.courts.models import Court
from central.fleet import forms, queries, service
from central.fleet.models import BoxGroup, SettingsEdition
from central.halls import service as halls_service
from central.halls.queries import Sending
from shared import wire
from shared.hall_settings import HallSettings, SettingsPaper, SettingsState, WrongBase, merged
from tests.factories import accounts as people
from tests.factories import halls
from tests.factories.courts import MORNING, court


@dataclass
class Box:
    """A box as the centre meets it: what it has, and what it says of it."""

    id: str
    values: HallSettings = field(default_factory=HallSettings)
    serial: int = 0
    edition: int = 0
    refused: tuple[int, int, str] = (0, 0, "")
    wants_all: bool = False
    papers: list[SettingsPaper] = field(default_factory=list)

    def take(self, paper: SettingsPaper) -> None:
        """Prove a paper at once, or ask for the whole."""
        self.papers.append(paper)
        try:
            self.values, self.wants_all = merged(self.values, paper), False
        except WrongBase:
            self.wants_all = True
            return
        self.serial, self.edition, self.refused = paper.serial, paper.edition, (0, 0, "")

    def give_back(self, paper: SettingsPaper, reason: str) -> None:
        self.refused = (paper.serial, paper.edition, reason)

    def state(self, at: datetime) -> SettingsState:
        refused, edition, reason = self.refused
        return SettingsState(
            box=self.id,
            serial=self.serial,
            edition=self.edition,
            digest=self.values.digest,
            refused=refused,
            refused_edition=edition,
            reason=reason,
            above=max(self.serial, refused),
            wants_all=self.wants_all,
            at=at,
        )


@dataclass
class Province:
    """All of it, at a time of its own."""

    s: Session
    top: Court
    admin: Actor
    local: Actor
    boxes: dict[str, Box]
    now: datetime = MORNING
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)

    def edition(
        self, values: HallSettings, *, group: BoxGroup | None = None, hold: int = 60
    ) -> SettingsEdition:
        form = forms.NewEdition(group=group.id if group else None, hold_minutes=hold, note="试用")
        return service.make_edition(self.s, values, form, by=self.admin, now=self.now)

    def group(self, name: str, place: int, *boxes: str) -> BoxGroup:
        made = service.make_group(self.s, forms.NewGroup(name=name, place=place), by=self.admin, now=self.now)
        for box in boxes:
            service.move(self.s, forms.Moved(box=box, group=made.id), by=self.admin, now=self.now)
        return made

    def send(self) -> dict[str, SettingsPaper]:
        """What goes down now, checked as a box does."""
        service.advance(self.s, now=self.now)
        found = service.issue(self.s, key=self.key, now=self.now)
        return {one.topic.split("/")[1]: self.read(one) for one in found if one.payload}

    def read(self, sending: Sending) -> SettingsPaper:
        paper = wire.SignedDocument.model_validate_json(sending.payload)
        self.key.public_key().verify(base64.b64decode(paper.signature), paper.body.encode())
        return SettingsPaper.model_validate_json(paper.body)

    def round(self, *refusing: str) -> set[str]:
        """Send, let the boxes prove it or give it back, and hear them; return who got something."""
        papers = self.send()
        for name, paper in papers.items():
            if name in refusing:
                self.boxes[name].give_back(paper, "pages")
            else:
                self.boxes[name].take(paper)
            self.hear(name)
        return set(papers)

    def hear(self, name: str) -> None:
        service.note_state(self.s, state=self.boxes[name].state(self.now), now=self.now)
        self.here(name)

    def here(self, *names: str) -> None:
        for name in names or self.boxes:
            said = wire.Presence(box=name, online=True, at=self.now)
            halls_service.note_presence(self.s, presence=said, now=self.now)

    def pass_(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self.here()

    def states(self) -> dict[str, str]:
        return {row.box.id: row.state for row in queries.fleet(self.s, now=self.now).rows}

    def status(self, edition: SettingsEdition) -> tuple[str, int]:
        service.advance(self.s, now=self.now)
        return edition.status, edition.place


@pytest.fixture
def province(s: Session) -> Province:
    """Three boxes of one basic court below the high court."""
    at = court(s, "辽0102")
    top = court(s, "辽")
    names = [halls.box(s, at, number).box for number in (1, 2, 3)]
    admin, local = people.actor(s, top, Role.COURT_ADMIN), people.actor(s, at, Role.COURT_ADMIN)
    made = Province(s, top, admin, local, {name: Box(name) for name in names})
    made.here()
    return made
