"""The files of hw/rauc are well-formed, fit each other, and refuse a way back. Nothing here starts RAUC or a machine."""

import configparser
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "hw/rauc"


def read(name: str) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string((FOLDER / name).read_text("utf-8"))
    return parser


@pytest.mark.parametrize("machine", ["x86", "jetson"])
def test_two_slots_that_the_boot_loader_knows(machine: str) -> None:
    system = read(f"system-{machine}.conf")
    slots = [system[name] for name in system.sections() if name.startswith("slot.")]
    assert [slot["bootname"] for slot in slots] == ["A", "B"]
    grub = (FOLDER / "grub.cfg").read_text("utf-8")
    assert all(slot["device"].rpartition("/")[2] in grub for slot in slots)
    assert system["system"]["bundle-formats"] == "-plain"


def test_the_bundle_names_its_hook_and_a_system() -> None:
    manifest = read("manifest.raucm")
    assert manifest["update"]["compatible"] == read("system-x86.conf")["system"]["compatible"]
    assert (FOLDER / manifest["hooks"]["filename"]).exists()


@pytest.mark.parametrize("script", ["hook.sh", "mark-good.sh"])
def test_a_script_can_be_read_by_the_shell(script: str) -> None:
    assert subprocess.run(["sh", "-n", FOLDER / script], check=False).returncode == 0


@pytest.mark.parametrize(
    ("version", "compatible", "taken"),
    [
        ("0.3.0", "a", True),
        ("0.10.0", "a", True),
        ("0.2.0", "a", False),
        ("0.1.9", "a", False),
        ("0.3.0", "b", False),
    ],
)
def test_the_hook_refuses_other_systems_and_every_way_back(
    version: str, compatible: str, taken: bool, tmp_path: Path
) -> None:
    (tmp_path / "floor").write_text("0.2.0\n")
    given = {
        "RAUC_MF_VERSION": version,
        "RAUC_MF_COMPATIBLE": compatible,
        "RAUC_SYSTEM_COMPATIBLE": "a",
        "MINYI_FLOOR": str(tmp_path / "floor"),
        "PATH": "/usr/bin:/bin",
    }
    done = subprocess.run(
        ["sh", FOLDER / "hook.sh", "install-check"], env=given, check=False, capture_output=True
    )
    assert (done.returncode == 0) is taken
