"""The decoder reads what a visitor holds up, and nothing that is not there."""

import cv2
import numpy as np
import pytest
import zxingcpp

from edge_agent.ports import DriverOptions, Frame
from edge_agent.reading import reader
from edge_agent.reading.decoder import decode
from tests.edge_agent.reading.pictures_of_codes import blurred, code, desk

TEXT = "MY-ln0102-7KQ4XW9P"
#: Tests ask what can be read, not how fast a busy machine does it.
PATIENT = 60.0


@pytest.mark.parametrize("level", ["l", "m", "q", "h"])
def test_a_code_of_each_level_is_read(level: str) -> None:
    assert decode(desk(code(TEXT, error=level))) == [TEXT]


def test_chinese_text_is_read() -> None:
    assert decode(desk(code("辽宁省高级人民法院", module=8))) == ["辽宁省高级人民法院"]


def test_a_signed_code_of_124_characters_is_read() -> None:
    text = "".join(chr(65 + i % 26) + str(i % 10) for i in range(62))
    assert decode(desk(code(text))) == [text]


def test_an_inverted_code_is_read() -> None:
    assert decode(desk(255 - code(TEXT))) == [TEXT]


def test_a_tiny_code_is_read() -> None:
    tile = code(TEXT)
    small = cv2.resize(tile, None, fx=0.3, fy=0.3, interpolation=cv2.INTER_AREA)
    assert decode(desk(np.asarray(small, dtype=np.uint8)), budget=PATIENT) == [TEXT]


def test_several_codes_are_read_from_top_left() -> None:
    texts = ["first-0001", "second-0002", "third-0003"]
    assert decode(desk(*[code(text) for text in texts])) == texts


def test_the_same_code_twice_is_one_text() -> None:
    assert decode(desk(code(TEXT), code(TEXT))) == [TEXT]


@pytest.mark.parametrize("sigma", [4.0, 4.6])
def test_a_defocused_code_that_zxing_alone_does_not_read_is_read(sigma: float) -> None:
    frame = blurred(desk(code(TEXT, module=6)), sigma)
    assert zxingcpp.read_barcodes(frame, formats=zxingcpp.BarcodeFormat.QRCode) == []
    assert decode(frame, budget=PATIENT) == [TEXT]


def test_a_photograph_larger_than_the_first_look_is_read() -> None:
    assert decode(desk(code(TEXT, module=20), height=3000, width=4000)) == [TEXT]


@pytest.mark.parametrize("seed", range(4))
def test_noise_reads_as_nothing(seed: int) -> None:
    noise = np.random.default_rng(seed).integers(0, 256, (480, 640), dtype=np.uint8)
    assert decode(noise, budget=PATIENT) == []


@pytest.mark.parametrize("seed", range(4))
def test_cells_that_look_like_a_code_read_as_nothing(seed: int) -> None:
    cells = np.random.default_rng(seed).integers(0, 2, (29, 29), dtype=np.uint8) * 255
    assert decode(desk(np.kron(cells, np.ones((8, 8), dtype=np.uint8))), budget=PATIENT) == []


@pytest.mark.parametrize("shape", [(1, 1), (7, 900), (900, 7), (8, 8)])
def test_a_picture_too_small_for_a_code_reads_as_nothing(shape: tuple[int, int]) -> None:
    assert decode(np.zeros(shape, dtype=np.uint8), budget=PATIENT) == []


def test_a_picture_cut_out_of_a_larger_one_is_read() -> None:
    assert decode(desk(code(TEXT))[::, ::-1][:, ::-1]) == [TEXT]


def test_with_no_time_only_the_first_look_is_taken() -> None:
    assert decode(desk(code(TEXT)), budget=0) == [TEXT]
    assert decode(blurred(desk(code(TEXT)), 4.6), budget=0) == []


def test_the_boxs_reader_takes_coloured_frames() -> None:
    coloured = np.dstack([desk(code(TEXT))] * 3)
    box_reader = reader.make(DriverOptions(data=None))  # type: ignore[arg-type]
    assert box_reader.read(Frame(coloured)) == [TEXT]
