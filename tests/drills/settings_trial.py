"""S13 for settings: bad papers of every kind, replay after a reset, and the power cut at random writes while settings come, prove themselves and go.

Refused is every bad paper; in force after a cut is what was in force before it, or what came whole.
"""

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from structlog.testing import capture_logs

from edge_agent import documents, kept_settings
from edge_agent.box import Box
from edge_agent.documents import Answer
from edge_agent.opening import open_store
from edge_agent.settings import Settings
from edge_agent.store import Store
from edge_agent.trial import Trial, Well
from shared import wire
from shared.hall_settings import HallSettings
from tests.drills import power
from tests.drills.asked import Asked, Found
from tests.edge_agent import papers
from tests.edge_agent.conftest import RULES
from tests.factories.courts import MORNING

_WINDOW = 10


class _Machine:
    """A box with its trial, on a file of its own; time passes as it is told."""

    def __init__(self, folder: Path, keys: list[Ed25519PrivateKey]) -> None:
        self.store: Store = open_store(folder, box=papers.BOX_ID, now=MORNING)
        self.box, self.keys = Box(self.store, RULES), [key.public_key() for key in keys]
        self.seconds, self.well = 0.0, Well.YES
        self.in_force = configured = Settings(box=papers.BOX_ID, trial_seconds=_WINDOW)
        slots = kept_settings.at_start(self.store, now=MORNING)
        self.trial = Trial(
            self.box,
            configured,
            slots,
            follow=self._follow,
            well=lambda: self.well,
            monotonic=lambda: self.seconds,
        )
        self.trial.start(now=MORNING)

    def _follow(self, settings: Settings) -> None:
        self.in_force = settings

    def give(self, payload: bytes) -> Answer:
        takers = documents.Takers(trial=self.trial)
        return documents.take(self.box, payload, name="settings", keys=self.keys, now=MORNING, takers=takers)

    def passes(self, seconds: int) -> None:
        for _ in range(seconds):
            self.seconds += 1
            self.trial.tick(now=MORNING)


class _Desk:
    """The centre's signing side; `base` is what the box has proven."""

    def __init__(self, chance: random.Random) -> None:
        self.chance, self.serial, self.base = chance, 1000, HallSettings()
        self.keys = [Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()]
        self.issued: list[bytes] = []

    def values(self) -> HallSettings:
        drawn = HallSettings(
            widen_seconds=self.chance.randint(10, 3600), keep_days=self.chance.choice([None, 7, 30])
        )
        return drawn if drawn != self.base else self.values()

    def paper(self, wanted: HallSettings | None = None, **more: Any) -> bytes:
        key = more.pop("key", None) or self.chance.choice(self.keys)
        facts = {"serial": self.serial + 10, "base": self.base, **more}
        return papers.signed(papers.settings(wanted or self.values(), at=MORNING, **facts), key)

    def good(self, wanted: HallSettings) -> bytes:
        self.serial += self.chance.randint(1, 5)
        whole = {"base": None} if self.chance.random() < 0.3 else {}
        self.issued.append(self.paper(wanted, serial=self.serial, **whole))
        return self.issued[-1]

    def cut(self) -> bytes:
        whole = self.paper()
        return whole[: self.chance.randrange(len(whole))]

    def one_bit(self) -> bytes:
        """A bit of the signed text; the last sign of a signature has bits that mean nothing."""
        one = wire.SignedDocument.model_validate_json(self.paper())
        body = bytearray(one.body.encode())
        body[self.chance.randrange(len(body))] ^= 1
        changed = body.decode(errors="replace")
        return one.model_copy(update={"body": changed}).model_dump_json().encode()


