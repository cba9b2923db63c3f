"""Damaged codes: finders found, the grid laid, words put right with erasures; and nothing read that is not there."""

import cv2
import numpy as np
import pytest
import segno
import zxingcpp

from edge_agent.reading import grid, mending, symbol
from edge_agent.reading.decoder import decode
from edge_agent.reading.finders import Place, finders, places
from edge_agent.reading.mending import mended
from tests.edge_agent.reading.pictures_of_codes import Gray, blurred, code

TEXT = "MY-ln0102-7KQ4XW9P-7"
MODULE = 8
PATIENT = 60.0


def bits_of(text: str, error: str = "q") -> symbol.Bits:
    made = segno.make(text, error=error, micro=False)
    return np.array([list(row) for row in made.matrix], dtype=np.uint8)


def photographed(tile: Gray, sigma: float = 1.0) -> Gray:
    """On a gray ground, a little soft, with a little noise."""
    framed = np.pad(tile, 24, constant_values=150)
    noise = np.random.default_rng(3).normal(0, 4, framed.shape)
    return np.clip(blurred(framed, sigma) + noise, 0, 255).astype(np.uint8)


def centre(row: int, column: int) -> tuple[float, float]:
    """Where the middle of a module lies in `photographed(code(...))`, in pixels."""
    return 24 + (column + 4.5) * MODULE - 0.5, 24 + (row + 4.5) * MODULE - 0.5


def covered(tile: Gray, row: int, column: int, side: int, shade: int) -> Gray:
    """A square of `side` modules put over the code with its first module at (row, column)."""
    worn = tile.copy()
    top, left = (row + 4) * MODULE, (column + 4) * MODULE
    worn[top : top + side * MODULE, left : left + side * MODULE] = shade
    return worn


def straight(version: int) -> Place:
    origin = np.array([24.0 + 4 * MODULE - 0.5, 24.0 + 4 * MODULE - 0.5])
    return Place(version, origin, np.array([MODULE, 0.0]), np.array([0.0, MODULE]))


def alone(gray: Gray) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(gray, formats=zxingcpp.BarcodeFormat.QRCodeModel2)]


def test_the_three_finders_of_a_code_are_found() -> None:
    n = len(bits_of(TEXT))
    found = finders(photographed(code(TEXT, module=MODULE)))
    for row, column in ((3, 3), (3, n - 4), (n - 4, 3)):
        x, y = centre(row, column)
        assert min(np.hypot(f.x - x, f.y - y) for f in found) < MODULE / 2


@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left"])
def test_a_code_without_one_of_its_finders_is_placed(corner: str) -> None:
    n = len(bits_of(TEXT))
    row, column = (n - 7 if "bottom" in corner else 0), (n - 7 if "right" in corner else 0)
    worn = photographed(covered(code(TEXT, module=MODULE), row, column, 7, 225))
    guesses = [place for place in places(worn) if place.version == (n - 17) // 4]
    x, y = centre(0, 0)
    near = [place.origin + (place.across + place.down) / 2 for place in guesses]
    assert min(np.hypot(spot[0] - x, spot[1] - y) for spot in near) < 1.5 * MODULE


def test_a_place_on_an_empty_page_is_given_up() -> None:
    assert grid.read(np.full((400, 400), 200, dtype=np.uint8), straight(3)) is None


def test_every_module_of_a_clean_code_is_read() -> None:
    bits = bits_of(TEXT)
    modules = grid.read(photographed(code(TEXT, module=MODULE)), straight((len(bits) - 17) // 4))
    assert modules is not None
    assert modules.fit == 1
    assert (modules.bits == bits).all()


def test_the_grid_bends_with_the_paper() -> None:
    bits = bits_of(TEXT)
    flat = photographed(code(TEXT, module=MODULE))
    y, x = np.mgrid[: flat.shape[0], : flat.shape[1]].astype(np.float32)
    bow = 1.5 * MODULE * np.sin(np.pi * x / flat.shape[1])
    bent = np.asarray(
        cv2.remap(flat, x, (y + bow - MODULE).astype(np.float32), cv2.INTER_LINEAR), dtype=np.uint8
    )
    modules = grid.read(bent, straight((len(bits) - 17) // 4))
    assert modules is not None
    assert (modules.bits != bits).mean() < 0.02


def test_modules_under_a_blot_are_less_sure_than_others() -> None:
    bits = bits_of(TEXT)
    worn = photographed(covered(code(TEXT, module=MODULE), 12, 12, 5, 0))
    modules = grid.read(worn, straight((len(bits) - 17) // 4))
    assert modules is not None
    assert np.median(modules.sure[13:16, 13:16]) < 0.7 * np.median(modules.sure)


@pytest.mark.parametrize("shade", [0, 128, 235])
def test_a_blot_that_zxing_alone_does_not_get_over_is_read(shade: int) -> None:
    worn = photographed(covered(code(TEXT, module=MODULE), 9, 9, 10, shade))
    assert alone(worn) == []
    assert decode(worn, budget=PATIENT) == [TEXT]


@pytest.mark.parametrize("corner", [(0, 0), (0, 22), (22, 0)])
def test_a_code_without_one_of_its_finders_is_read(corner: tuple[int, int]) -> None:
    worn = photographed(covered(code(TEXT, module=MODULE), *corner, 7, 225))
    assert alone(worn) == []
    assert decode(worn, budget=PATIENT) == [TEXT]


@pytest.mark.parametrize("side", [13, 19])
@pytest.mark.parametrize("level", ["l", "q", "h"])
def test_a_code_damaged_beyond_mending_is_never_read_as_another(level: str, side: int) -> None:
    cells = np.random.default_rng(side).integers(0, 2, (side, side), dtype=np.uint8) * 255
    worn = code(TEXT, error=level, module=MODULE)
    middle = (worn.shape[0] // MODULE - side) // 2 * MODULE
    worn[middle : middle + side * MODULE, middle : middle + side * MODULE] = np.kron(
        cells, np.ones((MODULE, MODULE), dtype=np.uint8)
    )
    assert decode(photographed(worn), budget=PATIENT) in ([], [TEXT])


@pytest.mark.parametrize("seed", range(3))
def test_the_frame_of_a_code_with_chance_inside_is_read_as_nothing(seed: int) -> None:
    """Finders, timing and format are right, every other module is drawn by lot."""
    version = 1 + 2 * seed
    bits = np.random.default_rng(seed).integers(0, 2, (symbol.size(version),) * 2, dtype=np.uint8)
    made = segno.make("7", version=version, error="m", micro=False)
    real = np.array([list(row) for row in made.matrix], dtype=np.uint8)
    drawn_by_lot = np.zeros_like(bits, dtype=bool)
    drawn_by_lot[tuple(symbol.data_places(version).T)] = True
    paper = np.pad(1 - np.where(drawn_by_lot, bits, real), 4, constant_values=1).astype(np.uint8) * 255
    tile = np.kron(paper, np.ones((MODULE, MODULE), dtype=np.uint8))
    assert decode(photographed(tile), budget=PATIENT) == []
    assert [drawing for drawing in mended(photographed(tile)) if drawing is not None] == []


def test_one_wrong_reading_in_a_million_is_the_most_that_is_risked() -> None:
    assert 2**mending.LARGEST_CHANCE <= 1e-6
