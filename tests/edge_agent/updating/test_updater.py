"""The updater on real folders and links, with a package manager and a box that do as they are told. The real ones: drill O3."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import tomli_w
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from typer.testing import CliRunner

from edge_agent.cli import app
from edge_agent.updating import machine
from edge_agent.updating.bundle import Refused
from edge_agent.updating.machine import CURRENT, GOOD, CannotInstall, Links
from edge_agent.updating.states import Phase
from edge_agent.updating.updater import Busy, NotInstalled, Tools, Updater
from tests.edge_agent import updates
from tests.edge_agent.updates import NOW

KEY = Ed25519PrivateKey.generate()


class Cut(BaseException):
    """The power goes."""


class Box:
    """Packages, service and disk of a pretended machine. `moments` counts what is done; at `cut_at` the power goes, before or behind it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.links = Links(place)
        self.runs = "1.0"
        self.bad: set[str] = set()
        self.refuses = False
        self.moments, self.cut_at = 0, -1

    def moment(self) -> None:
        self.moments += 1
        if self.moments == self.cut_at:
            raise Cut

    def install(self, files: Sequence[Path], version: str) -> None:
        assert files
        self.moment()
        if self.refuses:
            raise CannotInstall("no")
        home = self.place / "versions" / version / "bin"
        home.mkdir(parents=True, exist_ok=True)
        self.moment()
        (home / "minyi-edge").touch()
        self.moment()

    def remove(self, version: str) -> None:
        self.moment()
        (self.place / "versions" / version / machine.COMMAND).unlink(missing_ok=True)
        (self.place / "versions" / version / "bin").rmdir()
        (self.place / "versions" / version).rmdir()

    def restart(self) -> bool:
        self.moment()
        self.runs = self.links.version(CURRENT)
        self.moment()
        return True

    def well(self, version: str) -> bool:
        return self.runs == version and version not in self.bad

    def watched(self, version: str) -> bool:
        self.moment()
        return self.well(version)

    @property
    def tools(self) -> Tools:
        return Tools(self.links, self, self, self.watched, "amd64")

    def boots(self) -> None:
        """Start what `current` names, as the service manager does; it is a whole version."""
        self.runs = self.links.version(CURRENT)
        assert self.runs


@pytest.fixture
def box(tmp_path: Path) -> Box:
    made = Box(tmp_path / "program")
    made.install([tmp_path], "1.0")
    made.links.point(CURRENT, "1.0")
    made.moments = 0
    return made


def handed_in(box: Box, version: str) -> Path:
    folder = box.place.parent / f"in-{version}"
    folder.mkdir(exist_ok=True)
    file = folder / f"minyi-edge-{version}_{version}_all.deb"
    file.write_bytes(b"x")
    return updates.bundle(folder, [file], KEY, version=version)


def update(box: Box, path: Path | None = None) -> Updater:
    with Updater.alone(box.place.parent / "update", box.tools) as updater:
        if path is not None:
            updater.take(path, [KEY.public_key()], now=NOW)
        else:
            updater.pick_up()
        updater.go_on()
        return updater


def test_a_good_version_is_kept_with_the_one_before_it_and_older_ones_go(box: Box) -> None:
    for version in ("1.1", "1.2"):
        assert update(box, handed_in(box, version)).state.good == version
    assert box.links.installed() == ["1.1", "1.2"]
    assert {box.links.version(CURRENT), box.links.version(GOOD), box.runs} == {"1.2"}
    assert not (box.place.parent / "update/staging").exists()


def test_a_version_that_is_not_well_is_gone_back_from_and_not_taken_again(box: Box) -> None:
    box.bad = {"1.1"}
    state = update(box, handed_in(box, "1.1")).state
    assert (state.phase, state.good, state.failed, state.why) == (
        Phase.IDLE,
        "1.0",
        ("1.1",),
        "update.failed.health",
    )
    assert (box.runs, box.links.installed()) == ("1.0", ["1.0"])
    with pytest.raises(Refused):
        update(box, handed_in(box, "1.1"))
    assert update(box, handed_in(box, "1.2")).state.good == "1.2"


