"""Segments of postings: written when enough petitions stand behind the last one, together when small, anew when one was erased."""

from collections.abc import Iterator
from dataclasses import dataclass

from central.events.log import in_batches
from central.search import postings, texts
from central.search.shelf import opened, prefetch
from central.search.store import Segment, Store
from central.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Sizes:
    """When a segment is written: of so many petitions or signs behind the last one; of so many small ones; a large one of so many signs.

    To make a large one takes some 250 MB of memory.
    """

    petitions: int = 1_000
    tail_signs: int = 2_000_000
    small: int = 8
    signs: int = 5_000_000


USUAL = Sizes()


def tidy(store: Store, *, whole: bool = True, sizes: Sizes = USUAL) -> bool:
    """Write one segment that is due: what stands behind the last, what an erased petition left, small ones together; say whether one was.

    `whole=False`, while building: only large segments of what stands behind the last.
    """
    store.destroy_spent()
    segments = store.segments()
    end = segments[-1].end if segments else 0
    count, signs = store.db.execute(
        "SELECT count(*), coalesce(sum(signs), 0) FROM doc WHERE id >= ?", (end,)
    ).fetchone()
    if whole and (gone := next((each for each in segments if each.erased), None)):
        write(store, [gone], gone.base, gone.end, gone.level)
        return True
    if signs >= (sizes.tail_signs if whole else sizes.signs) or count >= (
        sizes.petitions if whole else postings.MOST // 2
    ):
        write(store, [], end, _reach(store, end, sizes.signs), 0 if whole else 1)
        return True
    if not whole:
        return False
    if few := _few(segments, sizes.small):
        write(store, few, few[0].base, few[-1].end, 1)
        return True
    thin = next(
        (each for each in segments if each.held > 200 and _held(store, each) < each.held * 2 // 3), None
    )
    if thin is not None:
        write(store, [thin], thin.base, thin.end, thin.level)
    return thin is not None


def _held(store: Store, segment: Segment) -> int:
    query = "SELECT count(*) FROM doc WHERE id >= ? AND id < ?"
    return int(store.db.execute(query, (segment.base, segment.end)).fetchone()[0])


def _few(segments: list[Segment], least: int) -> list[Segment]:
    """Return the small segments at the end, once there are enough of them."""
    few: list[Segment] = []
    for each in reversed(segments):
        if each.level or (few and few[0].end - each.base > postings.MOST):
            break
        few.insert(0, each)
    return few[:least] if len(few) >= least else []


def _reach(store: Store, start: int, most: int) -> int:
    """Return how far a segment from `start` may go: by signs and by places."""
    signs, end = 0, start
    query = "SELECT id, signs FROM doc WHERE id >= ? AND id < ? ORDER BY id"
    for at, count in store.db.execute(query, (start, start + postings.MOST)):
        signs, end = signs + count, at + 1
        if signs >= most:
            break
    return end


def write(store: Store, old: list[Segment], base: int, end: int, level: int) -> None:
    """Write the postings of the places from `base` to below `end`, in the place of `old` segments, whose keys are destroyed.

    The file is not held while they are made: what was let go of meanwhile shows by the count, and the segment is due again.
    """
    rows = _rows(store, base, end)
    for part in in_batches(rows, 5_000):
        prefetch(store.vault, [row[2] for row in part])
    found = postings.keys(_parts(store.vault, rows, base))
    with store.writing():
        if [each.id for each in store.segments() if base <= each.base < end] != [each.id for each in old]:
            return
        query = "SELECT count(*) FROM doc WHERE id >= ? AND id < ?"
        gone = len(rows) - int(store.db.execute(query, (base, end)).fetchone()[0])
        store.drop(old)
        number, key_id = store.next_segment(), store.vault.new_key()
        store.add(Segment(number, base, end - base, len(rows), level, gone, key_id, b""), found)
    store.destroy_spent()


def _rows(store: Store, base: int, end: int) -> list[tuple[int, bytes, bytes]]:
    query = "SELECT id, petition, sealed FROM doc WHERE id >= ? AND id < ? ORDER BY id"
    return store.db.execute(query, (base, end)).fetchall()


def _parts(vault: Vault, rows: list[tuple[int, bytes, bytes]], base: int) -> Iterator[tuple[int, int, str]]:
    for at, petition, sealed in rows:
        for field, folded in texts.folded(opened(vault, petition, sealed)):
            yield at - base, field, folded
