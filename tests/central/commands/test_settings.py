"""`minyi settings`, and what becomes of settings that cannot be taken: a sentence and exit code 2."""

from pathlib import Path

import pytest

from tests.central.commands.conftest import Minyi


def test_variables_nest_and_win_over_the_file(bare: Minyi, tmp_path: Path) -> None:
    file = tmp_path / "minyi.toml"
    file.write_text("[http]\nport = 9001\nhost = '127.0.0.2'\n")
    rows = {row["name"]: row for row in bare("settings", "--json", CONFIG=str(file), HTTP__PORT="9002").json}
    assert (rows["http.port"]["value"], rows["http.port"]["source"]) == ("9002", "variable")
    assert (rows["http.host"]["value"], rows["http.host"]["source"]) == ("127.0.0.2", "file")
    assert rows["http.workers"]["source"] == "default"


def test_a_secret_is_masked(bare: Minyi) -> None:
    assert "opensesame" not in bare("settings", MQTT__PASSWORD="opensesame").out


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"HTTP__PORT": "many"}, "http.port"),
        ({"HTTP__PROT": "1"}, "http.prot"),
        ({"HTP__PORT": "1"}, "MINYI_HTP__PORT"),
        ({"CONFIG": "/nowhere/minyi.toml"}, "/nowhere/minyi.toml"),
        ({"MQTT__PASSWORD": "changeme", "ENVIRONMENT": "production"}, "mqtt.password"),
    ],
    ids=["value", "name", "group", "file", "placeholder"],
)
def test_a_setting_that_cannot_be_taken_is_named(bare: Minyi, given: dict[str, str], named: str) -> None:
    answer = bare("settings", **given)
    assert answer.code == 2
    assert named in answer.err


def test_a_file_that_is_no_toml_is_named(bare: Minyi, tmp_path: Path) -> None:
    file = tmp_path / "minyi.toml"
    file.write_text("data = [")
    answer = bare("settings", CONFIG=str(file))
    assert (answer.code, str(file) in answer.err) == (2, True)
