"""The udev rules in hw/: well formed, one stable name for each device, readable by the box alone."""

import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).parents[2] / "hw"
FILES = sorted((FOLDER / "udev").glob("*.rules"))
DEVICES = {"camera", "scanner", "button", "printer"}

PART = re.compile(r'([A-Z_]+)(\{[^}]+\})?\s*(==|!=|\+=|:=|=)\s*"([^"]*)"')
#: Keys of udev(7) that these rules use, with the operators each may have in systemd 252.
MATCHES = {"ACTION", "SUBSYSTEM", "SUBSYSTEMS", "KERNEL", "ATTR", "ATTRS"}
ASSIGNED = {"GROUP": {"="}, "MODE": {"="}, "SYMLINK": {"+="}, "TAG": {"+="}}
SUBSCRIPTED = {"ATTR", "ATTRS", "ENV"}


class Part(NamedTuple):
    key: str
    name: str
    operator: str
    value: str


def rules(path: Path) -> list[list[Part]]:
    """Each rule as its parts, continued lines joined; a leftover between the parts fails."""
    text = path.read_text("utf-8").replace("\\\n", " ")
    found = []
    for line in (raw.strip() for raw in text.splitlines()):
        if not line or line.startswith("#"):
            continue
        assert re.sub(r"[\s,]", "", PART.sub("", line)) == "", f"{path.name}: {line}"
        found.append([Part(key, name.strip("{}"), op, value) for key, name, op, value in PART.findall(line)])
    return found


def values(rule: list[Part], key: str) -> list[str]:
    return [part.value for part in rule if part.key == key]


def is_match(part: Part) -> bool:
    return part.operator in {"==", "!="}


each_file = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def test_there_is_a_file_for_each_device() -> None:
    assert {path.stem.removeprefix("70-minyi-") for path in FILES} == DEVICES


@each_file
def test_keys_have_operators_that_udev_takes(path: Path) -> None:
    for part in (part for rule in rules(path) for part in rule):
        allowed = {"==", "!="} if part.key in MATCHES else ASSIGNED.get(part.key, {"==", "!=", "="})
        assert part.key in MATCHES | set(ASSIGNED) | {"ENV"}, part
        assert part.operator in allowed, part
        assert bool(part.name) == (part.key in SUBSCRIPTED), part


@each_file
def test_conditions_stand_before_what_follows_from_them(path: Path) -> None:
    for rule in rules(path):
        kinds = [is_match(part) for part in rule]
        assert kinds == sorted(kinds, reverse=True)


@each_file
def test_a_rule_names_its_device_and_gives_it_to_the_box_alone(path: Path) -> None:
    device = path.stem.removeprefix("70-minyi-")
    for rule in rules(path):
        [link] = values(rule, "SYMLINK")
        assert link in {f"minyi/{device}", "minyi/page-camera"}
        assert (values(rule, "GROUP"), values(rule, "MODE")) == (["minyi-edge"], ["0660"])


@each_file
def test_a_rule_asks_for_a_kind_of_device_first(path: Path) -> None:
    for rule in rules(path):
        head = [part for part in rule if part.key != "ACTION"][:2]
        assert [part.key for part in head] == ["SUBSYSTEM", "KERNEL"]


@pytest.mark.parametrize("device", ["scanner", "button"])
def test_no_rule_takes_every_keyboard(device: str) -> None:
    """A keyboard plugged in for service must stay one: maker, port or name is asked for."""
    for rule in rules(FOLDER / "udev" / f"70-minyi-{device}.rules"):
        asked = {(part.key, part.name) for part in rule if is_match(part)}
        assert asked & {("ATTRS", "idVendor"), ("ENV", "ID_PATH"), ("ATTRS", "name")}
        assert ("ENV", "LIBINPUT_IGNORE_DEVICE") in {(part.key, part.name) for part in rule}


def test_the_readme_names_every_rule_file_and_link_and_the_sign() -> None:
    text = (FOLDER / "README.md").read_text("utf-8")
    assert [path.name for path in FILES if path.name not in text] == []
    assert all(f"/dev/minyi/{device}" in text for device in DEVICES)
    assert "本摄像头只读取二维码" in text
    assert "This camera reads codes only" in text


def test_systemd_finds_no_fault_in_the_rules() -> None:
    if shutil.which("udevadm") is None:
        pytest.skip("udevadm is not installed")
    known = subprocess.run(["udevadm", "--help"], capture_output=True, text=True, check=True).stdout
    if "verify" not in known:
        pytest.skip("this udevadm has no verify (it came with systemd 254)")
    command = ["udevadm", "verify", "--resolve-names=never", *map(str, FILES)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
