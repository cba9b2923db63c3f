"""Carries an update from one state to the next, each kept on the disk (synced) before its order is carried out."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from edge_agent.files import write_atomically
from edge_agent.updating import bundle, states
from edge_agent.updating.bundle import Refused
from edge_agent.updating.machine import CURRENT, GOOD, CannotInstall, Links, Packages, Service
from edge_agent.updating.states import Happened, Order, Phase, State
from shared.bundles import Manifest

log = structlog.get_logger()
STATE, STAGING, _LOCK = "state.json", "staging", "lock"


class Busy(Exception):
    """Another updater is at work on this machine."""


class NotInstalled(Exception):
    """No version lies in the program's folder: this box was installed another way."""


class Tools(NamedTuple):
    """What an update works with. `watched` says whether a version proves itself within its window."""

    links: Links
    packages: Packages
    service: Service
    watched: Callable[[str], bool]
    machine: str


class Updater:
    """One at a time works in a folder of its own; others are told so."""

    def __init__(self, folder: Path, tools: Tools) -> None:
        self._folder = folder
        self._tools = tools
        self.state = self._load()

    @classmethod
    @contextlib.contextmanager
    def alone(cls, folder: Path, tools: Tools) -> Iterator["Updater"]:
        """Hold the folder's lock; raise `Busy`, `NotInstalled` or OSError."""
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / _LOCK).open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise Busy from None
            yield cls(folder, tools)

    def _load(self) -> State:
        """Return the kept state; of a file that is gone or damaged, what the two links tell."""
        try:
            return State.model_validate_json((self._folder / STATE).read_bytes())
        except (OSError, ValidationError) as error:
            current = self._tools.links.version(CURRENT)
            good = self._tools.links.version(GOOD) or current
            if not good:
                raise NotInstalled from None
            if not isinstance(error, FileNotFoundError):
                log.warning("update_state_damaged", current=current, good=good)
            return states.fresh(current=current, good=good)

    def _keep(self, state: State) -> None:
        write_atomically(self._folder / STATE, state.model_dump_json().encode(), mode=0o600)
        self.state = state
        log.info("update", phase=state.phase.value, target=state.target, good=state.good, trials=state.trials)

    def check(
        self, path: Path, keys: Sequence[Ed25519PublicKey], *, now: datetime, again: bool = False
    ) -> Manifest:
        """Check a bundle whole and change nothing; raise `Refused`."""
        return bundle.take(path, self._box(keys, now, again=again), into=None)

    def take(
        self, path: Path, keys: Sequence[Ed25519PublicKey], *, now: datetime, again: bool = False
    ) -> Manifest:
        """Check a bundle and stage its packages; raise `Refused`. Nothing may be under way."""
        staging = self._folder / STAGING
        manifest = bundle.take(path, self._box(keys, now, again=again), into=staging)
        self._keep(states.begun(self.state, manifest.version))
        return manifest

    def _box(self, keys: Sequence[Ed25519PublicKey], now: datetime, *, again: bool) -> bundle.Box:
        return bundle.Box(self.state, keys, self._tools.machine, now, again)

    def pick_up(self) -> None:
        """Begin where an updater before this one was cut off."""
        state = states.after(self.state, Happened.CUT)
        if state != self.state:
            self._keep(state)

    def go_on(self) -> State:
        """Carry out what is due until nothing is."""
        if self.state.phase is Phase.IDLE:
            self._tidy()
        while (order := states.order(self.state)) is not Order.NOTHING:
            why = self._carry_out(order)
            happened = Happened.FAILED if why else Happened.DONE
            self._keep(states.after(self.state, happened, why=why))
        return self.state

    def _carry_out(self, order: Order) -> str:
        """Do it; return the key of what went wrong, empty when nothing did."""
        state, tools = self.state, self._tools
        match order:
            case Order.INSTALL:
                return self._install(state.target)
            case Order.ARM:
                tools.links.point(GOOD, state.good)
            case Order.TRY:
                tools.links.point(CURRENT, state.target)
                if not tools.service.well(state.target):
                    tools.service.restart()
                return "" if tools.watched(state.target) else "update.failed.health"
            case Order.SETTLE:
                tools.links.point(GOOD, state.target)
                self._remove(but={state.target, state.good})
            case Order.RETURN:
                tools.links.point(CURRENT, state.good)
                if not tools.service.well(state.good):
                    tools.service.restart()
                    if not tools.watched(state.good):
                        log.error("not_well_after_return", version=state.good)
                self._remove(but={state.good, state.previous})
        return ""

    def _install(self, version: str) -> str:
        try:
            files = bundle.staged(self._folder / STAGING, self._tools.machine)
            self._tools.packages.install(files, version)
        except Refused:
            return "update.failed.staging"
        except CannotInstall as error:
            log.warning("not_installed", version=version, reason=str(error))
            return "update.failed.install"
        return ""

    def _remove(self, *, but: set[str]) -> None:
        """Let go what is neither good nor the one before it. Never what a link names."""
        kept = but | {self._tools.links.version(name) for name in (CURRENT, GOOD)}
        for version in self._tools.links.installed():
            if version not in kept:
                self._tools.packages.remove(version)
        self._tidy()

    def _tidy(self) -> None:
        staging = self._folder / STAGING
        if staging.exists():
            shutil.rmtree(staging, ignore_errors=True)
            os.sync()
