"""Versions of the box as Debian packages and signed bundles, small: each runs the code of this tree under a number of its own."""

import subprocess
import sys
import sysconfig
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from central.halls import bundles
from tests.support.processes import ROOT

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
#: What a version does when it is to run the box; every other verb works, an updater is never the broken one.
RUNS = {
    "good": "",
    "dies": "exit 1",
    "hangs": "exec sleep 600",
    "silent": 'exec "$here/python" -c "import time; time.sleep(600)"',
}
_SCRIPT = """#!/bin/sh
here=$(dirname "$(readlink -f "$0")")
[ "$1" = run ] && {{ :; {run}
}}
exec "$here/python" -c 'from edge_agent.cli import main; main()' "$@"
"""


def deb(
    folder: Path, version: str, *, program: str = "opt/minyi-edge", kind: str = "good", name: str = ""
) -> Path:
    """Build the package of a version below `program`; return its file."""
    made = name or f"minyi-edge-{version}"
    tree = folder / f"tree-{version}"
    home = tree / program / "versions" / version
    (home / "bin").mkdir(parents=True)
    python = Path(sys.executable).resolve()
    (home / "pyvenv.cfg").write_text(f"home = {python.parent}\ninclude-system-site-packages = false\n")
    (home / "bin/python").symlink_to(python)
    command = home / "bin/minyi-edge"
    command.write_text(_SCRIPT.format(run=RUNS[kind]))
    command.chmod(0o755)
    packages = home / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    about = packages / f"minyi-{version}.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: minyi\nVersion: {version}\n")
    (packages / "house.pth").write_text(f"{ROOT}\n{sysconfig.get_paths()['purelib']}\n")
    (tree / "DEBIAN").mkdir()
    (tree / "DEBIAN/control").write_text(
        f"Package: {made}\nVersion: {version}\nArchitecture: all\nMaintainer: nobody <nobody@example.invalid>\nDescription: box\n"
    )
    file = folder / f"{made}_{version}_all.deb"
    subprocess.run(
        ["dpkg-deb", "--root-owner-group", "-Znone", "--build", tree, file], check=True, capture_output=True
    )
    return file


def bundle(
    folder: Path,
    packages: list[Path],
    key: Ed25519PrivateKey,
    *,
    version: str,
    minimum: str = "0.0",
    since: datetime = NOW,
) -> Path:
    """Sign packages as a bundle; return its file."""
    out = folder / f"minyi-{version}.bundle"
    bundles.make(packages, bundles.Wish(version, minimum, since), key, out=out, now=NOW)
    return out
