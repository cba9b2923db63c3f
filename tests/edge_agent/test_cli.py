"""`minyi-edge`: settings, status, decode, and a start that cannot be."""

import json
from pathlib import Path

import pytest
import segno
import tomli_w
from typer.testing import CliRunner, Result

from edge_agent.cli import app
from edge_agent.settings import Settings
from edge_agent.settings_list import describe
from tests.support.ports import free_port

GOOD = {"box": "ln0102-1", "hall": {"counter_pin": "2468", "counters": 3}}


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "edge.toml"
    path.write_text(tomli_w.dumps({**GOOD, "data": str(tmp_path / "box"), "http": {"port": free_port()}}))
    return path


def edge(*args: str | Path) -> Result:
    return CliRunner().invoke(app, [str(arg) for arg in args])


def test_settings_say_value_source_default_and_meaning_and_mask_secrets(config: Path) -> None:
    result = edge("settings", "--config", config)
    assert result.exit_code == 0
    assert "hall.counters = 3  [file]" in result.stdout
    assert "MINYI_EDGE_HALL__COUNTERS, default: 4" in result.stdout
    assert "hall.counter_pin = ******  [file]" in result.stdout
    assert "2468" not in result.stdout


def test_settings_as_json_know_variables(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MINYI_EDGE_HALL__COUNTERS", "7")
    rows = {row["name"]: row for row in json.loads(edge("settings", "--json", "--config", config).stdout)}
    assert (rows["hall.counters"]["value"], rows["hall.counters"]["source"]) == ("7", "variable")


def test_every_setting_says_what_it_means(config: Path) -> None:
    assert [row.name for row in describe(Settings(box="ln0102-1"), None) if not row.meaning] == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a = [", "Invalid value"),
        ('box = "LN 1"', "box: write the court in small Latin letters"),
        ('box = "ln0102-1"\ntrusted_keys = ["AAAA"]', "trusted_keys: an Ed25519 public key is 32 bytes"),
        ('box = "ln0102-1"\nnonsense = 1', "nonsense: there is no such setting"),
        ('box = "ln0102-1"\n[mqtt]\nurl = "http://x"', "mqtt.url: write mqtt://host:port"),
        ('box = "ln0102-1"\n[kiosk]\nwarning_seconds = 50', "kiosk.warning_seconds must be below"),
        ("", "box: must be set"),
        ("\x00", "Invalid"),
    ],
    ids=["toml", "box", "key", "unknown", "url", "pair", "empty", "nul"],
)
@pytest.mark.parametrize("verb", ["run", "settings", "status"])
def test_a_bad_config_file_is_a_sentence_and_exit_2(tmp_path: Path, text: str, said: str, verb: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    result = edge(verb, "--config", path)
    assert result.exit_code == 2
    assert said in result.stderr
    assert "Traceback" not in result.output


def test_a_config_file_that_is_no_text_is_exit_2(tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_bytes(b"\xff\xfe")
    result = edge("run", "--config", path)
    assert (result.exit_code, str(path) in result.stderr) == (2, True)


def test_a_config_file_that_is_not_there_is_exit_2(tmp_path: Path) -> None:
    assert edge("run", "--config", tmp_path / "none.toml").exit_code == 2


def test_a_silent_box_is_exit_1(config: Path) -> None:
    result = edge("status", "--json", "--config", config)
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == "silent"


def test_decode_prints_one_json_line_for_each_image(tmp_path: Path) -> None:
    picture = tmp_path / "code.png"
    segno.make("MY1.TEST", error="m").save(str(picture), scale=8, border=4)
    result = edge("decode", picture, tmp_path / "none.png")
    first, second = (json.loads(line) for line in result.stdout.splitlines())
    assert first["codes"] == ["MY1.TEST"]
    assert "error" in second
    assert result.exit_code == 2