def test_packages_that_cannot_be_installed_change_nothing(box: Box) -> None:
    box.refuses = True
    state = update(box, handed_in(box, "1.1")).state
    assert (state.good, state.why, box.runs) == ("1.0", "update.failed.install", "1.0")


@pytest.mark.parametrize("bad", [False, True], ids=["good", "bad"])
def test_cut_off_at_any_moment_a_whole_version_boots_and_the_update_comes_to_its_end(
    box: Box, bad: bool
) -> None:
    for number, at in enumerate(range(1, 12), start=1):
        version = f"1.{number}"
        before = box.links.version(GOOD) or "1.0"
        box.bad = {version} if bad else set()
        box.moments, box.cut_at = 0, at
        try:
            update(box, handed_in(box, version))
        except Cut:
            box.boots()
            assert box.runs in {before, version}
            box.cut_at = -1
            update(box)
        state = update(box).state
        assert (state.phase, box.runs) == (Phase.IDLE, state.good)
        assert state.good == (before if bad else version)


def test_a_lost_or_damaged_record_takes_back_what_was_not_confirmed(box: Box) -> None:
    box.moments, box.cut_at = 0, 6
    with pytest.raises(Cut):
        update(box, handed_in(box, "1.1"))
    assert box.links.version(CURRENT) == "1.1"
    (box.place.parent / "update/state.json").write_bytes(b"\x00" * 40)
    box.boots()
    box.cut_at = -1
    assert (update(box).state.good, box.runs) == ("1.0", "1.0")


def test_only_one_updater_works_at_a_time(box: Box) -> None:
    with Updater.alone(box.place.parent / "update", box.tools), pytest.raises(Busy):
        update(box)


def test_a_box_that_was_not_installed_from_a_package_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(NotInstalled):
        update(Box(tmp_path / "nothing"))


def ticks() -> Iterator[float]:
    now = 0.0
    while True:
        yield now
        now += 1.0


@pytest.mark.parametrize(
    ("well_from", "well_until", "said"),
    [(0, 99, True), (40, 99, True), (58, 99, False), (99, 99, False), (3, 12, False)],
    ids=["at_once", "later", "too_late", "never", "only_for_a_moment"],
)
def test_a_version_proves_itself_by_being_well_without_a_break(
    well_from: int, well_until: int, said: bool
) -> None:
    seconds = ticks()
    now = [0.0]

    class Service:
        def restart(self) -> bool:
            return True

        def well(self, version: str) -> bool:
            return well_from <= now[0] < well_until

    def monotonic() -> float:
        now[0] = next(seconds)
        return now[0]

    pause: Callable[[float], None] = lambda _: None  # noqa: E731
    assert machine.watched(Service(), "1.1", window=60, steady=10, monotonic=monotonic, pause=pause) is said


def test_the_command_says_in_a_sentence_what_became_of_a_bundle(box: Box, tmp_path: Path) -> None:
    config = tmp_path / "edge.toml"
    facts = {"box": "ln0102-1", "language": "en", "data": str(tmp_path / "data")}
    facts["update"] = {"program": str(box.place), "folder": str(tmp_path / "update")}  # type: ignore[assignment]
    config.write_text(tomli_w.dumps(facts))

    def said(*args: str | Path) -> tuple[int, str]:
        result = CliRunner().invoke(app, ["update", *[str(arg) for arg in args], "--config", str(config)])
        assert "Traceback" not in result.output
        return result.exit_code, result.stdout

    assert said() == (0, "No update is under way; version 1.0 is in force.\n")
    assert said(handed_in(box, "1.1"), "--check")[0] == 1
    code, text = said(handed_in(box, "1.1"), "--json")
    assert (code, json.loads(text)["outcome"]) == (1, "update.refused.no_keys")
    assert said(tmp_path / "absent")[0] == 2
    assert box.links.version(CURRENT) == "1.0"
