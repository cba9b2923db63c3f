"""`minyi doctor`: sentences, figures, exit codes."""

from pathlib import Path

from sqlalchemy import Engine

from tests.central.commands.conftest import Minyi


def test_what_is_wrong_is_a_sentence_with_what_to_do_and_ends_with_1(
    minyi: Minyi, fresh_engine: Engine, data: Path
) -> None:
    del fresh_engine
    data.chmod(0o700)
    assert minyi("doctor").code == 0
    (data / "keys" / "master.key").chmod(0o644)
    answer = minyi("doctor")
    assert answer.code == 1
    assert "Run chmod 600" in answer.out


def test_the_figures_are_one_json_object(minyi: Minyi, data: Path) -> None:
    data.chmod(0o755)
    answer = minyi("doctor", "--json")
    assert (answer.code, answer.json["wrong"]) == (1, 1)
    assert [each["problem"] for each in answer.json["findings"] if each["level"] == "wrong"] == [
        "doctor.too_open"
    ]
