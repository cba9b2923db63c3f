"""What is found in a text is what `in` finds, whatever width and case; marks stand where the words stand."""

from hypothesis import given, settings
from hypothesis import strategies as st

from central.search.folding import fold, hits, joined, snippet

_TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0\uffff"), max_size=30)


@settings(max_examples=60)
@given(_TEXTS, _TEXTS, _TEXTS)
def test_folding_keeps_parts(before: str, word: str, after: str) -> None:
    assert fold(before + word + after) == fold(before) + fold(word) + fold(after)


def test_width_case_and_compatibility_forms_are_one() -> None:
    assert fold("ＡＢＣ１２３（沈）㈱①Straße") == "abc123(沈)(株)1strasse"
    assert fold(fold("ﬁΐÅ")) == fold("ﬁΐÅ")
    assert fold("𠮷龘") == "𠮷龘"


def test_hits_are_places_in_the_text_as_typed() -> None:
    assert hits("㈱供暖ＡＢ供暖费", ["供暖", "ab", "供暖费"]) == [(1, 8)]
    assert hits("哈哈哈哈", ["哈哈"]) == [(0, 4)]
    assert hits("无", ["供暖", ""]) == []


def test_a_snippet_shows_the_first_hit_and_marks_it() -> None:
    pieces = snippet("甲" * 500 + "供暖" + "乙" * 500, ["供暖"], width=60)
    assert [piece.text for piece in pieces if piece.hit] == ["供暖"]
    assert sum(len(piece.text) for piece in pieces) <= 62
    assert "".join(piece.text for piece in snippet("短文", [])) == "短文"


def test_line_ends_of_paper_part_no_chinese_word() -> None:
    assert joined("申请供\n 暖费\nabc\ndef") == "申请供暖费\nabc\ndef"
