"""What may be typed, and what is said about what may not."""

from datetime import date

import pytest

from central.errors import Invalid
from central.search.grammar import Names, parse
from central.search.texts import Field
from central.web.catalogue import catalogue

NAMES = Names({"办理中": "handling", "handling": "handling", "已答复": "replied"}, {"来信": "letter"})


def test_words_phrases_fields_and_minus() -> None:
    query = parse('供暖 "Heat  Fee" 标题：ＡＢ -辽宁 -subject:"甲 乙"')
    assert [(word.text, word.fields, word.without) for word in query.words] == [
        ("供暖", None, False),
        ("heat  fee", None, False),
        ("ab", (Field.SUBJECT,), False),
        ("辽宁", None, True),
        ("甲 乙", (Field.SUBJECT,), True),
    ]


@pytest.mark.parametrize("quotes", ['""', "“”", "「」", "『』"])
def test_every_pair_of_quotes_holds_a_phrase(quotes: str) -> None:
    assert [word.text for word in parse(f"{quotes[0]}甲 乙{quotes[1]} 丙").words] == ["甲 乙", "丙"]


def test_filters() -> None:
    query = parse("court:沈河 状态:办理 渠道:来信 from:2026-02 to:2026年", names=NAMES)
    assert (query.courts, query.states, query.channels) == (("沈河",), ("handling",), ("letter",))
    assert (query.since, query.until) == (date(2026, 2, 1), date(2026, 12, 31))
    assert parse("to:2026-02").until == date(2026, 2, 28)
    assert parse("  ").is_empty


def test_case_and_receipt_numbers_count_in_their_one_form() -> None:
    assert ("(2023)辽0102民初4567号", Field.CASE) in parse("〔2023〕辽0102民初字第4567号").words[0].also
    assert ("辽0102-2026-000007", Field.NUMBER) in parse('"0102 2026 7"', province="辽").words[0].also


def test_a_colon_or_hyphen_inside_is_text() -> None:
    assert [word.text for word in parse("申请人:张三 2023-05 http://a.cn").words] == [
        "申请人:张三",
        "2023-05",
        "http://a.cn",
    ]


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ('"供暖', "open_quote"),
        ('""', "empty_quotes"),
        ("供暖 -", "lone_minus"),
        ("标题: 供暖", "empty_field"),
        ("foo:bar", "no_such_field"),
        ("状态:睡着", "no_such_state"),
        ("channel:鸽子", "no_such_channel"),
        ("from:昨天", "bad_day"),
        ("from:2026-13", "bad_day"),
        ("from:2026 to:2025", "from_after_to"),
        ("-court:沈河", "no_minus_here"),
        ("字" * 201, "too_long"),
        (" ".join("一二三四五六七八九十甲乙丙"), "too_many_words"),
    ],
)
def test_what_cannot_be_understood_is_told(typed: str, key: str) -> None:
    with pytest.raises(Invalid) as told:
        parse(typed, names=NAMES)
    assert told.value.key == f"search.{key}"
    assert catalogue().has(told.value.key)
