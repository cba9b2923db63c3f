"""What is left open in a template: seen, filled from the petition where it is known, and never sent."""

import pytest

from central.replies.models import Outcome
from central.wording import placeholders
from central.wording.forms import OUTCOMES
from central.wording.placeholders import Filling
from central.wording.shipped import names, starters

FILLING = Filling({"received": "2026年11月20日", "petitioner": "", "demand": "尽快执行"}, names())


def test_what_is_known_is_filled_and_the_rest_stays_to_be_seen() -> None:
    words = "您于【收到日期】提出“【诉求】”。【查明的事实】。【信访人】"
    assert (
        placeholders.filled(words, FILLING) == "您于2026年11月20日提出“尽快执行”。【查明的事实】。【信访人】"
    )


def test_placeholders_go_by_either_language() -> None:
    assert placeholders.filled("On 【Date received】", FILLING) == "On 2026年11月20日"


def test_each_open_place_is_named_once() -> None:
    assert placeholders.unfilled("【甲】和【乙】，再次【甲】") == ["【甲】", "【乙】"]


@pytest.mark.parametrize(
    "words",
    ["", "没有空白", "(2026)辽0102执1号", "【2026】12号文", "【】", "【跨\n行】", "【" + "长" * 41 + "】"],
)
def test_other_brackets_are_no_places(words: str) -> None:
    assert placeholders.unfilled(words) == []


def test_words_that_were_filled_in_are_not_filled_again() -> None:
    tricky = Filling({"demand": "请看【编号】", "number": "辽0102-2026-000001"}, names())
    assert placeholders.filled("【诉求】", tricky) == "请看【编号】"


def test_every_outcome_has_a_starter_and_no_key_is_used_twice() -> None:
    keys = [each.key for each in starters()]
    assert len(keys) == len(set(keys))
    assert {each.outcome for each in starters()} == {*Outcome, None}
    assert tuple(Outcome) == OUTCOMES
    assert all(each.words and each.title for each in starters())
