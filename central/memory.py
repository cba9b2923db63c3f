"""What is in memory stays there: a process that crashes writes no file of it, and no other process of the same user looks in.

Names, texts and keys lie open in memory while they are worked with. The shipped units say `LimitCORE=0` as well; this holds by hand too.
"""

import ctypes
import gc
import resource

PR_SET_DUMPABLE = 4


def close() -> bool:
    """Let this process leave no core file and be attached to by nobody but root; say whether the system agreed."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # The limit does not bind where core files go to a program (systemd-coredump); this does.
    return bool(ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0)


def settle() -> None:
    """Leave what was loaded by now out of the search for rubbish: it stays, and going through it takes a third of a sweep's time."""
    gc.collect()
    gc.freeze()
