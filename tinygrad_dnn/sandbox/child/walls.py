"""Walls that the process puts around itself before it reads a line of the submission, for good.

Namespaces of its own (inside bubblewrap), limits of resources (every POSIX system), and a filter of system calls (Linux
on x86-64 and ARM64): a program of the classic Berkeley packet filter that the kernel runs on every call.
The layouts are those of the kernel's ``linux/seccomp.h``, ``linux/filter.h`` and ``linux/capability.h``.
"""

import contextlib
import ctypes
import os
import struct
import sys
from collections.abc import Iterable
from typing import Any

SCRATCH = "/scratch"  # working folder of a submission inside bubblewrap, and all that it can write to
_DISK, _FILE, _FILES, _OPEN_FILES, _THREADS = 32 * 1024**2, 16 * 1024**2, 2000, 64, 64
_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PIDS = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_NO_SETUID, _NO_DEVICES, _NO_EXEC, _READ_ONLY = 2, 4, 8, 1
BROKEN = 70  # the exit status of a process that can no longer answer
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES, _SECCOMP, _FILTER, _SIGKILL = 1, 38, 22, 2, 9


def enter_namespaces() -> bool:
    """Give the children of this process namespaces of their own; False where that is forbidden."""
    user, group = os.getuid(), os.getgid()
    if _libc().unshare(_NEW_USER | _NEW_PIDS | _NEW_IPC | _NEW_MOUNTS) != 0:
        return False
    maps = {"setgroups": "deny", "uid_map": f"{user} {user} 1", "gid_map": f"{group} {group} 1"}
    for name, text in maps.items():
        with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    return True


def mount_scratch() -> None:
    """Mount an empty, bounded file system over the scratch folder, and hide ``/proc``."""
    scratch = f"size={_DISK},nr_inodes={_FILES},mode=700"
    for place, more, options in (("/proc", _READ_ONLY, "size=4k,nr_inodes=1"), (SCRATCH, 0, scratch)):
        flags = _NO_SETUID | _NO_DEVICES | _NO_EXEC | more
        if _libc().mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode()) != 0:
            raise OSError(ctypes.get_errno(), f"mounting {place} failed")


def raise_walls(memory: int, seconds: int, calls: dict[str, Any], isolated: bool) -> list[str]:
    """Wall this process in, for good, and return the walls that stand; `isolated` if it has its own namespaces."""
    walls = []
    with contextlib.suppress(ModuleNotFoundError):  # Windows
        import resource

        limits = {"AS": memory, "CPU": seconds, "FSIZE": _FILE, "NOFILE": _OPEN_FILES, "CORE": 0}
        limits |= {"NPROC": _THREADS} if isolated else {}  # the user's other processes would count, too
        for name, limit in limits.items():
            with contextlib.suppress(ValueError, OSError, AttributeError):  # macOS refuses some, and lacks others
                which = getattr(resource, f"RLIMIT_{name}")
                _, hard = resource.getrlimit(which)
                bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
                resource.setrlimit(which, (bound, bound))
        walls.append("limits")
    if sys.platform.startswith("linux"):
        libc = _libc()
        if not isolated:
            libc.prctl(_DEATH_SIGNAL, _SIGKILL, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        header = ctypes.create_string_buffer((0x20080522).to_bytes(4, "little") + bytes(4))
        libc.capset(header, ctypes.create_string_buffer(bytes(24)))  # none of root's rights is left
        if calls and sys.byteorder == "little":  # the numbers of system calls are known for these processors only
            code = b"".join(_program(calls, os.getpid()))
            listing = ctypes.create_string_buffer(code)
            program = struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(listing))
            if libc.prctl(_SECCOMP, _FILTER, ctypes.create_string_buffer(program), 0, 0) == 0:
                walls.append("calls")
    return walls


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)


# --- the filter of system calls
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _DENY, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM is 1, ENOSYS is 38
_CALL, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_OWN = ("clone", _ANY_BIT, 0x00010000), ("prlimit", _EQUAL, 0)  # threads only (CLONE_THREAD), its own limits only
_SIGNALS_BY_FILE = (8, 10, 15, 1024, 1026)  # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY


def _step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, then, otherwise, value)


def _program(calls: dict[str, Any], own: int) -> Iterable[bytes]:
    yield _step(_LOAD, _ARCHITECTURE)
    yield _step(_EQUAL, calls["architecture"], 1, 0)
    yield _step(_RETURN, _KILL)
    yield _step(_LOAD, _CALL)
    if calls["x32"]:  # the x32 calls are the same ones under other numbers
        yield from (_step(_ANY_BIT, calls["x32"], 0, 1), _step(_RETURN, _DENY))
    for call in calls["denied"].values():
        yield from (_step(_EQUAL, call, 0, 1), _step(_RETURN, _DENY))
    yield from (_step(_EQUAL, calls["clone3"], 0, 1), _step(_RETURN, _UNKNOWN))  # libc falls back to clone
    for name, test, allowed in (*_OWN, ("kill", _EQUAL, own), ("tgkill", _EQUAL, own)):
        yield from (_step(_EQUAL, calls[name], 0, 4), _step(_LOAD, _ARGUMENTS))
        yield from (_step(test, allowed, 1, 0), _step(_RETURN, _DENY), _step(_RETURN, _ALLOW))
    yield from (_step(_EQUAL, calls["fcntl"], 0, 2 * len(_SIGNALS_BY_FILE) + 1), _step(_LOAD, _ARGUMENTS + 8))
    for command in _SIGNALS_BY_FILE:
        yield from (_step(_EQUAL, command, 0, 1), _step(_RETURN, _DENY))
    yield _step(_RETURN, _ALLOW)
