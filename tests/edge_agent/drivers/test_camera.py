"""Real cameras: gray frames in memory, paced, lost and closed properly."""

import ast
from itertools import islice
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from edge_agent.drivers import camera
from edge_agent.drivers.camera import OpenCvCamera
from edge_agent.ports import DeviceLost, DriverOptions


class FakeCapture:
    """Gives `count` pictures, each 40 ms after the last."""

    def __init__(self, count: int, *, opened: bool = True) -> None:
        self.left = count
        self.taken = 0
        self.opened = opened
        self.released = False
        self.now = 0.0
        self.bright = 200

    def isOpened(self) -> bool:  # noqa: N802
        return self.opened

    def grab(self) -> bool:
        self.left -= 1
        self.now += 0.04
        return self.left >= 0

    def retrieve(self) -> tuple[bool, Any]:
        self.taken += 1
        picture = np.full((4, 6, 3), 200, dtype=np.uint8)
        picture[:, 3:] = self.bright  # only a part: brightness of the whole is a lamp
        return True, picture

    def release(self) -> None:
        self.released = True


def camera_on(capture: FakeCapture, interval: float = 0.1) -> OpenCvCamera:
    return OpenCvCamera("x", opener=lambda _: capture, monotonic=lambda: capture.now, interval=interval)


def test_frames_are_gray_with_height_before_width() -> None:
    frame = next(camera_on(FakeCapture(9)).frames())
    assert frame.pixels.shape == (4, 6)
    assert frame.pixels.dtype == np.uint8


def test_pictures_between_two_intervals_are_dropped_without_being_unpacked() -> None:
    capture = FakeCapture(10)
    list(islice(camera_on(capture).frames(), 3))
    assert (capture.taken, capture.left) == (3, 3)


def test_before_a_still_scene_fewer_pictures_come_until_something_moves() -> None:
    capture = FakeCapture(1000)
    stream, came = camera_on(capture).frames(), []
    for _ in range(60):
        next(stream)
        came.append(capture.now)
    assert came[10] - came[9] == pytest.approx(0.12)
    assert 0.39 < came[-1] - came[-2] < 0.45  # the next picture after 0.4 s
    capture.bright = 90
    next(stream)
    before = capture.now
    next(stream)
    assert capture.now - before == pytest.approx(0.12)


def test_a_source_that_does_not_open_is_a_lost_device() -> None:
    with pytest.raises(DeviceLost):
        next(camera_on(FakeCapture(0, opened=False)).frames())


def test_a_camera_that_falls_silent_is_a_lost_device_and_is_released() -> None:
    capture = FakeCapture(1)
    with pytest.raises(DeviceLost):
        list(camera_on(capture).frames())
    assert capture.released


def test_close_ends_the_frames_and_may_come_twice() -> None:
    device = camera_on(FakeCapture(100))
    stream = device.frames()
    next(stream)
    device.close()
    device.close()
    assert list(stream) == []


def test_each_picture_of_a_video_file_comes_out(tmp_path: Path) -> None:
    path = tmp_path / "codes.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (64, 48))
    for level in (0, 100, 200):
        writer.write(np.full((48, 64, 3), level, dtype=np.uint8))
    writer.release()
    stream = camera.make(DriverOptions(data=tmp_path, device=str(path))).frames()
    assert [round(float(f.pixels.mean()), -2) for f in islice(stream, 3)] == [0, 100, 200]


@pytest.mark.parametrize("folder", ["reading", "drivers"])
def test_no_code_of_the_box_can_write_a_camera_frame(folder: str) -> None:
    here = Path(camera.__file__).parents[1] / folder
    writers = {"imwrite", "imencode", "imwritemulti", "VideoWriter", "tofile", "savez", "imsave"}
    for path in [*here.glob("*.py")]:
        tree = ast.parse(path.read_text("utf-8"))
        used = {n.attr for n in ast.walk(tree) if isinstance(n, ast.Attribute)} & writers
        assert used == set() or path.name.startswith("dummy"), path
