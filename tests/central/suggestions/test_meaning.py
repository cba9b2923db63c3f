"""What texts mean: the same said in other words counts, the process is confined, and without it proposals go by words alone."""

from pathlib import Path

import numpy as np
import pytest

from central.suggestions import fitting, grams, learning, meaning, model
from central.suggestions.meaning import Process

SAID = {
    "交通运输": (
        "公交车半小时不来一趟",
        "出租车司机绕路多收钱",
        "国道上货车超载",
        "站台没有遮雨棚",
        "地铁口的车乱停",
    ),
    "卫生计生": (
        "医院挂号要排一上午",
        "药店卖过期的药",
        "孩子打疫苗要带什么",
        "诊所没有许可证",
        "医生说话难听",
    ),
}
#: They share no run of two signs with those.
ASKED = {"巴士总晚点，乘客干等着": "交通运输", "护士给病人输错液了": "卫生计生"}


@pytest.fixture(scope="module")
def process() -> Process:
    found = Process()
    if found.asked(["有没有"]) is None:
        pytest.skip("no engine for this machine")
    return found


def test_the_same_in_other_words_lies_closer(process: Process) -> None:
    one, same, other = process.asked(["法院迟迟不执行判决", "胜诉一年多还拿不到钱", "小区里的狗夜里叫"])  # type: ignore[misc]
    assert one @ same > one @ other
    assert np.linalg.norm(one) == pytest.approx(1.0, abs=1e-3)


def test_a_process_that_was_killed_is_begun_again(process: Process) -> None:
    before = process.asked(["第一句"])
    assert process.running is not None
    process.running.kill()
    again = process.asked(["第一句", "第二句"])
    assert before is not None
    assert again is not None
    assert np.array_equal(again[0], before[0])
    assert again.shape == (2, meaning.SIZE)


def test_one_that_cannot_begin_is_no_error() -> None:
    nothing = Process(["false"])
    assert nothing.asked(["一句"]) is None
    assert nothing.asked(["又一句"]) is None


def test_one_that_never_answers_is_ended() -> None:
    stuck = Process(["sleep", "600"], wait=-1.9)
    assert stuck.asked(["一句"]) is None
    assert stuck.running is None


def test_a_text_without_an_answer_is_not_waited_for_twice(tmp_path: Path) -> None:
    begun = tmp_path / "begun"
    stuck = Process(["sh", "-c", f"echo x >> {begun}; exec sleep 600"], wait=-1.5)
    assert stuck.asked(["一句"]) is None
    assert stuck.asked(["一句"]) is None
    # Not one more: a slow machine may end even the first before it wrote.
    assert not begun.exists() or begun.read_text() == "x\n"


def test_words_nobody_used_before_are_understood(process: Process) -> None:
    texts = [text for said in SAID.values() for text in said]
    packed = learning.fit(texts, [label for label, said in SAID.items() for _ in said], seed=1, fewest=2)
    fitted = model.unpacked(packed)
    assert fitted.signs == meaning.signs_for(len(texts))
    for text, label in ASKED.items():
        assert fitted.labels[int(learning.chances(fitted, text).argmax())] == label


def test_without_meanings_words_alone_count() -> None:
    texts = [grams.clean(text) for said in SAID.values() for text in said]
    fitted = fitting.fit(texts, [label for label, said in SAID.items() for _ in said], seed=1)
    assert fitted.signs == 0
    assert np.array_equal(learning.chances(fitted, "公交车不来"), model.chances(fitted, "公交车不来"))


def test_many_texts_are_read_less_far() -> None:
    assert [meaning.signs_for(many) for many in (0, 100, 4_000, 100_000)] == [200, 200, 100, 48]
