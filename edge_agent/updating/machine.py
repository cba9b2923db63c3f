"""What an update does to the machine: packages by the package manager, two links that say which version, the box started and asked.

Below the program's folder: `versions/VERSION/` for each installed one, `current` for the one that is started, `good` for the one that was
confirmed and from which the updater itself runs. A link changes by one rename, so it names a whole version at any moment.
"""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import structlog

from edge_agent.commands import RUN_FILE, answer_of
from edge_agent.files import read_json
from edge_agent.settings import Settings
from shared.bundles import packages_name

log = structlog.get_logger()
CURRENT, GOOD, VERSIONS = "current", "good", "versions"
COMMAND = "bin/minyi-edge"
#: dpkg waits for nobody who holds its lock; another run of it that was cut off may still be at work.
_TRIES, _PAUSE_SECONDS = 30, 2.0
_MOST_SECONDS = 900
_START_SECONDS = 120


class CannotInstall(Exception):
    """The package manager did not put a version in place; its last words."""


class Packages(Protocol):
    """The package manager. Both may be called again after a cut in the middle."""

    def install(self, files: Sequence[Path], version: str) -> None:
        """Put a version in place beside the others; raise `CannotInstall`."""

    def remove(self, version: str) -> None:
        """Take a version away; nothing when there is none."""


class Service(Protocol):
    """The box as the service manager runs it."""

    def restart(self) -> bool:
        """Stop it if it runs and start what `current` names; say whether that was taken."""

    def well(self, version: str) -> bool:
        """Say whether this version runs, is well, and answers on its own page."""


class Dpkg:
    """Debian's package manager, without a network. `options` as `--root=DIR`."""

    def __init__(self, root: Path, *, options: Sequence[str] = (), pause: Callable[[float], None]) -> None:
        self._root = root
        self._options = list(options)
        self._pause = pause

    def install(self, files: Sequence[Path], version: str) -> None:
        """Install, then have dpkg compare what lies there with what it put there."""
        self._dpkg("--install", *(str(file) for file in files))
        name = packages_name(version)
        self._dpkg("--configure", "--pending")
        self._dpkg("--verify", name)
        if not (self._root / VERSIONS / version / COMMAND).exists():
            raise CannotInstall(f"{name}: {VERSIONS}/{version}/{COMMAND} is not in it")
        os.sync()

    def remove(self, version: str) -> None:
        """Purge the package, and whatever a cut left of its folder."""
        folder = self._root / VERSIONS / version
        try:
            self._dpkg("--force-remove-reinstreq", "--purge", packages_name(version))
        except CannotInstall as error:
            log.warning("version_not_purged", version=version, reason=str(error))
        shutil.rmtree(folder, ignore_errors=True)

    def _dpkg(self, *args: str) -> None:
        words = ["dpkg", *self._options, "--force-confold", "--no-triggers", *args]
        for left in reversed(range(_TRIES)):
            try:
                done = _run(words, _MOST_SECONDS)
            except (OSError, subprocess.TimeoutExpired) as error:
                raise CannotInstall(str(error)) from error
            said = (done.stdout + done.stderr).strip()
            if done.returncode == 0 and not (args[0] == "--verify" and said):
                return
            if "lock" not in said or not left:
                raise CannotInstall(said[-400:] or f"dpkg ended with {done.returncode}")
            self._pause(_PAUSE_SECONDS)


class Unit:
    """The box's unit, or whatever command of the settings starts it again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def restart(self) -> bool:
        """Run the command of the settings; the service manager first reads its units again, a version brings its own."""
        words = list(self._settings.update.restart)
        try:
            if Path(words[0]).name == "systemctl":
                _run([words[0], "daemon-reload"], _START_SECONDS)
            done = _run(words, _START_SECONDS)
        except (OSError, subprocess.TimeoutExpired) as error:
            log.warning("restart_refused", said=str(error))
            return False
        if done.returncode:
            log.warning("restart_refused", said=(done.stdout + done.stderr)[-400:])
        return done.returncode == 0

    def well(self, version: str) -> bool:
        """The box wrote this version down once it served, says that it is well, and its first page answers."""
        if read_json(self._settings.data / RUN_FILE).get("software") != version:
            return False
        return answer_of(self._settings, "/healthz") == 200 and answer_of(self._settings, "/") == 200


class Links:
    """The two links. Each change is on the disk when its call returns."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def version(self, name: str) -> str:
        """Return the version a link names; empty without one, or when its folder is not whole."""
        try:
            target = (self._root / name).readlink()
        except OSError:
            return ""
        return target.name if (self._root / VERSIONS / target.name / COMMAND).exists() else ""

    def point(self, name: str, version: str) -> None:
        """Let a link name another version, by one rename."""
        if self.version(name) == version:
            return
        beside = self._root / f".{name}.new"
        beside.unlink(missing_ok=True)
        beside.symlink_to(Path(VERSIONS) / version)
        beside.rename(self._root / name)
        handle = os.open(self._root, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def installed(self) -> list[str]:
        """Return the versions that lie there, whole or not."""
        folder = self._root / VERSIONS
        return sorted(each.name for each in folder.iterdir() if each.is_dir()) if folder.is_dir() else []


def watched(
    service: Service,
    version: str,
    *,
    window: float,
    steady: float,
    monotonic: Callable[[], float] = time.monotonic,
    pause: Callable[[float], None] = time.sleep,
) -> bool:
    """Watch for at most `window` seconds; say whether the box was well for `steady` seconds on end."""
    began, well_since = monotonic(), None
    while (now := monotonic()) - began <= window:
        if not service.well(version):
            well_since = None
        elif well_since is None:
            well_since = now
        if well_since is not None and now - well_since >= steady:
            return True
        pause(0.2 if steady < 5 else 1.0)
    return False


def _run(words: Sequence[str], most: float) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "DEBIAN_FRONTEND": "noninteractive",
    }
    return subprocess.run(  # noqa: S603  words of our own and of settings that root writes
        list(words),
        capture_output=True,
        text=True,
        check=False,
        timeout=most,
        env=environment,
        stdin=subprocess.DEVNULL,
    )
