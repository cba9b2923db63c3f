"""Settings of the centre on trial: checked, kept, put in force, and withdrawn by the box itself when it is not well under them."""

import time
from collections.abc import Callable
from datetime import datetime
from enum import StrEnum

import structlog
from pydantic import ValidationError

from edge_agent import kept_settings, remote
from edge_agent.box import Box
from edge_agent.errors import CannotKeep
from edge_agent.kept_settings import GOOD, REFUSED, TRIAL, Kept, Slots
from edge_agent.settings import Settings
from shared.hall_settings import (
    DocumentHead,
    HallSettings,
    SettingsPaper,
    SettingsState,
    WrongBase,
    merged,
)

log = structlog.get_logger()
ALARM = "alarm.settings_refused"
_NONE = HallSettings()
#: So often in a row pages or disk may fail under new settings.
_FAILURES = 3
#: A line that is down at the end of the trial has so many times its length to come back: a cut cable is not their fault.
_PATIENCE = 3
_LOOKS = 10


class Taken(StrEnum):
    """What became of a paper with settings."""

    TAKEN = "taken"
    WRONG_BASE = "wrong_base"
    UNFIT = "unfit"


class Well(StrEnum):
    """How the box is under its settings."""

    YES = ""
    STORE = "store"
    PAGES = "pages"
    LINE = "line"


