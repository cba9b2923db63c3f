"""`minyi letter` as it is called: a letter is checked without a network, keys are printed and replaced."""

import json
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from central.letters.checking import signature_file
from central.letters.kinds import Enclosed
from tests.central.commands.conftest import Minyi
from tests.central.letters.paper import ID, answered, signed


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A folder with keys and letter, and the letter: `letter.pdf` with `letter.pdf.sig` beside it."""
    home = tmp_path_factory.mktemp("issued")
    (home / "keys").mkdir()
    made = signed(home / "keys")
    file = home / "letter.pdf"
    file.write_bytes(made.content)
    return home, file


def test_a_letter_is_genuine_and_one_changed_byte_is_not(bare: Minyi, issued: tuple[Path, Path]) -> None:
    home, file = issued
    answer = bare("letter", "verify", str(file), "--data", str(home), "--json")
    assert (answer.code, answer.json["verdict"], answer.json["letter"]) == (0, "genuine", ID.hex)
    changed = bytearray(file.read_bytes())
    changed[len(changed) // 3] ^= 1
    bad = file.with_name("bad.pdf")
    bad.write_bytes(changed)
    answer = bare("letter", "verify", str(bad), "--data", str(home), "--json")
    assert (answer.code, answer.json["verdict"]) == (1, "changed")


def test_it_is_checked_with_the_published_keys_alone(bare: Minyi, issued: tuple[Path, Path]) -> None:
    home, file = issued
    keys = file.with_name("keys.json")
    keys.write_text(bare("letter", "key", "--data", str(home), "--json").out, "utf-8")
    assert bare("letter", "verify", str(file), "--key", str(keys)).code == 0
    assert bare("letter", "verify", str(file)).code == 1  # this installation never signed it
    key = json.loads(keys.read_text("utf-8"))
    assert key
    assert bare("letter", "verify", str(file), "--key", "no key").code != 0


def test_a_detached_signature_of_another_file_is_found(bare: Minyi, issued: tuple[Path, Path]) -> None:
    home, file = issued
    other = file.with_name("other.sig")
    other.write_text(signature_file(letter_id=ID, sha256="0" * 64, key_id="x", signature="AAAA"), "utf-8")
    answer = bare("letter", "verify", str(file), "--signature", str(other), "--data", str(home), "--json")
    assert (answer.code, answer.json["detached"]) == (1, True)


def test_a_new_key_signs_and_the_old_one_stays_published(bare: Minyi, issued: tuple[Path, Path]) -> None:
    home, file = issued
    before = bare("letter", "key", "--data", str(home)).out
    assert bare("letter", "rotate", "--data", str(home)).code == 0
    after = bare("letter", "key", "--data", str(home)).out
    assert before.split()[0] in after
    assert len(after.splitlines()) == len(before.splitlines()) + 1
    assert bare("letter", "verify", str(file), "--data", str(home)).code == 0


def test_a_file_that_is_not_there_is_said(bare: Minyi, tmp_path: Path) -> None:
    answer = bare("letter", "verify", str(tmp_path / "none.pdf"))
    assert (answer.code != 0, "none.pdf" in answer.err) == (True, True)


def test_files_said_to_be_enclosed_are_compared_with_what_the_letter_names(
    bare: Minyi, tmp_path: Path
) -> None:
    given = [tmp_path / f"{name}.pdf" for name in ("one", "two")]
    for each in given:
        each.write_bytes(each.name.encode())
    named = [Enclosed(each.stem, 1, sha256(each.read_bytes()).hexdigest()) for each in given]
    (tmp_path / "keys").mkdir()
    file = tmp_path / "letter.pdf"
    file.write_bytes(signed(tmp_path / "keys", replace(answered(), attachments=tuple(named))).content)

    def verified(*files: Path) -> tuple[int, list[int], list[int]]:
        beside = [part for each in files for part in ("--enclosure", str(each))]
        answer = bare("letter", "verify", str(file), *beside, "--data", str(tmp_path), "--json")
        return answer.code, list(answer.json["given"].values()), answer.json["missing"]

    assert verified(*given) == (0, [1, 2], [])
    assert verified(given[1]) == (0, [2], [1])
    given[0].write_bytes(b"exchanged")
    assert verified(*given) == (1, [0, 2], [1])
    assert (
        bare("letter", "verify", str(file), "--enclosure", str(given[0]), "--data", str(tmp_path)).code == 1
    )
