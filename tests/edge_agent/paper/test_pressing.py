"""One press: a page found and judged; what is no page is refused; nothing of the preview is written."""

import signal
from pathlib import Path

import numpy as np
import pytest
import zxingcpp

from edge_agent.paper import pressing
from tests.edge_agent.paper.sheets import nobody, on_desk, sheet
from tests.edge_agent.reading.test_frames_stay import run

LIVE = """
import cv2, numpy as np
from edge_agent.paper.camera import PaperCamera
from tests.edge_agent.paper.sheets import on_desk, sheet
from edge_agent.ports import Frame
class Under:
    def frames(self):
        while True:
            yield Frame(on_desk(sheet()))
    def close(self):
        pass
camera = PaperCamera(Under)
first = camera.preview(patience=60.0)
"""


def test_a_clear_page_is_cut_and_nothing_is_said() -> None:
    found = pressing.pressed(on_desk(sheet()))
    assert found is not None
    assert (found.warnings, found.blank) == ((), False)
    height, width = found.picture.shape[:2]
    assert 1.38 < height / width < 1.45


@pytest.mark.parametrize(("damage", "said"), [({"blur": 4.0}, "blurred"), ({"glare": True}, "glaring")])
def test_blur_and_glare_are_said_live_and_before_a_page_is_kept(damage: dict[str, float], said: str) -> None:
    picture = on_desk(sheet(), **damage)  # type: ignore[arg-type]  # a name each
    found = pressing.pressed(picture)
    assert found is not None
    assert said in found.warnings
    assert said in pressing.seen(picture).warnings


@pytest.mark.parametrize("soft", [0.25, 0.4])
def test_soft_light_that_burns_part_of_the_paper_out_is_no_glare(soft: float) -> None:
    found = pressing.pressed(on_desk(sheet(), soft=soft))
    assert found is not None
    assert found.warnings == ()


def test_a_hole_in_print_that_lies_in_soft_light_is_glare() -> None:
    found = pressing.pressed(on_desk(sheet(), soft=0.25, glare=True))
    assert found is not None
    assert found.warnings == ("glaring",)


def test_a_scene_without_a_page_is_never_kept() -> None:
    assert pressing.pressed(nobody()) is None
    assert pressing.seen(nobody()).corners is None


def test_a_page_from_rim_to_rim_is_taken_whole() -> None:
    found = pressing.pressed(sheet())
    assert found is not None


def test_a_preview_lives_in_memory_alone(tmp_path: Path) -> None:
    looked = (
        LIVE + "last = camera.preview()\nprint(len(last.picture) > 1000, last.seen.corners is not None)\n"
    )
    done = run(looked, tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["True", "True"]), done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_preview_that_was_written_would_end_the_process(tmp_path: Path) -> None:
    done = run(LIVE + "open('x.jpg', 'wb', buffering=0).write(first.picture)\n", tmp_path)
    assert done.returncode == -signal.SIGXFSZ


@pytest.mark.parametrize("seed", [1, 4])
def test_the_code_of_a_cover_sheet_is_read_by_a_camera_of_few_pixels(seed: int) -> None:
    code = "0102-2026-000001-P1"
    drawn = zxingcpp.create_barcode(code, zxingcpp.BarcodeFormat.Code128).to_image(scale=2)
    bars = np.repeat(np.array(drawn)[:1], 110, axis=0)
    page = sheet(seed, lines=6)
    left = (page.shape[1] - bars.shape[1]) // 2
    page[900:1010, left : left + bars.shape[1]] = bars[:, :, None]
    under = pressing.fitted(on_desk(page, degrees=-5.0), 1300)
    assert pressing.code_in(under) == pressing.seen(under).code == code
