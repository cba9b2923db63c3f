"""Settings of the centre: checked before they take effect, kept whole or not at all, withdrawn when the box is not well under them."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent import documents, kept_settings, remote
from edge_agent.box import Box
from edge_agent.documents import Answer, Takers
from edge_agent.errors import CannotKeep
from edge_agent.settings import Settings
from edge_agent.telling import Telling
from edge_agent.trial import Trial, Well
from shared import topics
from shared.clock import FixedClock
from shared.hall_settings import HallSettings, SettingsState
from tests.edge_agent import papers

ONE = HallSettings(widen_seconds=90, idle_seconds=60)
TWO = HallSettings(widen_seconds=120, keep_days=14)


class Machine:
    """A box that gets settings: what is in force, how it is, and a clock of its own."""

    def __init__(self, opened: Callable[[], Box], key: Ed25519PrivateKey, now: datetime) -> None:
        self.opened, self.key, self.now = opened, key, now
        self.seconds, self.well, self.told = 0.0, Well.YES, 0
        self.serial = 100
        self.start()

    def start(self) -> None:
        """Start, or start again after a power cut."""
        self.box = self.opened()
        self.configured = Settings(box=papers.BOX_ID, trial_seconds=60)
        self.in_force = self.configured
        slots = kept_settings.at_start(self.box.store, now=self.now)
        self.trial = Trial(
            self.box,
            self.configured,
            slots,
            follow=self.follow,
            well=lambda: self.well,
            monotonic=lambda: self.seconds,
        )
        self.trial.on_told = self.count
        self.trial.start(now=self.now)

    def follow(self, settings: Settings) -> None:
        self.in_force = settings

    def count(self) -> None:
        self.told += 1

    def give(self, wanted: HallSettings, *, key: Ed25519PrivateKey | None = None, **more: Any) -> Answer:
        """Take a paper; its serial is the next one if none is given."""
        self.serial = more.setdefault("serial", self.serial + 1)
        paper = papers.settings(wanted, at=self.now, **more)
        return self.take(papers.signed(paper, key or self.key))

    def take(self, payload: bytes) -> Answer:
        keys = [self.key.public_key()]
        takers = Takers(self.trial)
        return documents.take(self.box, payload, name="settings", keys=keys, now=self.now, takers=takers)

    def passes(self, seconds: int) -> None:
        for _ in range(seconds):
            self.seconds += 1
            self.trial.tick(now=self.now)

    @property
    def state(self) -> SettingsState:
        return self.trial.state(self.now)


@pytest.fixture
def machine(opened: Callable[[], Box], centre_key: Ed25519PrivateKey, now: datetime) -> Machine:
    return Machine(opened, centre_key, now)


@pytest.fixture
def proven(machine: Machine) -> Machine:
    """A box that keeps the settings `ONE`."""
    assert machine.give(ONE) is Answer.TAKEN
    machine.passes(60)
    assert machine.state.digest == ONE.digest
    return machine


def test_settings_are_in_force_at_once_and_confirmed_after_the_trial(machine: Machine) -> None:
    assert machine.give(ONE, edition=7) is Answer.TAKEN
    assert machine.in_force.hall.widen_seconds == 90
    assert (machine.state.trying, machine.state.serial) == (101, 0)
    machine.passes(60)
    assert (machine.state.trying, machine.state.serial, machine.state.edition) == (0, 101, 7)
    machine.start()
    assert machine.in_force.hall.widen_seconds == 90


def test_changes_are_put_on_what_is_proven_and_what_is_dropped_goes_back_to_the_machines_own(
    proven: Machine,
) -> None:
    assert proven.give(TWO, base=ONE) is Answer.TAKEN
    assert proven.trial.values == TWO
    assert proven.in_force.kiosk.idle_seconds == proven.configured.kiosk.idle_seconds


def test_changes_for_other_settings_make_the_box_ask_for_the_whole(proven: Machine) -> None:
    assert proven.give(TWO, base=HallSettings(widen_seconds=10)) is Answer.WRONG_BASE
    assert proven.state.wants_all
    assert proven.trial.values == ONE
    assert proven.give(TWO) is Answer.TAKEN
    assert not proven.state.wants_all


@pytest.mark.parametrize("well", [Well.STORE, Well.PAGES, Well.LINE], ids=lambda well: str(well.value))
def test_a_box_that_is_not_well_under_them_takes_them_back(proven: Machine, well: Well) -> None:
    proven.give(TWO, edition=2)
    proven.well = well
    proven.passes(180)
    assert proven.trial.values == ONE
    assert proven.in_force.hall.widen_seconds == 90
    assert (proven.state.refused, proven.state.refused_edition, proven.state.reason) == (102, 2, well.value)
    assert "alarm.settings_refused" in proven.box.alarms


def test_a_line_that_is_cut_for_a_moment_costs_nothing(proven: Machine) -> None:
    proven.give(TWO)
    proven.well = Well.LINE
    proven.passes(100)
    proven.well = Well.YES
    proven.passes(10)
    assert proven.state.digest == TWO.digest


@pytest.mark.parametrize("passed", [0, 30, 59])
def test_a_box_that_dies_on_trial_starts_with_the_settings_before(proven: Machine, passed: int) -> None:
    proven.give(TWO)
    proven.passes(passed)
    proven.start()
    assert (proven.trial.values, proven.in_force.hall.widen_seconds) == (ONE, 90)
    assert proven.state.reason == "restarted"
    proven.start()
    assert proven.trial.values == ONE


def test_a_box_that_is_stopped_on_trial_goes_on_with_it(proven: Machine) -> None:
    proven.give(TWO)
    proven.trial.stop()
    proven.start()
    assert proven.in_force.hall.widen_seconds == 120
    proven.start()
    assert proven.trial.values == ONE


def test_what_was_withdrawn_comes_back_only_under_a_new_serial(proven: Machine) -> None:
    proven.give(TWO)
    proven.start()
    assert proven.give(TWO, serial=102) is Answer.KNOWN
    assert proven.trial.values == ONE
    assert proven.give(TWO) is Answer.TAKEN


def test_settings_that_do_not_fit_are_never_in_force(proven: Machine) -> None:
    bad = HallSettings.model_construct(widen_seconds=5)
    assert proven.give(bad) is Answer.UNFIT
    late = HallSettings(warning_seconds=500)
    assert proven.give(late) is Answer.UNFIT
    assert (proven.in_force.hall.widen_seconds, proven.state.reason) == (90, "unfit")
    proven.start()
    assert proven.trial.values == ONE


def test_doubtful_papers_are_refused_and_the_last_good_settings_kept(proven: Machine) -> None:
    past = proven.now - timedelta(seconds=1)
    assert proven.give(TWO, serial=100) is Answer.OLD
    assert proven.give(TWO, serial=200, box="ln0103-1") is Answer.OTHER_BOX
    assert proven.give(TWO, serial=200, not_after=past) is Answer.EXPIRED
    assert proven.give(TWO, serial=200, key=Ed25519PrivateKey.generate()) is Answer.WRONG_KEY
    assert proven.give(TWO, serial=200, name="roster") is Answer.UNREADABLE
    assert proven.take(b"{}") is Answer.UNREADABLE
    assert proven.trial.values == ONE
    assert "alarm.document_refused" in proven.box.alarms


def test_a_reset_box_takes_no_old_settings(machine: Machine) -> None:
    documents.raise_floor(machine.box.store, 500)
    assert machine.give(ONE, serial=500) is Answer.OLD
    assert machine.give(ONE, serial=501) is Answer.TAKEN


def test_a_disk_that_refuses_leaves_the_old_settings(proven: Machine) -> None:
    with full(proven.box), pytest.raises(CannotKeep):
        proven.give(TWO)
    assert (proven.trial.values, proven.in_force.hall.widen_seconds) == (ONE, 90)
    assert proven.give(TWO, serial=102) is Answer.TAKEN
    with full(proven.box):
        proven.well = Well.STORE
        proven.passes(60)
        assert proven.in_force.hall.widen_seconds == 90
    proven.well = Well.YES
    proven.passes(70)
    assert (proven.state.digest, proven.state.reason) == (ONE.digest, "store")


@contextlib.contextmanager
def full(box: Box) -> Iterator[None]:
    """A disk that takes nothing."""
    with box.store.reading() as connection:
        connection.execute("pragma query_only = on")
        yield
        connection.execute("pragma query_only = off")


def test_every_setting_of_the_centre_is_one_of_the_box_with_the_same_limits() -> None:
    assert set(remote.PLACES) == set(HallSettings.model_fields)
    for name, facts in HallSettings.model_json_schema()["properties"].items():
        assert limits(facts["anyOf"][0]) == limits(own(remote.PLACES[name])), name


def own(place: remote.Place) -> dict[str, Any]:
    """Return what the box's own settings say of one."""
    whole = Settings.model_json_schema()
    group = whole["$defs"][place.group.capitalize()] if place.group else whole
    found: dict[str, Any] = group["properties"][place.name]
    return found


def limits(facts: dict[str, Any]) -> tuple[object, ...]:
    return tuple(facts.get(name) for name in ("type", "minimum", "maximum", "enum"))


def test_the_centre_is_told_at_each_connect_and_when_something_changed(machine: Machine) -> None:
    said: list[SettingsState] = []

    def publish(topic: str, payload: str, *, retain: bool = False) -> None:
        assert (topic, retain) == (topics.settings(papers.BOX_ID), True)
        said.append(SettingsState.model_validate_json(payload))

    telling = Telling(machine.trial, box=papers.BOX_ID, clock=FixedClock(machine.now))
    for moment in (0, 1, 2):
        telling.tell(publish, moment)
    assert len(said) == 1
    machine.give(ONE)
    telling.tell(publish, 3)
    assert said[-1].trying == 101
    telling.start_over()
    telling.tell(publish, 4)
    telling.tell(publish, 305)
    assert len(said) == 4
