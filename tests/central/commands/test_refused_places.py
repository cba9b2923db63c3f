"""A place, a disk or a database that refuses: a sentence that says what to do, exit code 2, and no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.central.commands.conftest import Minyi


def minyi_process(*args: str, **variables: str) -> subprocess.CompletedProcess[str]:
    run = "import sys; sys.argv[0] = 'minyi'; from central.cli import main; main()"
    environment = {**os.environ, "MINYI_ENVIRONMENT": "development", "MINYI_LANGUAGE": "en", **variables}
    return subprocess.run(
        [sys.executable, "-c", run, *args], env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("verb", [("migrate",), ("letter", "key"), ("keys", "init")])
def test_a_file_where_the_data_folder_should_be(verb: tuple[str, ...], tmp_path: Path) -> None:
    place = tmp_path / "file"
    place.write_text("not a folder")
    ended = minyi_process(*verb, "--data", str(place))
    assert ended.returncode == 2, ended.stderr
    assert "Check the path" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("url", ["nonsense", "mysql://a:hidden@b/c", "postgres://a:hidden@b/c"])
def test_an_address_of_no_database_that_is_known(url: str, bare: Minyi) -> None:
    answer = bare("verify", DB__URL=url)
    assert (answer.code, "postgresql+psycopg://user@host/name" in answer.err) == (2, True), answer.err
    assert "hidden" not in answer.err


def test_a_version_of_the_database_that_nobody_knows(minyi: Minyi) -> None:
    minyi("keys", "init")
    answer = minyi("migrate", "--to", "nonsense")
    assert (answer.code, "no version nonsense" in answer.err) == (2, True), answer.err
