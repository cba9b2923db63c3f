"""O3: software of the box updated again and again by the real command, the real dpkg and real versions, and cut off at random points.

A round hands in one bundle: a good one, one whose version dies, hangs or stays silent, or a forged one. In most rounds kill -9 strikes at
a random moment: the updater with dpkg, the updater alone, or everything as a power cut would; a third of the times once more while it
picks up. Then the machine "boots": the box by `current`, the updater by `good`. Un-synced writes are not taken back (R3 does that).
"""

import base64
import contextlib
import json
import os
import random
import signal
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import tomli_w
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge_agent.updating.machine import CURRENT, GOOD, Links
from tests.drills.asked import Asked, Found, share
from tests.edge_agent import updates
from tests.support.processes import answers, wait_until

WINDOW, BAR = 10, 900
_KINDS = (*("good",) * 5, "dies", "hangs", "silent", "forged")
_PROGRAM = "opt/minyi-edge"


class Init:
    """Stands for systemd: keeps what `current` names running, and starts it anew when the restart command asks."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.wanted = place / "restart-wanted"
        self._child: subprocess.Popen[bytes] | None = None
        self._on = threading.Event()
        self._gone = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def _watch(self) -> None:
        while not self._gone.wait(0.02):
            if not self._on.is_set():
                self._stop()
            elif self.wanted.exists() or self._child is None or self._child.poll() is not None:
                self._stop()
                self._start()
                self.wanted.unlink(missing_ok=True)
        self._stop()

    def _start(self) -> None:
        with (self.place / "box.log").open("ab") as log:
            self._child = subprocess.Popen(
                [
                    self.place / _PROGRAM / "current/bin/minyi-edge",
                    "run",
                    "--config",
                    self.place / "edge.toml",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _stop(self) -> None:
        if self._child is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait(10)
            self._child = None

    def power(self, *, on: bool) -> None:
        """Begin to keep the box running, or end it at once."""
        if on:
            self._on.set()
        else:
            self._on.clear()
            wait_until(lambda: self._child is None, what="the box is gone")

    @contextlib.contextmanager
    def running(self) -> Iterator["Init"]:
        """Work as long as the block lasts."""
        self._thread.start()
        self.power(on=True)
        try:
            yield self
        finally:
            self._gone.set()
            self._thread.join(20)


class Machine:
    """A box on a disk of its own: dpkg's database, versions, links, settings."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.key, self.stranger = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        self.next_key = Ed25519PrivateKey.generate()
        self.links = Links(place / _PROGRAM)
        for folder in ("var/lib/dpkg/updates", "var/lib/dpkg/info", "debs"):
            (place / folder).mkdir(parents=True)
        (place / "var/lib/dpkg/status").touch()
        self.init = Init(place)
        wanted = self.init.wanted
        facts = {
            "box": "ln0102-1",
            "data": str(place / "box"),
            "http": {"port": 0},
            "drivers": {"voice": "none"},
            "update": {
                "trusted_keys": [_public(self.key), _public(self.next_key)],
                "program": str(place / _PROGRAM),
                "folder": str(place / "update"),
                "dpkg_options": [f"--root={place}", f"--log={place}/dpkg.log"],
                "restart": ["/bin/sh", "-c", f"touch {wanted}; while [ -e {wanted} ]; do sleep 0.05; done"],
                "window_seconds": WINDOW,
                "steady_seconds": 0,
            },
        }
        (place / "edge.toml").write_text(tomli_w.dumps(facts))
        self._dpkg("--install", updates.deb(place / "debs", "1.0"))
        self.links.point(CURRENT, "1.0")
        self.links.point(GOOD, "1.0")

    def _dpkg(self, *args: str | Path) -> str:
        said = subprocess.run(
            ["dpkg", f"--root={self.place}", *args], check=True, capture_output=True, text=True
        )
        return said.stdout

    def bundle(self, version: str, kind: str, chance: random.Random) -> Path:
        """Make the bundle of a round."""
        key = self.stranger if kind == "forged" else chance.choice([self.key, self.next_key])
        file = updates.deb(self.place / "debs", version, kind="good" if kind == "forged" else kind)
        return updates.bundle(self.place / "debs", [file], key, version=version)

    def updater(self, *args: str | Path) -> subprocess.Popen[bytes]:
        """Start the updater of the confirmed version, in a group of its own."""
        with (self.place / "update.log").open("ab") as log:
            return subprocess.Popen(
                [
                    self.place / _PROGRAM / "good/bin/minyi-edge",
                    "update",
                    *args,
                    "--config",
                    self.place / "edge.toml",
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def state(self) -> dict[str, object]:
        """What the updater wrote down; it changes by renames, so it is whole at any moment."""
        try:
            return dict(json.loads((self.place / "update/state.json").read_bytes()))
        except FileNotFoundError:
            return {"phase": "idle", "good": self.links.version(GOOD)}

    def serves(self) -> str:
        """Return the version that answers, empty for none."""
        try:
            facts = json.loads((self.place / "box/run.json").read_text())
        except (OSError, ValueError):
            return ""
        return str(facts["software"]) if answers(f"http://127.0.0.1:{facts['port']}/healthz") else ""


def _public(key: Ed25519PrivateKey) -> str:
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def _kill(machine: Machine, updater: subprocess.Popen[bytes], how: str) -> None:
    if how == "power":
        machine.init.power(on=False)
    with contextlib.suppress(ProcessLookupError):
        if how == "alone":
            os.kill(updater.pid, signal.SIGKILL)
        else:
            os.killpg(updater.pid, signal.SIGKILL)
    updater.wait(10)


class _Clock(threading.Thread):
    """Notes how long a version that is given up was in force: from the switch to it until the one before answers again."""

    def __init__(self, machine: Machine) -> None:
        super().__init__(daemon=True)
        self.machine, self.over = machine, threading.Event()
        self.tried = self.back = 0.0
        self.returns: list[tuple[float, float]] = []

    def run(self) -> None:
        """Look every few milliseconds."""
        while not self.over.wait(0.02):
            phase, now = self.machine.state["phase"], time.monotonic()
            if phase == "trying":
                self.tried = self.tried or now
            elif phase == "back":
                self.back = self.back or now
            elif phase == "idle":
                if self.tried and self.back:
                    self.returns.append((now - self.tried, now - self.back))
                self.tried = self.back = 0.0


def run(asked: Asked) -> Found:
    """O3."""
    found, chance = Found(), asked.chance
    struck, kinds = Counter[str](), Counter[str]()
    with tempfile.TemporaryDirectory(prefix="minyi-drill-") as name:
        machine = Machine(Path(name))
        clock = _Clock(machine)
        with machine.init.running():
            clock.start()
            wait_until(lambda: machine.serves() == "1.0", what="the first version serves")
            # How long an update takes here, so that the cuts fall into all of it.
            began = time.monotonic()
            found.expect(
                machine.updater(machine.bundle("1.1", "good", chance)).wait(60) == 0,
                "the first update was refused",
            )
            took = time.monotonic() - began
            for number in range(2, asked.rounds + 2):
                kind = chance.choice(_KINDS)
                struck.update(_round(machine, f"1.{number}", kind, took, chance, found))
                kinds[kind] += 1
            clock.over.set()
            clock.join(5)
        found.figures |= {"rounds": asked.rounds, "bundles": dict(kinds), "kills_by_phase": dict(struck)}
        found.figures |= {"an_update_s": round(took, 2), "in_force": machine.links.version(GOOD)}
        whole, back = [a for a, _ in clock.returns], [b for _, b in clock.returns]
        found.figures |= {
            "given_up": len(whole),
            "window_s": WINDOW,
            "switch_to_old_version_answering_p50_s": round(share(whole, 0.5), 1),
            "switch_to_old_version_answering_max_s": round(max(whole, default=0), 1),
            "decision_to_old_version_answering_max_s": round(max(back, default=0), 1),
        }
        found.in_time(max(whole, default=0) <= BAR, f"going back took more than {BAR} s")
    return found


def _over(machine: Machine, updater: subprocess.Popen[bytes], chance: random.Random, most: float) -> bool:
    """Wait for the moment of a cut: any, or just behind a step of a few milliseconds; say whether the updater ended before it."""
    aimed = chance.choice(["", "staged", "installed", "kept", "back"])
    later, end = chance.uniform(0, 0.15 if aimed else most), time.monotonic() + 4 * most
    while aimed and machine.state["phase"] != aimed and updater.poll() is None and time.monotonic() < end:
        time.sleep(0.002)
    with contextlib.suppress(subprocess.TimeoutExpired):
        updater.wait(later)
        return True
    return False


def _round(
    machine: Machine, version: str, kind: str, took: float, chance: random.Random, found: Found
) -> Counter[str]:
    """Hand in one bundle; return at which phases it was cut off."""
    struck, before = Counter[str](), machine.links.version(GOOD)
    path = machine.bundle(version, kind, chance)
    updater = machine.updater(path)
    for cut in range(chance.choice([0, 1, 1, 1, 2])):
        # A version that is no good is under trial for its whole window.
        most = took * 1.2 if kind in {"good", "forged"} or cut else took + WINDOW
        if _over(machine, updater, chance, most):
            break
        _kill(machine, updater, chance.choice(["both", "alone", "power"]))
        struck[str(machine.state["phase"])] += 1
        current, good = machine.links.version(CURRENT), machine.links.version(GOOD)
        found.expect(
            current in {before, version}, f"{version} ({kind}): after a cut current names {current!r}"
        )
        found.expect(good in {before, version}, f"{version} ({kind}): after a cut good names {good!r}")
        machine.init.power(on=True)
        updater = machine.updater()
    updater.wait(120)
    good = machine.links.version(GOOD)
    found.expect(machine.state["phase"] == "idle", f"{version} ({kind}): it ended at {machine.state}")
    found.expect(machine.links.version(CURRENT) == good, f"{version} ({kind}): the links differ at the end")
    found.expect(good == before or kind == "good", f"{version} ({kind}) is in force")
    found.expect(
        good == version or kind != "good" or bool(struck),
        f"{version}: a good version was not taken: {machine.state}",
    )
    with contextlib.suppress(AssertionError):
        wait_until(lambda: machine.serves() == good, timeout=30, what="a good version serves")
    found.expect(machine.serves() == good, f"{version} ({kind}): {machine.serves()!r} serves, not {good}")
    return struck
