"""`minyi scan` as it is called; one page is really read."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.bench import letterframes
from tests.central.commands.conftest import Minyi


def test_a_letter_is_read_and_written_as_a_pdf(bare: Minyi, tmp_path: Path) -> None:
    letter = letterframes.letter(5)
    (sheet,) = letterframes.rendered(letter.lines)
    picture = tmp_path / "letter.png"
    Image.fromarray(np.ascontiguousarray(sheet.picture)).save(picture)
    answer = bare("scan", str(picture), "--json", "--pdf", str(tmp_path / "out.pdf"))
    assert answer.code == 0, answer.err
    (found,) = answer.json["letters"]
    told = {field["name"]: field for field in found["fields"]}
    assert told["sender_name"]["value"] == letter.fields["sender_name"]
    assert told["sender_name"]["page"] == 1
    assert (tmp_path / "out.pdf").read_bytes().startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("name", "content"), [("gone.jpg", None), ("words.jpg", b"no picture"), ("empty.pdf", b"")]
)
def test_what_is_no_letter_is_said_plainly(
    bare: Minyi, tmp_path: Path, name: str, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    answer = bare("scan", str(tmp_path / name))
    assert answer.code != 0
    assert name in answer.err
    assert "Traceback" not in answer.err
