"""What two texts have in common."""

from datetime import date

from central.matters import rules, texts
from central.matters.commitments import commitments
from central.matters.rules import Likely, Reason

KEY = b"k" * 32
STORY = (
    "我与沈阳宏达建筑公司劳动报酬一案，法院判决公司支付工资三万二千元，公司一直没有付钱。我多次到执行局找承办人，"
    "都说正在查财产。公司老板刘某名下有两辆货车，停在和平区砂山街仓库，请尽快查封。"
)
AGAIN = "沈阳宏达建筑公司欠我工资三万二千元，判决以后不给钱。老板刘某的两辆货车就停在砂山街的仓库里，执行局说在查财产，没有结果。"
OTHER = "小区物业把消防通道改成收费车位，邻居报警以后也没有人管，起诉到法院立案庭不收材料，让回去调解。"


def test_a_case_number_in_the_text_is_read_in_any_writing() -> None:
    text = "执行案（2023）辽0102执恢 45号之二，原审(2014)沈中民一终字第123号。2023年5月在沈阳市123号"
    assert texts.case_numbers_in(text) == ["（2023）辽0102执恢45号之二", "（2014）沈中民一终字第123号"]


def test_told_in_other_words_it_is_still_alike_and_another_story_is_not() -> None:
    one, again, other = (texts.ready(each) for each in (STORY, AGAIN, OTHER))
    assert texts.likeness(one, again, {}) > rules.ALIKE > texts.likeness(one, other, {})
    assert set(texts.pieces(STORY, KEY)) & set(texts.pieces(AGAIN, KEY))


def test_numbers_of_texts_need_the_key() -> None:
    assert not set(texts.pieces(STORY, KEY)) & set(texts.pieces(STORY, b"x" * 32))


def test_the_reason_quotes_what_both_say() -> None:
    assert any("宏达建筑公司" in run for run in texts.shared_words(STORY, AGAIN, {}))


def test_side_by_side_the_runs_give_the_text_again() -> None:
    runs = texts.marked("案号12345，和平区 砂山街仓库。", "停在砂山街仓库里")
    assert "".join(text for _, text in runs) == "案号12345，和平区 砂山街仓库。"
    assert (True, "砂山街仓库。") in runs


def test_empty_and_odd_texts_are_no_trouble() -> None:
    for text in ("", "。", "a", "\x00\u200b", "谢谢"):
        assert texts.likeness(texts.ready(text), texts.ready(STORY), {}) < rules.ALIKE
        assert isinstance(texts.pieces(text, KEY), list)
        assert "".join(run for _, run in texts.marked(text, STORY)) == text


def test_the_same_case_comes_before_the_same_phone() -> None:
    found = [Likely((Reason.PHONE,), 0.1), Likely((Reason.CASE,)), Likely((Reason.TEXT,), 0.9)]
    assert [each.reasons[0] for each in sorted(found, key=lambda each: each.order)] == [
        "case",
        "text",
        "phone",
    ]


def test_of_another_court_one_is_told_by_case_or_by_person_and_text_never_by_a_person_alone() -> None:
    told = {
        reasons: rules.told_where_hidden(Likely(reasons), registered=True)
        for reasons in (
            (Reason.CASE,),
            (Reason.PHONE, Reason.TEXT),
            (Reason.PHONE,),
            (Reason.IDENTITY, Reason.PHONE),
            (Reason.TEXT,),
        )
    }
    assert list(told.values()) == [True, True, False, False, False]
    assert not rules.told_where_hidden(Likely((Reason.CASE,)), registered=False)


def test_a_court_is_near_in_its_city_and_above() -> None:
    assert rules.near("/辽/辽01/辽0102/", "/辽/辽01/辽0103/")
    assert rules.near("/辽/", "/辽/辽02/辽0202/")
    assert not rules.near("/辽/辽01/辽0102/", "/辽/辽02/辽0202/")


def test_what_an_answer_undertakes_is_found_with_its_day() -> None:
    text = "经查属实。我院将于12月10日前恢复执行。您可以依法申请再审。承办人会在15日内与您联系！预计月底前无法完成。"
    found = commitments(text, date(2026, 11, 23))
    assert [(each.words, each.by) for each in found[:2]] == [
        ("我院将于12月10日前恢复执行。", date(2026, 12, 10)),
        ("承办人会在15日内与您联系！", date(2026, 12, 8)),
    ]
    assert all("申请再审" not in each.words for each in found)
