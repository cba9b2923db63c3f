"""The index against plain `in`: no false hit, no miss, in segments, behind them, after changes; and nothing readable in the files."""

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from uuid import UUID

import numpy as np
import pytest

from central.search import following, postings, segments
from central.search.folding import fold
from central.search.shelf import Shelf, View
from central.search.store import VERSION, Store
from central.search.texts import Entry, Field
from shared.ids import new_id
from tests.factories.courts import MORNING
from tests.support.vaults import vault_in

#: Few signs, so that all pairs meet; one beyond the basic plane, one full-width, Latin in both cases.
SIGNS = "供暖费的𠮷ａAb1 "


class Box:
    """An index without database: texts put in, words looked up."""

    def __init__(self, folder: Path) -> None:
        self.vault = vault_in(folder / "data")
        self.shelf = Shelf(folder / "search", self.vault)
        self.store = Store(folder / "search" / "index-1.sqlite3", self.vault)
        self.store.set_meta("format", VERSION)
        self.store.set_meta("state", "whole")
        self.shelf.use(self.store.path)
        self.texts: dict[UUID, list[tuple[int, str]]] = {}
        self.keys: dict[UUID, UUID] = {}

    def put(self, *texts: Sequence[tuple[int, str]], at: datetime = MORNING) -> list[UUID]:
        ids = [new_id() for _ in texts]
        self.keys |= dict(zip(ids, self.vault.new_keys(len(ids)), strict=True))
        self.texts |= {key: list(text) for key, text in zip(ids, texts, strict=True)}
        self._take(ids, at)
        return ids

    def change(self, petition: UUID, texts: list[tuple[int, str]] | None, at: datetime = MORNING) -> None:
        self.texts[petition] = texts or []
        self._take([petition], at, erased=texts is None)

    def _take(self, ids: list[UUID], at: datetime, *, erased: bool = False) -> None:
        court = UUID(int=1)
        entries = [
            Entry(
                key,
                self.keys[key],
                at,
                court,
                court,
                None,
                None,
                "handling",
                "letter",
                True,
                None if erased else self.texts[key],
            )
            for key in ids
        ]
        with self.store.writing():
            following.take(self.store, entries)

    def found(self, word: str, fields: tuple[Field, ...] | None = None) -> set[UUID]:
        """Return what a word finds; assert that of one or two signs the postings alone are right."""
        folded = fold(word)
        with self.shelf.view() as view:
            assert view is not None
            maybe = np.flatnonzero(view.holding(folded, fields) & view.alive()).tolist()
            sure = {at for at in maybe if _stands(view, at, folded, fields)}
            if len(folded) <= 2:
                assert sure == set(maybe)
            return {view.id_of(at) for at in sure}

    def expected(self, word: str, fields: tuple[Field, ...] | None = None) -> set[UUID]:
        return {
            key
            for key, parts in self.texts.items()
            for field, text in parts
            if (fields is None or field in fields) and fold(word) in fold(text)
        }


def _stands(view: View, at: int, word: str, fields: tuple[Field, ...] | None) -> bool:
    return any(word in text for field, text in view.folded([at])[at] if fields is None or field in fields)


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def _text(random: Random, most: int = 40) -> str:
    return "".join(random.choices(SIGNS, k=random.randrange(most)))


def test_what_is_found_is_what_in_finds(box: Box) -> None:
    sizes = segments.Sizes(petitions=60, small=3)
    random = Random(7)
    for turn in range(8):
        box.put(
            *(
                [(Field.SUBJECT, _text(random, 8)), (Field.TEXT, _text(random)), (Field.TEXT, _text(random))]
                for _ in range(50)
            )
        )
        for petition in random.sample(sorted(box.texts), 5):
            box.change(petition, None if turn % 2 else [(Field.TEXT, _text(random))])
        while segments.tidy(box.store, sizes=sizes):
            pass
    assert len(box.store.segments()) > 1
    words = {"".join(random.choices(SIGNS, k=random.choice((1, 1, 2, 2, 3, 4, 9)))) for _ in range(120)}
    for word in words:
        for fields in (None, (Field.SUBJECT,), (Field.TEXT, Field.REPLY)):
            assert box.found(word, fields) == box.expected(word, fields), (word, fields)


def test_a_sign_repeated_far_over_256_times_hides_nothing(box: Box) -> None:
    [petition] = box.put([(Field.TEXT, "的" * 70_000 + "供暖" + "的" * 300)])
    box.put([(Field.TEXT, "的" * 300)])
    for _ in range(2):
        assert box.found("的供暖的") == {petition}
        assert box.found("的" * 69_999 + "供") == {petition}
        assert len(box.found("的" * 300)) == 2
        segments.write(box.store, [], 0, 2, 0)


