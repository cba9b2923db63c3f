"""What a process that opens foreign files gives up before it touches one: memory, time, network, other programs, other files.

Used by `child.py` alone. Limits of the kernel hold on every Linux; the list of system calls (seccomp) must take hold, else
nothing is opened; the walls around files and ports (Landlock) are put up where the kernel has them. No privilege is needed.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_LD_WORD, _JUMP, _JEQ, _JGE, _JSET, _RETURN = 0x20, 0x05, 0x15, 0x35, 0x45, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000
_NUMBER, _MACHINE, _THIRD = 0, 4, 32
_X32 = 0x40000000
#: Flags of `openat` that write: O_WRONLY, O_RDWR, O_CREAT, O_TRUNC.
_WRITING = 0o1 | 0o2 | 0o100 | 0o1000

#: Number of each permitted call by machine. Whatever is missing here answers "not permitted": sockets, programs, new
#: processes, signals to others, renaming and deleting, kernel interfaces.
_CALLS = {
    "x86_64": (
        0xC000003E,
        257,
        (
            # read write close stat fstat lstat lseek mmap mprotect munmap brk, signals of its own, ioctl pread pwrite readv writev
            "0 1 3 4 5 6 8 9 10 11 12 13 14 15 16 17 18 19 20 21 24 25 27 28 32 39 60 63 72 74 77 79 89 96 98 99 100 "
            # ids, sigaltstack, gettid, futex, affinity, getdents, clocks, exit_group, tgkill (abort), newer forms of the above
            "102 104 107 108 131 186 202 204 217 219 228 229 230 231 234 262 267 269 273 318 324 332 334 439"
        ),
    ),
    "aarch64": (
        0xC00000B7,
        56,
        (
            "17 23 25 29 46 48 57 61 62 63 64 65 66 67 68 78 79 80 82 93 94 98 99 113 114 115 123 124 128 131 132 134 135 "
            "139 153 160 165 169 172 174 175 176 177 178 179 214 215 216 222 226 232 233 278 283 291 293 439"
        ),
    ),
}
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446
_READ_FILE, _READ_FOLDER = 1 << 2, 1 << 3
#: Libraries that load late, fonts that a PDF does not bring along, and chance, which the reading of locked PDFs asks for.
_READABLE = ("/usr/lib", "/usr/lib64", "/usr/share/fonts", "/dev/urandom")
#: Rights over files that each version of Landlock knows, as a count of bits.
_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15}
_ALL_FILE_RIGHTS = 16


class NotConfined(OSError):
    """The kernel refused the list of system calls: nothing foreign may be opened here."""


def confine(*, memory_mb: int, seconds: int, output_mb: int) -> None:
    """Give up everything but the open files, reading of fonts and libraries, and so much memory (MiB) and CPU time (s)."""
    mebibyte = 2**20
    for kind, value in (
        (resource.RLIMIT_AS, memory_mb * mebibyte),
        (resource.RLIMIT_CPU, seconds),
        (resource.RLIMIT_FSIZE, output_mb * mebibyte),
        (resource.RLIMIT_NOFILE, 64),
        (resource.RLIMIT_NPROC, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (value, value))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise NotConfined(ctypes.get_errno(), "no_new_privs")
    _wall(libc, [sys.prefix, sys.base_prefix, *_READABLE])
    _filter(libc)


def _filter(libc: ctypes.CDLL) -> None:
    """Hand the kernel the list of calls as a program of its packet filter."""
    known = _CALLS.get(platform.machine())
    if known is None:
        raise NotConfined(0, platform.machine())
    machine, openat, permitted = known
    program = b"".join(_program(machine, openat, [int(call) for call in permitted.split()]))
    code = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(code))
    if libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.create_string_buffer(head), 0, 0):
        raise NotConfined(ctypes.get_errno(), "seccomp")


def _program(machine: int, openat: int, permitted: Iterable[int]) -> Iterable[bytes]:
    calls = list(permitted)
    yield _step(_LD_WORD, _MACHINE)
    yield _step(_JEQ, machine, yes=1)
    yield _step(_RETURN, _KILL)
    yield _step(_LD_WORD, _NUMBER)
    yield _step(_JGE, _X32, yes=len(calls) + 5)
    yield _step(_JEQ, openat, yes=len(calls) + 1)
    for at, call in enumerate(calls):
        yield _step(_JEQ, call, yes=len(calls) - at + 2)
    # Behind the list: a jump from `openat` lands on the look at its flags, everything unknown falls into the refusal.
    yield _step(_JUMP, 3)
    yield _step(_LD_WORD, _THIRD)
    yield _step(_JSET, _WRITING, yes=1)
    yield _step(_RETURN, _ALLOW)
    yield _step(_RETURN, _REFUSE)


def _step(code: int, value: int, *, yes: int = 0) -> bytes:
    return struct.pack("HBBI", code, yes, 0, value)


def landlock_version(libc: ctypes.CDLL) -> int:
    """Return which version of Landlock the kernel has; below 1 it has none, or the unit forbids it."""
    found: int = libc.syscall(_LANDLOCK_CREATE, None, 0, 1)
    return found


def _wall(libc: ctypes.CDLL, readable: Iterable[str]) -> None:
    """Let only these folders and files be read, and no port be reached, where the kernel knows how."""
    version = landlock_version(libc)
    if version < 1:
        return
    rights = (1 << _FILE_RIGHTS.get(version, _ALL_FILE_RIGHTS)) - 1
    # Version 4 added ports, 6 added signals and abstract sockets: older kernels take the shorter record.
    record = struct.pack("QQQ", rights, 3, 3)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    rules = libc.syscall(_LANDLOCK_CREATE, ctypes.create_string_buffer(record), len(record), 0)
    for path in filter(os.path.exists, readable):
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
        right = _READ_FILE | _READ_FOLDER if Path(path).is_dir() else _READ_FILE
        rule = ctypes.create_string_buffer(struct.pack("=Qi", right, place))
        libc.syscall(_LANDLOCK_ADD, rules, 1, rule, 0)
        os.close(place)
    libc.syscall(_LANDLOCK_RESTRICT, rules, 0)
    os.close(rules)
