"""`minyi-edge decode`: one JSON line for each file, in order, and sentences for what cannot be read."""

import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edge_agent.reading.command import decode
from edge_agent.reading.pictures import LONGEST, gray
from tests.edge_agent.reading.pictures_of_codes import code, desk


def picture(path: Path, text: str) -> Path:
    Image.fromarray(desk(code(text))).save(path)
    return path


def run(capsys: pytest.CaptureFixture[str], *paths: Path | str) -> tuple[int, list[dict[str, Any]]]:
    status = decode(paths)
    return status, [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def bomb(path: Path) -> Path:
    """A PNG of a few bytes whose header claims 100,000 x 100,000 pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", 100_000, 100_000, 8, 0, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"0"))
        + chunk(b"IEND", b"")
    )
    return path


@pytest.mark.parametrize("suffix", ["png", "jpg", "bmp", "webp"])
def test_every_usual_format_is_read(suffix: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = picture(tmp_path / f"code.{suffix}", "ln0102-0001")
    status, [line] = run(capsys, path)
    assert (status, line["file"], line["codes"]) == (0, str(path), ["ln0102-0001"])
    assert isinstance(line["ms"], float)


def test_lines_come_in_the_order_of_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [picture(tmp_path / f"{n}.png", f"ln0102-{n}") for n in (3, 1, 2)]
    _, lines = run(capsys, *paths)
    assert [line["codes"] for line in lines] == [["ln0102-3"], ["ln0102-1"], ["ln0102-2"]]


def test_a_picture_without_a_code_is_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (320, 240), 180).save(tmp_path / "desk.png")
    status, [line] = run(capsys, tmp_path / "desk.png")
    assert (status, line["codes"], "error" in line) == (0, [], False)


def test_a_missing_file_is_a_sentence_and_the_others_are_still_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = run(capsys, tmp_path / "gone.png", picture(tmp_path / "there.png", "ln0102-9"))
    assert status == 1
    assert "no file" in lines[0]["error"]
    assert lines[1]["codes"] == ["ln0102-9"]


@pytest.mark.parametrize(
    "content", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"<svg xmlns='http://www.w3.org/2000/svg'/>"]
)
def test_what_is_no_picture_is_a_sentence(
    content: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.png").write_bytes(content)
    status, [line] = run(capsys, tmp_path / "x.png")
    assert (status, line["codes"]) == (1, [])
    assert "not a picture" in line["error"]


def test_a_truncated_picture_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = picture(tmp_path / "x.jpg", "ln0102-0001").read_bytes()
    (tmp_path / "x.jpg").write_bytes(whole[: len(whole) // 2])
    status, [line] = run(capsys, tmp_path / "x.jpg")
    assert (status, "error" in line) == (1, True)


def test_a_folder_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, [line] = run(capsys, tmp_path)
    assert (status, "cannot be opened" in line["error"]) == (1, True)


def test_a_pixel_bomb_is_refused_by_its_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, [line] = run(capsys, bomb(tmp_path / "bomb.png"))
    assert status == 1
    assert "too many pixels" in line["error"]


def test_no_file_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert decode([]) == 2
    assert "at least one picture" in capsys.readouterr().err


def test_a_transparent_code_is_laid_on_white(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tile = code("ln0102-7")
    layers = [np.zeros_like(tile)] * 3 + [255 - tile]
    Image.fromarray(np.dstack(layers), "RGBA").save(tmp_path / "code.png")
    assert run(capsys, tmp_path / "code.png")[1][0]["codes"] == ["ln0102-7"]


def test_sixteen_bits_keep_their_contrast(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    deep = desk(code("ln0102-8")).astype(np.uint16) * 257
    Image.fromarray(deep).save(tmp_path / "deep.png")
    assert run(capsys, tmp_path / "deep.png")[1][0]["codes"] == ["ln0102-8"]


def test_a_huge_picture_is_reduced(tmp_path: Path) -> None:
    Image.new("L", (6000, 3000), 200).save(tmp_path / "huge.jpg")
    assert max(gray(tmp_path / "huge.jpg").shape) <= LONGEST
