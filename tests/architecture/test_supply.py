"""What others wrote and comes with Minyi: every file by its hash, one source, a bill of materials, nothing bandit finds."""

import json
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.architecture.sources import ROOT

Package = dict[str, Any]
HASH = re.compile(r"sha256:[0-9a-f]{64}")
PLANTED = """
import hashlib, subprocess
def search(db, word):
    subprocess.call("ls " + word, shell=True)
    return db.execute("select * from petition where subject = '" + word + "'"), hashlib.md5(word)
"""


def locked() -> list[Package]:
    """Return the packages of uv.lock but the house itself."""
    found: list[Package] = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    return [each for each in found if each["name"] != "minyi"]


def loose(packages: list[Package]) -> Iterator[str]:
    """Yield what is wrong with packages of a lock file: no file, a file without its hash, not from the registry."""
    sources = {json.dumps(each["source"], sort_keys=True) for each in packages}
    if len(sources) > 1:
        yield f"more than one source: {sorted(sources)}"
    for each in packages:
        files = [*each.get("wheels", []), *([each["sdist"]] if "sdist" in each else [])]
        if not files or not all(HASH.fullmatch(file.get("hash", "")) for file in files):
            yield f"{each['name']} {each['version']}: a file without its hash"
        if not all(file.get("url", "").startswith("https://") for file in files):
            yield f"{each['name']} {each['version']}: not fetched over TLS"


def bandit(place: Path) -> list[dict[str, Any]]:
    """Return what bandit finds of medium and high severity below a folder."""
    command = [sys.executable, "-m", "bandit", "--quiet", "--configfile", ROOT / "pyproject.toml"]
    options = ["--severity-level", "medium", "--format", "json", "--recursive", place]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=False)
    found: list[dict[str, Any]] = json.loads(done.stdout)["results"]
    return found


def test_every_package_is_pinned_with_the_hash_of_each_file() -> None:
    assert len(locked()) > 100
    assert list(loose(locked())) == []


def test_a_package_without_hash_or_from_elsewhere_is_caught() -> None:
    good = locked()[0]
    other = {"name": "planted", "version": "1", "source": {"git": "x"}, "sdist": {"url": "http://x"}}
    assert len(list(loose([good, other]))) == 3


def test_what_is_asked_for_is_what_is_locked() -> None:
    asked = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    lines = [*asked["project"]["dependencies"], *asked["dependency-groups"]["dev"]]
    names = {re.split(r"[\[<>=]", line)[0].lower() for line in lines}
    assert names - {each["name"] for each in locked()} == set()


def test_the_bill_of_materials_names_what_production_installs_and_no_tool_of_the_tests(
    tmp_path: Path,
) -> None:
    uv = shutil.which("uv") or shutil.which("uv", path=str(ROOT / ".uv" / "bin"))
    shown = subprocess.run([uv or "false", "export", "--help"], capture_output=True, text=True, check=False)
    if "cyclonedx" not in shown.stdout:
        pytest.skip("this uv writes no bill of materials")
    out = tmp_path / "sbom.json"
    subprocess.run(["bash", ROOT / "scripts" / "sbom.sh", out], check=True, capture_output=True)
    bill = json.loads(out.read_text("utf-8"))
    names = {each["name"] for each in bill["components"]}
    assert bill["bomFormat"] == "CycloneDX"
    assert {"fastapi", "cryptography", "argon2-cffi"} <= names
    assert names.isdisjoint({"pytest", "bandit", "playwright"})
    assert all(
        file["hashes"][0]["alg"] == "SHA-256"
        for each in bill["components"]
        for file in each["externalReferences"]
    )


def test_bandit_finds_nothing_medium_or_high() -> None:
    found = [item for name in ("central", "edge_agent", "shared") for item in bandit(ROOT / name)]
    assert [f"{item['filename']}:{item['line_number']} {item['test_id']}" for item in found] == []


def test_bandit_finds_what_is_planted(tmp_path: Path) -> None:
    (tmp_path / "planted.py").write_text(PLANTED)
    assert {item["test_id"] for item in bandit(tmp_path)} >= {"B602", "B608", "B324"}
