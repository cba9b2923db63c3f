"""What is in memory stays there: a process that crashes writes no file of it, and no other process of the same user looks in.

Names, texts and keys lie open in memory while they are worked with. The shipped units say `LimitCORE=0` as well; this holds by hand too.
"""

import ctypes
import gc
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager

PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4


def close() -> bool:
    """Let this process leave no core file and be attached to by nobody but root; say whether the system agreed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not bind where core files go to a program (systemd-coredump); this does.
    return bool(ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def settle() -> None:
    """Leave what was loaded by now out of the search for rubbish: it stays, and going through it takes a third of a sweep's time."""
    gc.collect()
    gc.freeze()


@contextmanager
def no_search() -> Iterator[None]:
    """Look for no rubbish meanwhile: work on many plain lists and mappings leaves none, and would spend a quarter of its time on it."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def die_with_parent(parent: int) -> None:
    """Let the kernel end this process with the one (its id) that started it: a run after a kill finds nobody still at work."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL))
    if os.getppid() != parent:
        os._exit(1)
