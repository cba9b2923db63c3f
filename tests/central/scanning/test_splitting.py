"""Batches into letters."""

from central.scanning.splitting import Seen, SplitBy, split

WRITTEN, BLANK = Seen(blank=False, lines=20), Seen(blank=True, lines=0)
COVER = Seen(blank=False, lines=8, codes=[("010220260000123-P1", 0.4)])
POST = Seen(blank=False, lines=6, codes=[("1234567890123", 0.15)])


def pages(*seen: Seen, by: SplitBy = SplitBy.AUTO) -> list[tuple[int, ...]]:
    return [group.pages for group in split(seen, by)]


def test_cover_sheets_open_letters_and_belong_to_none() -> None:
    groups = split([COVER, WRITTEN, WRITTEN, COVER, WRITTEN])
    assert [group.pages for group in groups] == [(2, 3), (5,)]
    assert groups[0].cover == "010220260000123-P1"


def test_blank_pages_part_letters_without_cover_sheets() -> None:
    assert pages(WRITTEN, BLANK, WRITTEN, WRITTEN, BLANK, BLANK, WRITTEN) == [(1,), (3, 4), (7,)]


def test_blank_pages_part_nothing_beside_cover_sheets() -> None:
    assert pages(COVER, WRITTEN, BLANK, WRITTEN, COVER, WRITTEN) == [(2, 4), (6,)]


def test_blank_backs_part_nothing() -> None:
    assert pages(WRITTEN, BLANK, WRITTEN, BLANK) == [(1, 3)]
    assert pages(WRITTEN, BLANK, WRITTEN, BLANK, by=SplitBy.BLANK) == [(1,), (3,)]


def test_the_label_of_a_post_office_parts_nothing() -> None:
    assert pages(POST, WRITTEN) == [(1, 2)]


def test_one_letter_is_one_letter() -> None:
    assert pages(WRITTEN, WRITTEN, by=SplitBy.NONE) == [(1, 2)]
    assert pages(BLANK) == []
