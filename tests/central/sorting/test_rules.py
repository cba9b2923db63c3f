"""The scheme, the court a text points to, how deep a proposal goes, and which version may take effect."""

import pytest

from central.deadlines.kinds import PetitionKind
from central.sorting import judging, scheme, tree
from central.sorting.competence import Ground, Known, competent
from central.sorting.judging import KeptOut, Told
from central.wording.shipped import starters

COURTS = [
    Known("辽", "辽宁省高级人民法院", "", "/辽/"),
    Known("辽01", "沈阳市中级人民法院", "", "/辽/辽01/"),
    Known("辽0102", "沈阳市和平区人民法院", "", "/辽/辽01/辽0102/"),
    Known("辽0106", "沈阳市铁西区人民法院", "", "/辽/辽01/辽0106/"),
    Known("辽0303", "鞍山市铁西区人民法院", "", "/辽/辽03/辽0303/"),
    Known("辽0521", "本溪满族自治县人民法院", "", "/辽/辽05/辽0521/"),
    Known("辽72", "大连海事法院", "", "/辽/辽72/"),
]


@pytest.mark.parametrize("version", scheme.all_schemes().values(), ids=lambda each: each.version)
def test_every_category_has_both_names_a_kind_and_templates_that_there_are(version: scheme.Scheme) -> None:
    known = {each.key for each in starters()}
    for each in version.categories.values():
        assert each.zh
        assert each.en
        assert known >= set(each.templates)
        assert each.kind in set(PetitionKind)
    assert version.below("")
    assert all(version.below(each.code) for each in version.below(""))


def test_what_is_typed_is_a_code_a_name_or_a_line_of_the_list() -> None:
    for typed in ("050203", "050203 执行/财产处置/执行款发放", "执行款发放", "money not paid out"):
        found = scheme.typed(typed)
        assert found is not None
        assert found.code == "050203"
    assert scheme.typed("999999") is None
    assert scheme.typed("没有的类别") is None


@pytest.mark.parametrize(
    ("text", "numbers", "code", "ground"),
    [
        ("", ["（2021）辽0102民初123号", "（2023）辽01民终55号"], "辽01", Ground.CASE_NUMBER),
        ("", ["（2023）辽01民终55号", "（2023）辽0102执9号"], "辽0102", Ground.CASE_NUMBER),
        ("我在沈阳市和平区人民法院起诉", [], "辽0102", Ground.COURT_NAME),
        ("和平区法院不立案", [], "辽0102", Ground.COURT_NAME),
        ("鞍山的铁西区法院不立案", [], "辽0303", Ground.COURT_NAME),
        ("铁西区法院不立案", [], None, None),
        ("沈阳中院二审", [], "辽01", Ground.COURT_NAME),
        ("渔船的买卖合同", [], "辽72", Ground.SUBJECT),
        ("家住本溪县", [], "辽0521", Ground.PLACE),
        ("今天天气很好", ["某某号"], None, None),
    ],
)
def test_a_text_points_to_a_court_or_says_nothing(
    text: str, numbers: list[str], code: str | None, ground: Ground | None
) -> None:
    found = competent(text, numbers, COURTS, above=False)
    assert (found and found.court.code, found and found.ground) == (code, ground)


def test_an_accusation_goes_to_the_court_above_the_accused_one() -> None:
    found = competent("和平区法院的法官态度恶劣", [], COURTS, above=True)
    assert found is not None
    assert (found.court.code, found.above and found.above.code) == ("辽01", "辽0102")


def test_a_proposal_goes_as_deep_as_it_is_sure() -> None:
    known = scheme.current()
    labels = [known.categories[code].label for code in ("050101", "050203", "060101")]
    deep = tree.levels(known, labels, [0.1, 0.8, 0.1], 0.5)
    assert [each.category.code for each in deep] == ["05", "0502", "050203"]
    shallow = tree.levels(known, labels, [0.4, 0.4, 0.2], 0.5)
    assert [each.category.code for each in shallow] == ["05"]
    assert tree.levels(known, labels, [0.4, 0.1, 0.5], 0.6) == []


def test_what_is_too_rare_is_learned_at_the_level_above() -> None:
    codes = ["050203"] * 3 + ["050202", "050201", "0502", "070201"]
    assert tree.learnable(codes, 3) == ["050203"] * 3 + ["0502"] * 3 + [None]


def test_a_version_takes_effect_when_it_is_no_worse_and_better_than_silence() -> None:
    good = [Told("050203", "050203", "050203"), Told("060101", "060101", None)]
    poor = [Told("050203", "050203", "05"), Told("060101", "050203", None)]
    wrong = [Told("050203", "060101", "060101"), Told("060101", "060101", None)]
    assert judging.verdict(good, poor) is None
    assert judging.verdict(good, None) is None
    assert judging.verdict(poor, good) is KeptOut.WORSE
    assert judging.verdict(wrong, None) is KeptOut.SILENCE
    assert judging.verdict([Told("05", "05", None)], None) is KeptOut.SILENCE
