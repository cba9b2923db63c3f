"""Signed heads: every few minutes, how far the log has come since the last seal, in one small file kept on another machine.

Whoever has the database and its folder could cut off the end of the log and make the seals anew; they cannot reach the copy.
"""

import base64
import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlmodel import Session

from central.events import anchors
from central.keys import write_private
from shared.canonical import canonical, sha256_hex

#: Below the folder of copies: the daily seals, and the heads of the days since.
SEALS, HEADS = "seals", "heads"
#: Heads that are kept; the seals of the days before cover what older ones say.
KEPT = 1000
#: Seconds that the program that ships a file gets.
SHIP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Head:
    """One file: the events behind `behind` up to `up_to_id`, their count and the digest over their hashes."""

    name: str
    behind: int = 0
    up_to_id: int = 0
    events: int = 0
    digest: str = ""
    hash: str = ""
    signature: str = ""
    damaged: bool = False


def make(s: Session, *, key: Ed25519PrivateKey, folder: Path, now: datetime) -> Path | None:
    """Write the signed head of now below `folder`; None if nothing was recorded since the last seal."""
    last = anchors.newest(s)
    behind = last.up_to_id if last else 0
    count, _, up_to, digest = anchors.digest_of(s, behind=behind)
    if count == 0:
        return None
    at = now.astimezone(UTC)
    content: dict[str, Any] = {
        "at": at.isoformat(timespec="microseconds"),
        "behind": behind,
        "up_to_id": up_to,
        "events": count,
        "digest": digest,
    }
    found = sha256_hex(canonical(content))
    signature = base64.b64encode(key.sign(found.encode())).decode()
    path = folder / HEADS / f"{at:%Y%m%dT%H%M%SZ}.json"
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, canonical(content | {"hash": found, "signature": signature}).encode())
    for old in sorted(path.parent.glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path


def kept(folder: Path) -> Sequence[Head]:
    """Return the heads of a folder: of those over the same stretch the newest covers the older, so one each is enough."""
    newest: dict[int, Head] = {}
    damaged: list[Head] = []
    for path in sorted((folder / HEADS).glob("*.json")):
        head = _read(path)
        if head.damaged:
            damaged.append(head)
        elif head.behind not in newest or head.up_to_id >= newest[head.behind].up_to_id:
            newest[head.behind] = head
    return [*newest.values(), *damaged]


def _read(path: Path) -> Head:
    try:
        content: dict[str, Any] = json.loads(path.read_text("utf-8"))
        signed = {name: value for name, value in content.items() if name not in {"hash", "signature"}}
        fits = sha256_hex(canonical(signed)) == content["hash"]
        fields = ("behind", "up_to_id", "events", "digest", "hash", "signature")
        return Head(name=path.stem, damaged=not fits, **{field: content[field] for field in fields})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return Head(path.stem, damaged=True)


def ship(files: Sequence[Path], *, folder: Path, to: Path | None, command: Sequence[str]) -> list[str]:
    """Copy files below `folder` to the folder `to`, and give each to `command` as its last argument; return what failed, in words.

    A copy that is there already is left as it is: the first one counts.
    """
    failed: list[str] = []
    for path in files:
        below = path.relative_to(folder)
        place = Path(SEALS) / below if below.parent == Path() else below
        try:
            if to is not None:
                _copy(path, to / place)
            if command:
                subprocess.run([*command, str(path)], check=True, capture_output=True, timeout=SHIP_SECONDS)  # noqa: S603 set by the operator
        except (OSError, subprocess.SubprocessError) as error:
            failed.append(f"{place}: {error}")
    return failed


def _copy(source: Path, target: Path) -> None:
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private(target, source.read_bytes())


def unshipped(folder: Path, to: Path | None) -> list[Path]:
    """Return the seals and heads of `folder` that the folder of copies lacks."""
    here = [*sorted(folder.glob("*.json")), *sorted((folder / HEADS).glob("*.json"))]
    if to is None:
        return here[-1:]
    there = {path.name for path in (to / SEALS).glob("*.json")} | {
        path.name for path in (to / HEADS).glob("*.json")
    }
    return [path for path in here if path.name not in there]
