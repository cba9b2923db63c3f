"""The folder of the copies: a folder for each generation, in it a base and what came after, piece by piece; beside them stored files.

20261128T020000Z-1f3a/00000000.piece    the base: the whole database, a list of all files
20261128T020000Z-1f3a/00000001.piece    what was committed since, and so on
20261128T020000Z-1f3a/newest            which piece is the last, and until when nothing more was committed
files/                                  sealed attachments as they lie in the data folder; pieces name them with their digest
keystore.current                        the key store as it is now, never as it was
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from central.backup.container import Derive, Head
from central.backup.errors import BackupRefused
from central.copies import pieces
from central.copies.pieces import Info
from shared.clock import COURT_ZONE

STORE = "files"
NEWEST = "newest"
SUFFIX = ".piece"
LOCK = ".lock"
#: The state that is restored may be older than the moment asked for by so much.
MOST_OFF = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Plan:
    """Which pieces bring back a moment: those of a generation up to `last`. The state is that of `moment`."""

    generation: Path
    last: Info
    moment: datetime
    revision: str
    last_event: int
    count: int


def shown(at: datetime) -> str:
    """Return a moment as `--until` takes it: local court time, whole seconds."""
    return f"{at.astimezone(COURT_ZONE):%Y-%m-%dT%H:%M:%S}"


def moment_of(given: str) -> datetime | None:
    """Return the moment that somebody wrote, None for the latest; raise `ValueError` if it is none."""
    if given == "latest":
        return None
    if "T" not in given and " " not in given:
        raise ValueError(given)
    at = datetime.fromisoformat(given)
    return at if at.tzinfo else at.replace(tzinfo=COURT_ZONE)


def generations(folder: Path) -> list[Path]:
    """Return the folders of the generations that have a base, oldest first."""
    return sorted(path.parent for path in folder.glob(f"*/{0:08}{SUFFIX}"))


def is_copies(folder: Path) -> bool:
    """Say whether a folder holds copies."""
    return bool(generations(folder))


def path_of(generation: Path, number: int) -> Path:
    """Return where a piece lies."""
    return generation / f"{number:08}{SUFFIX}"


def newest_of(generation: Path, derive: Derive) -> Info:
    """Return what is said of the last piece of a generation; raise `BackupRefused` if that is gone or not true."""
    path = generation / NEWEST
    if not path.exists():
        raise BackupRefused("copies.no_newest", path=path)
    _, said = pieces.info_of(path, derive)
    if said.generation != generation.name:
        raise BackupRefused("copies.foreign_piece", path=path)
    return said


def infos(generation: Path, derive: Derive) -> Iterator[tuple[Head, Info]]:
    """Yield what the pieces of a generation say of themselves, in order; raise `BackupRefused` where the chain is broken."""
    before, expected = "", 0
    for path in sorted(generation.glob(f"*{SUFFIX}")):
        if path.name != f"{expected:08}{SUFFIX}":
            raise BackupRefused("copies.missing", number=expected, path=generation)
        head, info = pieces.info_of(path, derive)
        if (info.generation, info.number, info.previous) != (generation.name, expected, before):
            raise BackupRefused("copies.foreign_piece", path=path)
        yield head, info
        before, expected = head.salt, expected + 1
    said = newest_of(generation, derive)
    if said.number >= expected:
        raise BackupRefused("copies.missing", number=expected, path=generation)
    if said.number == expected - 1 and said.previous != before:
        raise BackupRefused("copies.foreign_piece", path=generation / NEWEST)


def plan(folder: Path, derive: Derive, at: datetime | None) -> Plan:
    """Return the pieces for the moment `at` (aware), None for the last there is; raise `BackupRefused` if they do not give it."""
    found = generations(folder)
    if not found:
        raise BackupRefused("copies.none", path=folder)
    starts = [(start, each) for each in found if (start := _start(each, derive)) is not None]
    _refuse_mixed([info for info, _ in starts], folder)
    usable = [(info, each) for info, each in starts if at is None or info.at <= at]
    if not usable:
        first = shown(starts[0][0].at) if starts else "-"
        raise BackupRefused("copies.too_early", first=first, path=folder)
    generation = usable[-1][1]
    last, until = _walk(generation, derive, at)
    moment = until if at is None else min(at, max(until, last[1].at))
    if at is not None and at - moment > MOST_OFF:
        raise BackupRefused("copies.no_such_moment", asked=shown(at), nearest=shown(moment))
    head, info = last
    return Plan(generation, info, moment, head.revision, head.last_event, info.number + 1)


def _walk(generation: Path, derive: Derive, at: datetime | None) -> tuple[tuple[Head, Info], datetime]:
    """Return the last piece that is no later than `at`, and until when nothing was committed behind it."""
    last: tuple[Head, Info] | None = None
    try:
        until = newest_of(generation, derive).at
        for head, info in infos(generation, derive):
            if at is not None and info.at > at:
                until = info.after
                break
            if info.point:
                last = head, info
    except BackupRefused:
        # What stands before a break is as good as ever; of what came behind it, nothing is known.
        if at is None or last is None or at - last[1].at > MOST_OFF:
            raise
        until = last[1].at
    if last is None:
        raise BackupRefused("copies.no_newest", path=generation)
    return last, max(until, last[1].at) if at is None else until


def _start(generation: Path, derive: Derive) -> Info | None:
    """Return the first piece with which a generation makes a whole state, None if it never got so far."""
    for number in (0, 1):
        path = path_of(generation, number)
        if path.exists():
            _, info = pieces.info_of(path, derive)
            if info.generation != generation.name or info.number != number:
                raise BackupRefused("copies.foreign_piece", path=path)
            if info.point:
                return info
    return None


def _refuse_mixed(starts: list[Info], folder: Path) -> None:
    if len({each.installation for each in starts}) > 1:
        raise BackupRefused("copies.mixed", path=folder)


@dataclass(frozen=True, slots=True)
class Reach:
    """A generation and the moments it brings back, `first` to `until`; None if it never made a whole state."""

    generation: Path
    first: datetime | None
    until: datetime | None
    pieces: int
    last_event: int


def reach_of(generation: Path, derive: Derive) -> Reach:
    """Return how far a generation reaches; raise `BackupRefused` if its chain is broken."""
    first, until, count, last_event = None, None, 0, 0
    for head, info in infos(generation, derive):
        count, last_event = count + 1, head.last_event
        if info.point:
            first, until = first or info.at, info.at
    return Reach(generation, first, until and max(until, newest_of(generation, derive).at), count, last_event)