_PAST = MORNING - timedelta(seconds=1)
BAD: dict[str, Callable[[_Desk], bytes]] = {
    "wrong_key": lambda desk: desk.paper(key=Ed25519PrivateKey.generate()),
    "other_box": lambda desk: desk.paper(box="ln0103-1"),
    "old": lambda desk: desk.paper(serial=desk.chance.randint(1, desk.serial - 1)),
    "replayed": lambda desk: desk.chance.choice(desk.issued),
    "expired": lambda desk: desk.paper(not_after=_PAST),
    "no_zone": lambda desk: desk.paper(not_after=MORNING.replace(tzinfo=None)),
    "cut": _Desk.cut,
    "one_bit": _Desk.one_bit,
    "other_name": lambda desk: desk.paper(name="roster"),
    "other_base": lambda desk: desk.paper(base=HallSettings(widen_seconds=11, visit_minutes=99)),
    "other_result": lambda desk: desk.paper(result="0" * 64),
    "noise": lambda desk: desk.chance.randbytes(desk.chance.randint(1, 3000)),
}


def run(asked: Asked) -> Found:
    """Bad papers, a reset, power cuts."""
    found = Found()
    with capture_logs(), tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        _bad_papers(asked, Path(name), found)
        _cuts(asked, Path(name), found)
    return found


def _bad_papers(asked: Asked, room: Path, found: Found) -> None:
    chance, answers = asked.chance, Counter[str]()
    desk = _Desk(chance)
    machine = _Machine(room / "box", desk.keys)

    def renew() -> None:
        wanted = desk.values()
        found.expect(machine.give(desk.good(wanted)) is Answer.TAKEN, "good settings were refused")
        machine.passes(_WINDOW)
        desk.base = wanted

    for _ in range(2):
        renew()
    for kind in chance.sample([*BAD] * asked.rounds, k=len(BAD) * asked.rounds):
        answer = machine.give(BAD[kind](desk))
        known = answer is Answer.KNOWN and kind == "replayed"
        found.expect(answer not in documents.GOOD or known, f"settings, {kind}: {answer}")
        found.expect(machine.trial.values == desk.base, f"settings, {kind}: others are in force")
        answers[answer.value] += 1
        if chance.random() < 0.05:
            renew()
    machine.store.close()
    # Back to the factory: an empty folder, a new enrolment, which tells how far papers had come.
    machine = _Machine(room / "again", desk.keys)
    documents.raise_floor(machine.store, desk.serial)
    taken = [each for each in desk.issued if machine.give(each) in documents.GOOD]
    found.expect(not taken, "old settings were taken after a reset")
    desk.base = HallSettings()
    renew()
    machine.store.close()
    found.figures |= {"bad_settings": sum(answers.values()), "settings_answers": dict(answers)}


def _cuts(asked: Asked, room: Path, found: Found) -> None:
    chance, cuts = asked.chance, 0
    desk = _Desk(chance)
    disk = power.Disk(room / "power")
    with disk.watching():
        machine = _Machine(room / "power", desk.keys)
        while cuts < asked.rounds * 10:
            wanted, before = desk.values(), desk.base
            with _cut_at_writes(disk, chance) as images:
                machine.well = chance.choice([Well.YES, Well.YES, Well.PAGES])
                machine.give(desk.good(wanted))
                at_trial = len(images)
                machine.passes(_WINDOW)
            for number, image in enumerate(images):
                allowed = {before} if number < at_trial or machine.well is Well.PAGES else {before, wanted}
                after = _after(room / f"cut{cuts}", image, room / "power" / "keys", desk.keys)
                found.expect(
                    after in {one.digest for one in allowed},
                    f"cut {cuts}: neither the old nor the new settings",
                )
                cuts += 1
            desk.base = machine.trial.values
        machine.store.close()
    found.figures["settings_cuts"] = cuts


@contextmanager
def _cut_at_writes(disk: power.Disk, chance: random.Random) -> Iterator[list[dict[str, bytes]]]:
    images: list[dict[str, bytes]] = []

    def maybe() -> None:
        if chance.random() < 0.3:
            images.append(disk.image(chance))

    disk.on_write = maybe
    try:
        yield images
    finally:
        disk.on_write = lambda: None


def _after(folder: Path, image: dict[str, bytes], keys: Path, trusted: list[Ed25519PrivateKey]) -> str:
    """Start on what a power cut left; return the digest of the settings in force."""
    power.put(folder, image, keys=keys)
    machine = _Machine(folder, trusted)
    try:
        return machine.trial.values.digest
    finally:
        machine.store.close()
