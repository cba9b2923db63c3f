"""Differences read as a person would mark them, and both texts can be put together from them again."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from central.drafting.differences import How, Piece, between, of_drafts
from central.replies.versions import Answered, Content

ONE = UUID(int=1)


def side(pieces: tuple[Piece, ...], *hows: How) -> str:
    return "".join(piece.text for piece in pieces if piece.how in hows)


@pytest.mark.parametrize(
    ("old", "new", "marked"),
    [
        ("经查属实。", "经查属实。", "经查属实。"),
        ("", "经查属实。", "+经查属实。+"),
        ("本院已于十月三日发还。", "本院已于十一月五日全部发还。", "本院已于十-月三日-+一月五日全部+发还。"),
        ("file 12 of 2025", "file 13 of 2025", "file -12-+13+ of 2025"),
        ("the court decided", "the courts decided", "the -court-+courts+ decided"),
    ],
)
def test_changes_are_marked_by_sign_and_by_word(old: str, new: str, marked: str) -> None:
    signs = {How.SAME: "", How.OUT: "-", How.IN: "+"}
    assert "".join(f"{signs[p.how]}{p.text}{signs[p.how]}" for p in between(old, new)) == marked


@given(st.text("甲乙丙 ab12。\n", max_size=60), st.text("甲乙丙 ab12。\n", max_size=60))
def test_both_texts_can_be_read_from_the_pieces(old: str, new: str) -> None:
    pieces = between(old, new)
    assert side(pieces, How.SAME, How.OUT) == old
    assert side(pieces, How.SAME, How.IN) == new


def test_long_texts_are_compared_by_lines() -> None:
    old = "\n".join(f"第{n}行的内容没有变化" for n in range(2000))
    new = old.replace("第1000行的内容没有变化", "第1000行的内容有了变化")
    pieces = between(old, new)
    assert side(pieces, How.SAME, How.OUT) == old
    assert side(pieces, How.SAME, How.IN) == new
    assert len(side(pieces, How.IN)) < 5


def test_drafts_are_compared_field_by_field() -> None:
    old = Content("来信收悉。", {ONE: Answered(1, "尽快执行", "explain", "经查", "条例")})
    new = Content("来信收悉。", {ONE: Answered(1, "尽快执行", "support", "经查属实", "条例")})
    outcome, facts = of_drafts(old, new, {"explain": "解释说明", "support": "支持"})
    assert (outcome.number, outcome.part) == (1, "outcome")
    assert outcome.pieces == (Piece(How.OUT, "解释说明"), Piece(How.IN, "支持"))
    assert facts.pieces == (Piece(How.SAME, "经查"), Piece(How.IN, "属实"))
    assert of_drafts(new, new, {}) == []


def test_an_answer_to_a_demand_that_came_or_went_is_shown() -> None:
    full = Content("", {ONE: Answered(1, "尽快执行", "", "经查", "")})
    assert [(c.part, c.pieces) for c in of_drafts(Content(), full, {})] == [
        ("facts", (Piece(How.IN, "经查"),))
    ]
    assert [(c.part, c.pieces) for c in of_drafts(full, Content(), {})] == [
        ("facts", (Piece(How.OUT, "经查"),))
    ]