class Trial:
    """The settings in force. `follow` puts settings in force at once, `well` looks at the box; both come from outside.

    `configured` is what the machine itself says, without the centre.
    """

    def __init__(
        self,
        box: Box,
        configured: Settings,
        slots: Slots,
        *,
        follow: Callable[[Settings], None],
        well: Callable[[], Well],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._box = box
        self._configured = configured
        self._slots = slots
        self._follow = follow
        self._well = well
        self._monotonic = monotonic
        self._began = self._looked = monotonic()
        self._failures = 0
        self._wants_all = False
        #: Why what is on trial is no longer in force, while the disk did not take that yet.
        self._withdrawn = ""
        #: Called when there is something to tell the centre.
        self.on_told: Callable[[], None] = _nothing

    @property
    def values(self) -> HallSettings:
        """What the centre set and is in force now, proven or on trial."""
        return self._values(TRIAL if TRIAL in self._slots and not self._withdrawn else GOOD)

    def start(self, *, now: datetime) -> None:
        """Put the settings that a start found in force; name those that were withdrawn because the box died under them."""
        refused = self._slots.get(REFUSED)
        if refused is not None:
            self._box.raise_alarm(ALARM, now=now, detail=_detail(refused))
        if TRIAL in self._slots:
            self._start_with(TRIAL, now=now)
        elif GOOD in self._slots:
            self._start_with(GOOD, now=now)

    def _start_with(self, slot: str, *, now: datetime) -> None:
        try:
            settings = remote.applied(self._configured, self._values(slot))
        except ValidationError as error:  # the machine's own configuration was changed meanwhile
            log.warning("settings_unfit", serial=self._slots[slot].serial, fields=_fields(error))
            self._box.raise_alarm(ALARM, now=now, detail=_detail(self._slots[slot]))
            if slot == TRIAL:
                self._roll_back("unfit", now=now)
            return
        if slot == TRIAL:
            self._put_in_force(settings, now=now)
        else:
            self._follow(settings)

    def take(self, body: str, head: DocumentHead, *, now: datetime) -> Taken:
        """Take a paper whose signature, box, date and serial are good. What does not fit is never in force, not for a moment."""
        try:
            paper = SettingsPaper.model_validate_json(body)
            values = merged(self._values(GOOD), paper)
            settings = remote.applied(self._configured, values)
        except WrongBase:
            self._wants_all = True
            self.on_told()
            return Taken.WRONG_BASE
        except ValidationError as error:
            log.warning("settings_unfit", serial=head.serial, fields=_fields(error))
            refused = Kept(serial=head.serial, edition=head.edition, values=_NONE, at=now, reason="unfit")
            self._slots = kept_settings.refuse(self._box.store, refused)
            self._box.raise_alarm(ALARM, now=now, detail=_detail(refused))
            self.on_told()
            return Taken.UNFIT
        found = Kept(serial=paper.serial, edition=paper.edition, values=values, at=now)
        self._slots = kept_settings.begin(self._box.store, found)
        self._wants_all, self._failures, self._withdrawn = False, 0, ""
        self._began = self._looked = self._monotonic()
        log.info("settings_on_trial", edition=found.edition, serial=found.serial)
        self._put_in_force(settings, now=now)
        self.on_told()
        return Taken.TAKEN

    def tick(self, *, now: datetime) -> None:
        """Look at the box while settings are on trial; call about once a second."""
        if TRIAL not in self._slots:
            return
        if self._withdrawn:
            self._keep_withdrawn(now=now)
            return
        window, at = float(self._configured.trial_seconds), self._monotonic()
        if at - self._looked < min(window / _LOOKS, 10.0):
            return
        self._looked = at
        passed, why = at - self._began, self._well()
        if why in {Well.STORE, Well.PAGES}:
            self._failures += 1
            if self._failures >= _FAILURES:
                self._roll_back(why.value, now=now)
            return
        self._failures = 0
        if why is Well.LINE:
            if passed >= window * _PATIENCE:
                self._roll_back(why.value, now=now)
        elif passed >= window:
            self._confirm(now=now)

    def state(self, now: datetime) -> SettingsState:
        """Return what the centre is told."""
        good, trial, refused = (self._slots.get(slot) for slot in (GOOD, TRIAL, REFUSED))
        with self._box.store.reading() as connection:
            above = int(self._box.store.meta(connection, kept_settings.COUNTER) or 0)
        return SettingsState(
            box=self._box.store.box,
            serial=good.serial if good else 0,
            edition=good.edition if good else 0,
            digest=self._values(GOOD).digest,
            trying=trial.serial if trial else 0,
            refused=refused.serial if refused else 0,
            refused_edition=refused.edition if refused else 0,
            reason=refused.reason if refused else "",
            above=above,
            wants_all=self._wants_all,
            at=now,
        )

    def stop(self) -> None:
        """Say that the box ends because it was told to."""
        try:
            kept_settings.stopped(self._box.store)
        except CannotKeep:
            log.warning("settings_trial_interrupted")

    def _values(self, slot: str) -> HallSettings:
        return self._slots[slot].values if slot in self._slots else _NONE

    def _put_in_force(self, settings: Settings, *, now: datetime) -> None:
        try:
            self._follow(settings)
        except Exception:  # whatever it is: the settings that did it go, the hall stays
            log.exception("settings_not_in_force")
            self._roll_back("failed", now=now)

    def _confirm(self, *, now: datetime) -> None:
        try:
            self._slots = kept_settings.confirm(self._box.store, now=now)
        except CannotKeep:
            return  # it stays on trial: the next look finds the disk at fault, or mended
        self._box.clear_alarm(ALARM)
        log.info("settings_confirmed", edition=self._slots[GOOD].edition, serial=self._slots[GOOD].serial)
        self.on_told()

    def _roll_back(self, reason: str, *, now: datetime) -> None:
        failed = self._slots[TRIAL]
        log.warning("settings_withdrawn", edition=failed.edition, serial=failed.serial, reason=reason)
        try:
            self._follow(remote.applied(self._configured, self._values(GOOD)))
        except ValidationError:
            self._follow(self._configured)
        self._withdrawn = reason
        self._keep_withdrawn(now=now)

    def _keep_withdrawn(self, *, now: datetime) -> None:
        try:
            self._slots = kept_settings.withdraw(self._box.store, reason=self._withdrawn, now=now)
        except CannotKeep:
            return  # the old ones are in force; the file follows at the next look, or at the next start
        self._withdrawn = ""
        self._box.raise_alarm(ALARM, now=now, detail=_detail(self._slots[REFUSED]))
        self.on_told()


def _detail(refused: Kept) -> str:
    return f"{refused.edition}: {refused.reason}"


def _fields(error: ValidationError) -> list[str]:
    return [".".join(str(part) for part in each["loc"]) for each in error.errors()]


def _nothing() -> None:
    """Stand in until somebody listens."""
