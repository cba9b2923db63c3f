"""`minyi-edge decode`: one JSON line for each file, in order, and sentences for what cannot be read."""

import json
import os
import struct
import subprocess
import sys
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


def bomb(path: Path, side: int = 100_000) -> Path:
    """A PNG of a few bytes whose header claims `side` x `side` pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
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


def test_a_picture_without_a_programis_no_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Image.new("L", (320, 240), 180).save(tmp_path / "desk.png")
    status, [line] = run(capsys, tmp_path / "desk.png")
    assert (status, line["codes"], "error" in line) == (0, [], False)


def test_a_missing_file_is_a_sentence_and_the_others_are_still_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, lines = run(capsys, tmp_path / "gone.png", picture(tmp_path / "there.png", "ln0102-9"))
    assert status == 2
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
    assert (status, line["codes"]) == (2, [])
    assert "not a picture" in line["error"]


def test_a_truncated_picture_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = picture(tmp_path / "x.jpg", "ln0102-0001").read_bytes()
    (tmp_path / "x.jpg").write_bytes(whole[: len(whole) // 2])
    status, [line] = run(capsys, tmp_path / "x.jpg")
    assert (status, "error" in line) == (2, True)


def test_a_folder_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, [line] = run(capsys, tmp_path)
    assert (status, "cannot be opened" in line["error"]) == (2, True)


def test_a_pixel_bomb_is_refused_by_its_header(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    status, [line] = run(capsys, bomb(tmp_path / "bomb.png"))
    assert status == 2
    assert "too many pixels" in line["error"]


def test_no_file_at_all_is_bad_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert decode([]) == 2
    assert "at least one picture" in capsys.readouterr().err


def test_a_transparent_programis_laid_on_white(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
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


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photograph_turned_by_its_exif_note_is_read(
    orientation: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    note = Image.Exif()
    note[0x0112] = orientation
    Image.fromarray(desk(code("ln0102-6"))).save(tmp_path / "phone.jpg", exif=note)
    assert run(capsys, tmp_path / "phone.jpg")[1][0]["codes"] == ["ln0102-6"]


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK"])
def test_every_kind_of_colour_is_read(mode: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / ("code.jpg" if mode == "CMYK" else "code.png")
    Image.fromarray(desk(code("ln0102-5"))).convert(mode).save(path)
    assert run(capsys, path)[1][0]["codes"] == ["ln0102-5"]


def test_the_name_of_a_file_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture(tmp_path / "code.png", "ln0102-4").rename(tmp_path / "notes.txt")
    assert run(capsys, tmp_path / "notes.txt")[1][0]["codes"] == ["ln0102-4"]


@pytest.mark.parametrize("at", range(0, 4000, 250))
def test_flipped_bytes_never_end_the_run(at: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for suffix in ("png", "jpg", "webp", "bmp"):
        data = bytearray(picture(tmp_path / f"x.{suffix}", "ln0102-3").read_bytes())
        data[at % len(data) : at % len(data) + 9] = b"\xff\x00\xfe\x01\x80\x7f\xff\xff\xff"
        (tmp_path / f"x.{suffix}").write_bytes(data)
    status, lines = run(capsys, *sorted(tmp_path.iterdir()))
    assert status in {0, 2}
    assert len(lines) == 4


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(tmp_path / "pipe")
    status, [line] = run(capsys, tmp_path / "pipe")
    assert (status, "cannot be opened" in line["error"]) == (2, True)


def test_a_picture_between_the_limit_and_pillows_own_is_a_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """From 89 to 179 million pixels Pillow only warns."""
    status, [line] = run(capsys, bomb(tmp_path / "large.png", 10_000))
    assert (status, "too many pixels" in line["error"]) == (2, True)


def test_a_file_name_of_foreign_bytes_is_given_back(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/\xd6\xd0.png")
    picture(Path(name), "ln0102-2")
    status, [line] = run(capsys, name)
    assert (status, line["file"], line["codes"]) == (0, name, ["ln0102-2"])


def test_the_command_line_prints_one_line_for_each_file(tmp_path: Path) -> None:
    there = picture(tmp_path / "there.png", "ln0102-1")
    program = "from edge_agent.cli import main; main()"
    command = [sys.executable, "-c", program, "decode", str(tmp_path / "gone.png"), str(there)]
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert (done.returncode, done.stderr) == (2, "")
    assert [line["codes"] for line in lines] == [[], ["ln0102-1"]]
