"""What the process that opens foreign files can no longer do."""

import json
import subprocess
import sys

import pytest

from central.documents import probe
from central.settings import Documents

TRIALS = {
    "reads a file outside": "open('/etc/passwd').read()",
    "writes a file": "open('/tmp/minyi-escaped', 'w')",
    "deletes a file": "os.unlink('/tmp/minyi-nothing')",
    "opens a socket": "socket.socket()",
    "opens a pair of sockets": "socket.socketpair()",
    "makes a process": "os.fork()",
    "runs a program": "os.execv('/bin/true', ['true'])",
    "signals another process": "os.kill(os.getppid(), 0)",
    "takes more memory": "bytearray(600 << 20)",
    "raises its own limits": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
}
SCRIPT = """
import json, os, resource, socket, sys
from central.documents.confine import confine
confine(memory_mb=512, seconds=5, output_mb=1)
found = {}
for what, code in json.loads(sys.argv[1]).items():
    try:
        exec(code)
        found[what] = "done"
    except BaseException as error:
        found[what] = type(error).__name__
found["reads a library"] = bool(open(os.__file__).read())
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found() -> dict[str, object]:
    done = subprocess.run(
        [sys.executable, "-I", "-c", SCRIPT, json.dumps(TRIALS)], capture_output=True, check=True
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("what", TRIALS)
def test_the_confined_process_no_longer(found: dict[str, object], what: str) -> None:
    assert found[what] in {"PermissionError", "MemoryError", "ValueError"}


def test_it_still_reads_its_libraries(found: dict[str, object]) -> None:
    assert found["reads a library"] is True


def test_this_machine_opens_files_safely() -> None:
    assert probe.problem(Documents()) is None
    assert probe.shuts_off_files()


def test_a_machine_that_cannot_says_so() -> None:
    assert (
        probe.problem(
            Documents(max_megapixels=1, memory_mb=128, seconds=1).model_copy(update={"memory_mb": 1})
        )
        is not None
    )
