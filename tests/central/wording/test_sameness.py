"""An answer that is a template with its blanks filled is found by its words, however it was typed."""

import pytest

from central.wording.placeholders import Filling, filled
from central.wording.sameness import Pattern, contains, template_of
from central.wording.shipped import names, starters

FILLING = Filling(
    {"demand": "请求对被执行人名下的房产尽快拍卖并说明理由" * 4, "received": "2026年11月20日"}, names()
)
PLAIN = Pattern("解释", "您提出“【诉求】”。您的请求事由合理，但缺乏法律依据。【说明理由】。请您理解。")
DONE = Pattern(
    "办结", "该事项已于【办结日期】办理完毕，办理结果为：【办理结果】。\n如有新的材料，可以随时提交。"
)
THANKS = "感谢您对法院工作的理解和监督。"


def same(words: str) -> str | None:
    return template_of(words, [PLAIN, DONE], FILLING, [THANKS])


def typed(pattern: Pattern, **more: str) -> str:
    words = filled(pattern.words, FILLING)
    for name, value in more.items():
        words = words.replace(f"【{name}】", value)
    return words


@pytest.mark.parametrize(
    "words",
    [
        typed(PLAIN),
        typed(PLAIN, 说明理由="依照民法典的规定"),
        typed(PLAIN, 说明理由="依照规定").replace("，", ", ").replace("。", "．\n"),
        "\u3000\u3000" + typed(PLAIN, 说明理由=""),
        typed(PLAIN, 说明理由="依照规定") + THANKS,
        typed(PLAIN, 说明理由="依照规定") + "\n\n" + typed(DONE, 办结日期="11月3日", 办理结果="已发还"),
        typed(DONE, 办结日期="二〇二六年十一月三日", 办理结果="款项十二万元已全部发还申请执行人"),
    ],
)
def test_a_template_with_its_blanks_filled_is_found(words: str) -> None:
    assert same(words) is not None


@pytest.mark.parametrize(
    "words",
    [
        "",
        "您的请求没有依据。",
        typed(PLAIN, 说明理由="依照规定") + "另查明，被执行人已于上月申报财产，法院正在核实。",
        "经查，" + typed(PLAIN, 说明理由="依照规定"),
        typed(
            PLAIN,
            说明理由="本院三次前往现场，查明该房屋由案外人长期占用，案外人已提出执行异议之诉，一审判决尚未生效"
            * 3,
        ),
        typed(PLAIN, 说明理由="依照规定") + "\n本院三次前往现场查看。",
    ],
)
def test_an_answer_that_somebody_wrote_is_left_alone(words: str) -> None:
    assert same(words) is None


def test_the_template_is_named() -> None:
    assert same(typed(DONE, 办结日期="今天", 办理结果="已发还")) == "办结"


def test_a_template_of_hardly_any_words_fits_nothing() -> None:
    assert template_of("任何一句话都可以", [Pattern("空", "【事实】。")], FILLING) is None


@pytest.mark.parametrize(
    "text", [each for each in starters() if each.sort != "phrase"], ids=lambda each: each.key
)
def test_each_starter_is_found_as_it_comes(text: object) -> None:
    patterns = [Pattern(each.title, each.words) for each in starters() if each.sort != "phrase"]
    assert template_of(filled(text.words, FILLING), patterns, FILLING) == text.title  # type: ignore[attr-defined]


def test_long_answers_are_judged_at_once() -> None:
    """Gaps take any length, so nothing is tried twice: twenty thousand signs of the template's own words take no time."""
    assert same(("您提出您的请求事由合理" * 2000) + "请您理解") is None


def test_a_phrase_is_found_in_other_punctuation() -> None:
    assert contains("……感谢您对法院工作的理解, 和监督!", THANKS)
    assert not contains("感谢您。", THANKS)
    assert not contains("任何话", "。")
