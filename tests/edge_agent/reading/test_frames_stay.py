"""Pictures never leave the reader: a process to which the kernel grants neither a written byte nor a new descriptor reads all the same.

The limits hold for C libraries as for Python. The last tests plant what must be caught, so that the proof is known to bite.
"""

import signal
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from edge_agent.ports import CodeReader
from edge_agent.reading.decoder import decode
from edge_agent.reading.reader import QrReader

PRELUDE = """
import resource, signal, sys
import cv2, numpy as np, zxingcpp
from edge_agent.ports import DriverOptions, Frame
from edge_agent.reading import reader
from edge_agent.watching import CameraWatch
from tests.edge_agent.reading.pictures_of_codes import blurred, code, desk

class Camera:
    def frames(self):
        tile = code("MY-ln0102-7KQ4XW9P", module=8)
        tile[-72:-32, 32:88] = 225
        for frame in (desk(code("ln0102-1")), blurred(desk(code("ln0102-2")), 4.0), desk(tile), desk()):
            yield Frame(np.dstack([frame] * 3))
    def close(self):
        pass

texts = []
box_reader = reader.QrReader(budget=60)
watch = CameraWatch(Camera, box_reader, on_code=texts.append, on_lost=print, on_found=lambda: None)
watch.look()  # whatever is loaded late is loaded before the doors close
texts.clear()
signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
"""
NO_DESCRIPTOR = "resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))\n"
LOOK = "watch.look()\nprint(*texts)\n"
ROOT = Path(__file__).parents[3]


def run(body: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run in an empty folder which is also home and place for temporary files."""
    environment = {
        "PYTHONPATH": str(ROOT),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return subprocess.run(
        [sys.executable, "-c", PRELUDE + textwrap.dedent(body)],
        capture_output=True, text=True, check=False, cwd=folder, env=environment,
    )  # fmt: skip


def test_everything_is_read_where_nothing_can_be_written(tmp_path: Path) -> None:
    done = run(LOOK, tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["ln0102-1", "ln0102-2", "MY-ln0102-7KQ4XW9P"]), (
        done.stderr
    )
    assert list(tmp_path.iterdir()) == []


def test_everything_is_read_where_no_file_or_line_can_be_opened(tmp_path: Path) -> None:
    done = run(NO_DESCRIPTOR + LOOK, tmp_path)
    assert (done.returncode, done.stdout.split()) == (0, ["ln0102-1", "ln0102-2", "MY-ln0102-7KQ4XW9P"]), (
        done.stderr
    )


@pytest.mark.parametrize("reader", [CodeReader.read, QrReader.read, decode])
def test_only_texts_come_out(reader: object) -> None:
    assert get_args(get_type_hints(reader, include_extras=True)["return"]) == (str,)


def test_a_frame_written_by_a_library_would_end_the_process(tmp_path: Path) -> None:
    done = run("cv2.imwrite('frame.bmp', desk())", tmp_path)
    assert done.returncode == -signal.SIGXFSZ


def test_a_frame_written_by_python_would_end_the_process(tmp_path: Path) -> None:
    done = run("desk().tofile('frame.raw')", tmp_path)
    assert done.returncode == -signal.SIGXFSZ


def test_a_line_to_elsewhere_would_be_refused(tmp_path: Path) -> None:
    done = run(NO_DESCRIPTOR + "import _socket; _socket.socket()", tmp_path)
    assert done.returncode == 1
    assert "Too many open files" in done.stderr
