"""One run of the reading process over a small batch: a photographed letter, a blank page. Reading costs seconds, so it is done once."""

from collections.abc import Sequence
from datetime import date

import numpy as np
import pypdfium2
import pytest
from PIL import Image

from central.scanning import letters, reading, searchable
from central.scanning.reading import ReadPage, Unread
from central.scanning.splitting import SplitBy
from central.settings import Documents
from tests.bench import letterframes

LETTER = letterframes.letter(3)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Sequence[ReadPage]:
    rng = np.random.default_rng(3)
    (sheet,) = letterframes.rendered(LETTER.lines)
    photo, _ = letterframes.photographed(letterframes.folded(sheet.picture, rng), rng, "wood")
    head_down = Image.fromarray(np.ascontiguousarray(np.rot90(photo[:, :, ::-1], 2)))
    blank = Image.fromarray(np.full((1200, 850), 250, np.uint8))
    path = tmp_path_factory.mktemp("scan") / "batch.tiff"
    head_down.save(path, save_all=True, append_images=[blank.convert("RGB")], compression="jpeg")
    return reading.read_file(path, Documents())


def test_a_photograph_on_its_head_is_read_whole(pages: Sequence[ReadPage]) -> None:
    assert pages[0].corners is not None
    (letter,) = letters.of_pages(pages, split=SplitBy.AUTO)
    assert letter.pages == (1,)
    wanted = {name: value if isinstance(value, list) else [value] for name, value in LETTER.fields.items()}
    found: dict[str, list[str]] = {}
    for field in letter.fields:
        found.setdefault(field.name, []).append(field.value)
    assert found == wanted


def test_a_blank_page_is_told(pages: Sequence[ReadPage]) -> None:
    assert pages[1].blank
    assert pages[1].lines == ()


def test_the_pdf_can_be_searched(pages: Sequence[ReadPage]) -> None:
    made = pypdfium2.PdfDocument(searchable.pdf(pages, title="来信", day=date(2026, 11, 29)))
    text = made[0].get_textpage().get_text_range()
    assert LETTER.fields["id_number"] in text
    assert LETTER.fields["court"] in text
    assert len(made) == 2


def test_a_file_that_breaks_off_is_refused() -> None:
    with reading.files.in_memory() as made:
        made.write(b"\xff\xd8\xff\xe0 no picture")
        made.flush()
        with pytest.raises(Unread, match="damaged"):
            list(reading.read_made(made, "jpeg", 1))