def test_a_term_over_many_pages_is_read_whole() -> None:
    keys = postings.keys((place, 1, "供暖") for place in range(40_000))
    pages = list(postings.pages(keys))
    low, high = postings.range_of(postings.gram_of("供暖"))
    firsts = np.array([first for first, _ in pages], np.uint64)
    found = [
        p
        for n in postings.pages_of(firsts, low, high)
        for _, places in postings.in_page(pages[n][1], low, high)
        for p in places
    ]
    assert found == list(range(40_000))


def test_an_erased_petition_leaves_texts_and_postings(box: Box) -> None:
    gone, kept = box.put([(Field.TEXT, "龘字供暖")], [(Field.TEXT, "供暖")])
    segments.write(box.store, [], 0, 2, 0)
    [before] = box.store.segments()
    box.change(gone, None)
    assert box.found("龘") == set()
    assert box.found("供暖") == {kept}
    assert segments.tidy(box.store)
    [after] = box.store.segments()
    assert (after.held, after.erased) == (1, 0)
    with box.shelf.view() as view:
        assert view is not None
        assert not view.holding("龘", None).any()
    assert box.vault.store.get([before.key_id])[0].wrapped is None


def test_a_text_whose_key_was_destroyed_is_found_no_more(box: Box) -> None:
    [petition] = box.put([(Field.TEXT, "供暖问题长文")])
    segments.write(box.store, [], 0, 1, 0)
    box.vault.destroy(box.keys[petition])
    assert box.found("供暖问题") == set()


def test_nothing_is_readable_in_the_files(box: Box) -> None:
    box.put(
        [
            (Field.SUBJECT, "供暖费争议"),
            (Field.TEXT, "SECRET-WORD 供暖"),
            (Field.NUMBER, "辽0102-2026-000001"),
        ]
    )
    segments.write(box.store, [], 0, 1, 0)
    box.put([(Field.TEXT, "SECRET-WORD 供暖")])
    names = ("供暖", "SECRET", "secret", "2026-000001")
    terms = [
        postings.gram_of("供暖").to_bytes(8, "little"),
        postings.range_of(postings.gram_of("供暖"))[0].to_bytes(8, "little"),
    ]
    files = [path.read_bytes() for path in box.shelf.folder.iterdir()]
    assert any(len(content) > 10_000 for content in files)
    for content in files:
        for name in names:
            assert name.encode() not in content
            assert name.encode("utf-16-le") not in content
            assert name.encode("utf-32-le") not in content
        assert not any(term in content for term in terms)


def test_other_processes_see_what_one_writes(box: Box) -> None:
    other = Shelf(box.shelf.folder, vault_in(box.shelf.folder.parent / "data"))
    for word in ("供暖", "水费", "噪音"):
        [petition] = box.put([(Field.TEXT, word)])
        with other.view() as view:
            assert view is not None
            assert [view.id_of(at) for at in np.flatnonzero(view.holding(word, None)).tolist()] == [petition]


def test_keys_of_postings_are_destroyed_with_the_file_and_after_a_stop(box: Box) -> None:
    box.put([(Field.TEXT, "供暖")])
    segments.write(box.store, [], 0, 1, 0)
    [first] = box.store.segments()
    with box.store.writing():
        box.store.drop([first])  # and stopped before the key was destroyed
    assert box.vault.store.get([first.key_id])[0].wrapped is not None
    segments.tidy(box.store)
    assert box.vault.store.get([first.key_id])[0].wrapped is None
    segments.write(box.store, [], 0, 1, 0)
    [second] = box.store.segments()
    newer = Store(box.shelf.folder / "index-2.sqlite3", box.vault)
    box.shelf.use(newer.path)
    assert box.vault.store.get([second.key_id])[0].wrapped is None
    assert [path.name for path in box.shelf.folder.glob("index-1*")] == []


def test_a_file_nobody_goes_on_building_is_let_go(box: Box) -> None:
    box.put([(Field.TEXT, "供暖")])
    begun = box.shelf.folder / "index-2.sqlite3"
    Store(begun, box.vault).close()
    assert not following.let_go_of_begun(box.shelf)
    hours_ago = begun.stat().st_mtime - 2 * following.GOES_ON
    for path in box.shelf.folder.glob("index-2*"):
        os.utime(path, (hours_ago, hours_ago))
    assert following.let_go_of_begun(box.shelf)
    assert not begun.exists()
    assert box.found("供暖")
