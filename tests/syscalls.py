"""What strace does, without strace: the system calls by which work changes the disk, and its end at any of them.

`python -m tests.syscalls [--kill N] MODULE:FUNCTION ARGUMENT…` forks, runs the function in the child, stops it at each
call that it makes (ptrace(2)), and prints the names of those in NUMBERS as a JSON list. With `--kill N` the child is
killed with SIGKILL at the N-th of them, before the kernel has begun it; the list ends there. Linux on x86_64 or arm.

The function runs in a fork of a process with one thread that has imported everything: what is counted is the work.
"""

from __future__ import annotations

import argparse
import ctypes
import importlib
import json
import os
import platform
import signal
import subprocess
import sys
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Those that leave something on the disk; what happens between two of them no crash can tell from the second.
NUMBERS = {
    "x86_64": {
        "write": 1, "pwrite64": 18, "fsync": 74, "fdatasync": 75, "ftruncate": 77, "rename": 82, "mkdir": 83,
        "unlink": 87, "getppid": 110,
    },
    "aarch64": {
        "write": 64, "pwrite64": 68, "fsync": 82, "fdatasync": 83, "ftruncate": 46, "renameat": 38, "mkdirat": 34,
        "unlinkat": 35, "getppid": 173,
    },
}  # fmt: skip
NAMES = {number: name for name, number in NUMBERS.get(platform.machine(), {}).items()}
MARK = "getppid"  # nothing else here asks for it: the work calls os.getppid() where the watcher is to see something
TRACEME, SYSCALL, SETOPTIONS, GET_SYSCALL_INFO = 0, 24, 0x4200, 0x420E
TRACESYSGOOD, EXITKILL = 1, 1 << 20
ENTRY = 1


class Info(ctypes.Structure):
    """struct ptrace_syscall_info, as far as it tells of an entry."""

    _fields_ = (
        ("op", ctypes.c_uint8), ("pad", ctypes.c_uint8 * 3), ("arch", ctypes.c_uint32), ("ip", ctypes.c_uint64),
        ("sp", ctypes.c_uint64), ("nr", ctypes.c_uint64), ("args", ctypes.c_uint64 * 6),
    )  # fmt: skip


_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p)
_libc.ptrace.restype = ctypes.c_long


def _ptrace(request, pid, address=0, data=0):
    if _libc.ptrace(request, pid, address, data) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), f"ptrace {request:#x}")


def watched(work, kill_at=0):
    """The names of the calls in NUMBERS that `work()` makes, up to the one it is killed at."""
    assert NAMES, f"the numbers of system calls on {platform.machine()} are not known here"
    pid = os.fork()
    if pid == 0:
        _run(work)
    os.waitpid(pid, 0)
    _ptrace(SETOPTIONS, pid, 0, TRACESYSGOOD | EXITKILL)
    calls, passed_on = [], 0
    while True:
        _ptrace(SYSCALL, pid, 0, passed_on)
        _, status = os.waitpid(pid, 0)
        if not os.WIFSTOPPED(status):
            break
        stopped_by = os.WSTOPSIG(status)
        passed_on = 0 if stopped_by in (signal.SIGTRAP | 0x80, signal.SIGSTOP) else stopped_by
        if stopped_by != signal.SIGTRAP | 0x80:
            continue
        info = Info()
        _ptrace(GET_SYSCALL_INFO, pid, ctypes.sizeof(info), ctypes.addressof(info))
        if info.op != ENTRY or info.nr not in NAMES:
            continue
        calls.append(NAMES[info.nr])
        if len(calls) == kill_at:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return calls
    assert os.waitstatus_to_exitcode(status) == 0, "the work failed"
    return calls


def _run(work):
    """In the child: from the first stop on, every call is seen."""
    code = 1
    try:
        _ptrace(TRACEME, 0)
        os.kill(os.getpid(), signal.SIGSTOP)
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - it ends here, and says why
        traceback.print_exc()
    finally:
        os._exit(code)


def calls_of(work, *arguments, kill_at=0):
    """The calls of a function `module:name` in a process of its own, killed at the `kill_at`-th of them."""
    command = [sys.executable, "-m", "tests.syscalls", "--kill", str(kill_at), work, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work")
    parser.add_argument("--kill", type=int, default=0)
    parser.add_argument("arguments", nargs="*")
    told = parser.parse_args()
    module, _, name = told.work.partition(":")
    work = getattr(importlib.import_module(module), name)
    print(json.dumps(watched(lambda: work(*told.arguments), told.kill)))


if __name__ == "__main__":
    main()
