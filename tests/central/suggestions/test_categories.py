"""Categories are learned, said with their words, measured beside the plain machine, and kept as numbers alone."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from central.suggestions import grams, learning, model
from central.suggestions.model import Model

SAID = {
    "交通运输": ("{}路公交车总是不按时发车", "出租车司机拒载乘客还绕路", "{}国道大货车超载压坏路面"),
    "卫生计生": ("{}医院挂号太难医生态度差", "单独二胎的准生证怎么办理", "孩子打疫苗要带什么证件"),
    "教育文体": ("{}中学周末违规补课收费", "小学入学学区怎么划分", "{}学校老师要求买教辅资料"),
}
PLACES = ("河东", "石桥", "南湖", "白塔", "新民", "沙岭")
TEXTS = [each.format(place) + "请有关部门答复" for says in SAID.values() for each in says for place in PLACES]
LABELS = [label for label, says in SAID.items() for _ in range(len(says) * len(PLACES))]


@pytest.fixture(scope="module")
def packed() -> bytes:
    return learning.fit(TEXTS, LABELS, seed=5, fewest=2, meanings=False)


@pytest.fixture(scope="module")
def fitted(packed: bytes) -> Model:
    return model.unpacked(packed)


def test_no_piece_reaches_from_one_text_into_the_next() -> None:
    found = grams.pieces(["ab", "", "c"], (1, 2), seed=1)
    places = zip(found.rows.tolist(), found.starts.tolist(), found.lengths.tolist(), strict=True)
    assert sorted(places) == [(0, 0, 1), (0, 0, 2), (0, 1, 1), (2, 0, 1)]


def test_equal_runs_have_one_code_and_another_seed_gives_others() -> None:
    found = grams.pieces(["法院", "在法院"], (2,), seed=1)
    assert found.codes[0] == found.codes[2]
    assert not np.isin(found.codes, grams.pieces(["法院"], (2,), seed=2).codes).any()


def test_width_case_and_figures_do_not_matter() -> None:
    assert grams.clean("Ａ3区\u3000２０１９年　ＫＴＶ") == grams.clean("A7区 2020年 ktv") == "区 0年 ktv"


def test_a_text_is_of_the_topics_whose_words_stand_in_it() -> None:
    values = grams.topic_values([grams.clean("公交车司机拒载"), "无"])
    assert grams.topics()[int(values[0].argmax())].key == "transport"
    assert not values[1].any()


def test_the_category_of_a_new_text_is_said_with_its_words(fitted: Model) -> None:
    text = grams.clean("今天又等了一个小时，公交车不发车，请管一管")
    chances = model.chances(fitted, text)
    assert fitted.labels[int(chances.argmax())] == "交通运输"
    assert chances.sum() == pytest.approx(1.0)
    first, behind, _ = model.stretches(model.evidence(fitted, text, [int(chances.argmax())]), text)[0]
    assert set(text[first:behind]) & set("公交发车")


def test_a_text_of_nothing_known_is_no_error(fitted: Model) -> None:
    assert model.chances(fitted, "").max() < 0.9
    assert model.stretches(model.evidence(fitted, "", [0]), "") == []


def test_the_bytes_of_a_model_hold_no_text(packed: bytes) -> None:
    model.unpacked(packed)
    for word in ("公交", "补课", "河东"):
        assert word.encode() not in packed
        assert word.encode("utf-32-le") not in packed


def test_weights_of_a_program_with_other_topics_are_not_used(fitted: Model) -> None:
    older = replace(fitted, by_topic=fitted.by_topic[:-1])
    with pytest.raises(model.OtherForm):
        model.unpacked(model.packed(older))


def test_cross_validation_says_how_both_did_on_what_they_had_not_seen() -> None:
    steps: list[tuple[int, int]] = []
    found = learning.evaluate(
        TEXTS,
        LABELS,
        folds=3,
        seed=1,
        meanings=False,
        progress=lambda done, of: steps.append((done, of)),
    )
    assert steps == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert found["ours"]["macro_f1"] >= 0.95
    assert np.array(found["plain"]["confusion"]).sum() == len(TEXTS)
    assert found["ours"]["per_class"]["卫生计生"]["rows"] == 18


def test_categories_whose_rows_all_say_the_same_are_foretold() -> None:
    rows = [
        (f"{one}{two}类反映第{n}号", f"{one}{two}")
        for one in "甲乙丙丁"
        for two in "子丑寅"
        for n in range(6)
    ]
    texts, labels = [text for text, _ in rows], [label for _, label in rows]
    found = learning.evaluate(texts, labels, folds=3, seed=1, meanings=False)
    assert found["ours"]["macro_f1"] > 0.95


def test_noise_is_not_foretold() -> None:
    rng = np.random.default_rng(3)
    shuffled = [LABELS[place] for place in rng.permutation(len(LABELS))]
    found = learning.evaluate(TEXTS, shuffled, folds=3, seed=1, together=True, meanings=False)
    assert found["ours"]["macro_f1"] < 0.6


def test_the_words_of_the_topics_are_what_a_text_can_hold() -> None:
    for file in Path(grams.__file__).with_name("data").glob("*.toml"):
        assert "\ufffd" not in file.read_text("utf-8")
    assert all(len(word) <= 10 and word == grams.clean(word) and word != "0" for word in grams.words())
