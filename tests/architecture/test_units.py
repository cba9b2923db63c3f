"""The units in systemd/: own user, readiness, watchdog, restart, hardened; and systemd's own opinion where it is present."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from central.vault.master import CREDENTIAL

FOLDER = Path(__file__).parents[2] / "systemd"
#: Those that run; what only copies files for a moment is held by a test of its own.
UNITS = sorted(path for path in FOLDER.glob("*.service") if "Type=oneshot" not in path.read_text("utf-8"))
CENTRAL = ["minyi-ingest", "minyi-jobs", "minyi-web"]
Values = dict[str, list[str]]

#: Key and value each unit must have, word for word.
HARDENING = {
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "AmbientCapabilities": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "ProtectProc": "invisible",
    "ProtectKernelTunables": "yes",
    "ProtectKernelModules": "yes",
    "ProtectKernelLogs": "yes",
    "ProtectControlGroups": "yes",
    "ProtectClock": "yes",
    "ProtectHostname": "yes",
    "PrivateTmp": "yes",
    "PrivateUsers": "yes",
    "RestrictNamespaces": "yes",
    "RestrictRealtime": "yes",
    "RestrictSUIDSGID": "yes",
    "LockPersonality": "yes",
    "MemoryDenyWriteExecute": "yes",
    "SystemCallArchitectures": "native",
    "IPAddressDeny": "any",
    "RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX",
    "UMask": "0077",
    "LimitCORE": "0",
}

analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed"
)
each_unit = pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.stem)


def parse(path: Path) -> dict[str, Values]:
    """Sections of a unit file; a key may stand several times, which plain configparser refuses."""
    sections: dict[str, Values] = {}
    current: Values = {}
    for number, raw in enumerate(path.read_text("utf-8").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith(("#", ";")):
            continue
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            current = sections.setdefault(heading[1], {})
            continue
        key, sign, value = line.partition("=")
        assert sign, f"{path.name}:{number}: {line}"
        assert re.fullmatch(r"[A-Za-z]+", key), f"{path.name}:{number}: {line}"
        current.setdefault(key, []).append(value)
    return sections


def service(path: Path) -> Values:
    return parse(path)["Service"]


def seconds(value: str) -> float:
    assert value.isdecimal(), f"plain seconds, not {value}"
    return float(value)


def test_there_is_a_unit_for_each_process() -> None:
    assert [path.stem for path in UNITS] == sorted(["minyi-copies", "minyi-edge", *CENTRAL])


@each_unit
def test_a_unit_has_the_three_sections_and_starts_at_boot(unit: Path) -> None:
    sections = parse(unit)
    assert list(sections) == ["Unit", "Service", "Install"]
    assert sections["Install"]["WantedBy"] == ["multi-user.target"]


@each_unit
def test_a_unit_runs_as_its_own_user_that_sysusers_makes(unit: Path) -> None:
    [user] = service(unit)["User"]
    made = re.findall(r"^u\s+(\S+)", (FOLDER / "minyi.sysusers").read_text("utf-8"), re.MULTILINE)
    assert user in made
    assert user == ("minyi-edge" if unit.stem == "minyi-edge" else "minyi")


@each_unit
def test_a_unit_says_when_it_is_ready_and_that_it_is_alive(unit: Path) -> None:
    values = service(unit)
    assert (values["Type"], values["NotifyAccess"]) == (["notify"], ["main"])
    assert 5 <= seconds(values["WatchdogSec"][0]) <= 60


@each_unit
def test_a_unit_is_started_again_for_ever_but_not_at_once(unit: Path) -> None:
    values = service(unit)
    assert values["Restart"] == ["always"]
    assert seconds(values["RestartSec"][0]) >= 1
    assert parse(unit)["Unit"]["StartLimitIntervalSec"] == ["0"]


@each_unit
@pytest.mark.parametrize(("key", "value"), HARDENING.items())
def test_a_unit_is_hardened(unit: Path, key: str, value: str) -> None:
    assert service(unit)[key] == [value]


@each_unit
def test_a_unit_may_call_only_what_services_call(unit: Path) -> None:
    assert service(unit)["SystemCallFilter"][:2] == ["@system-service", "~@privileged @resources"]


@each_unit
def test_a_unit_has_limits_and_one_folder_to_write_to(unit: Path) -> None:
    values = service(unit)
    assert {"MemoryMax", "TasksMax", "StateDirectory"} <= set(values)
    assert values["StateDirectoryMode"] == ["0700"]
    assert values.get("ReadWritePaths", []) == (
        ["/var/backups/minyi/copies"] if unit.stem == "minyi-copies" else []
    )
    assert "BindPaths" not in values


def test_what_is_handed_in_waits_in_memory_until_it_is_sealed() -> None:
    values = service(FOLDER / "minyi-web.service")
    assert values["RuntimeDirectory"] == ["minyi-web"]
    assert any("TMPDIR=%t/minyi-web" in line for line in values["Environment"])
    assert "client_body_temp_path /run/" in (FOLDER / "nginx-minyi.conf").read_text("utf-8")


@each_unit
def test_secrets_are_handed_over_as_credentials(unit: Path) -> None:
    values = service(unit)
    assert all(source.split(":")[1].startswith("/etc/minyi/") for source in values["LoadCredential"])
    assert not re.search(r"(?i)password=[^%\s]", " ".join(values.get("Environment", [])))


@pytest.mark.parametrize("only", ["web", "ingest", "jobs"])
def test_the_centre_runs_one_part_in_each_unit(only: str) -> None:
    values = service(FOLDER / f"minyi-{only}.service")
    assert values["ExecStart"] == [f"/opt/minyi/.venv/bin/minyi serve --only {only}"]
    assert values["PrivateDevices"] == ["yes"]
    assert values["IPAddressAllow"] == ["localhost"]


def test_the_box_reaches_its_devices_and_no_others() -> None:
    values = service(FOLDER / "minyi-edge.service")
    assert values["DevicePolicy"] == ["closed"]
    kinds = {allowed.split()[0] for allowed in values["DeviceAllow"]}
    assert kinds == {"char-video4linux", "char-input", "char-usb", "char-ttyUSB", "char-ttyACM"}


def test_the_box_does_not_wait_for_a_network() -> None:
    assert "network-online.target" not in str(parse(FOLDER / "minyi-edge.service")["Unit"])


def test_the_files_named_in_the_readme_are_here_and_all_are_named() -> None:
    readme = (FOLDER / "README.md").read_text("utf-8")
    assert [p.name for p in sorted(FOLDER.iterdir()) if p.name != "README.md" and p.name not in readme] == []


@analyze
@each_unit
def test_systemd_finds_no_fault_in_a_unit(unit: Path, tmp_path: Path) -> None:
    """`verify` wants the command to be there: a copy starts /bin/true with the same arguments instead."""
    text = unit.read_text("utf-8")
    copy = tmp_path / unit.name
    copy.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", text, flags=re.MULTILINE), "utf-8")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )
    complaints = [line for line in done.stderr.splitlines() if unit.name in line]
    assert complaints == []


@analyze
@each_unit
def test_systemd_scores_the_exposure_of_a_unit_at_most_one_and_a_half(unit: Path) -> None:
    """The threshold counts in tenths; above it the command fails."""
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=15", str(unit)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.splitlines()[-1]


NIGHTLY = FOLDER / "minyi-backup.service"


def test_the_nightly_backup_is_as_hardened_as_the_rest_and_writes_to_its_folder_alone() -> None:
    service = parse(NIGHTLY)["Service"]
    assert {key: service.get(key, [None])[-1] for key in HARDENING} == HARDENING
    assert service["ReadWritePaths"] == ["/var/backups/minyi"]
    assert parse(FOLDER / "minyi-backup.timer")["Timer"]["Persistent"] == ["yes"]


@analyze
def test_systemd_scores_the_nightly_backup_at_most_one_and_a_half() -> None:
    test_systemd_scores_the_exposure_of_a_unit_at_most_one_and_a_half(NIGHTLY)


UPDATES = FOLDER / "minyi-edge-update.service"


def test_the_updater_of_a_box_may_install_packages_and_no_more() -> None:
    values = parse(UPDATES)["Service"]
    #: Only root installs packages; those of others are no business of a user namespace.
    differing = {key for key, value in HARDENING.items() if values.get(key, [None])[-1] != value}
    assert differing == {"CapabilityBoundingSet", "PrivateUsers"}
    assert values["CapabilityBoundingSet"] == ["CAP_CHOWN CAP_DAC_OVERRIDE CAP_FOWNER"]
    # A version under trial does not judge itself.
    assert values["ExecStart"][0].startswith("/opt/minyi-edge/good/bin/")
    assert service(FOLDER / "minyi-edge.service")["ExecStart"][0].startswith("/opt/minyi-edge/current/bin/")
    assert parse(FOLDER / "minyi-edge-update.timer")["Install"]["WantedBy"] == ["timers.target"]


@analyze
def test_systemd_scores_the_updater_of_a_box_at_most_two(tmp_path: Path) -> None:
    done = subprocess.run(
        ["systemd-analyze", "security", "--no-pager", "--offline=true", "--threshold=20", str(UPDATES)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.splitlines()[-1]
    test_systemd_finds_no_fault_in_a_unit(UPDATES, tmp_path)


def test_the_master_key_is_a_credential_by_its_drop_in_for_every_unit_that_opens_what_is_sealed() -> None:
    values = parse(FOLDER / "minyi-master.conf")["Service"]
    assert values == {"LoadCredential": [f"{CREDENTIAL}:/etc/minyi/credentials/{CREDENTIAL}"]}
    [units] = re.findall(r"for unit in ([a-z ]+); do", (FOLDER.parent / "docs/keys.md").read_text("utf-8"))
    assert sorted(f"minyi-{name}" for name in units.split()) == sorted(
        [*CENTRAL, "minyi-copies", NIGHTLY.stem]
    )


@analyze
def test_systemd_takes_the_drop_in_and_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    text = (FOLDER / "minyi-web.service").read_text("utf-8")
    added = (FOLDER / "minyi-master.conf").read_text("utf-8").partition("[Service]\n")[2]
    merged = tmp_path / "minyi-web.service"
    merged.write_text(text.replace("\n[Install]", f"\n{added}\n[Install]"), "utf-8")
    test_systemd_finds_no_fault_in_a_unit(merged, tmp_path)
