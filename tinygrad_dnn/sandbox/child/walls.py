"""Walls that the process puts around itself before it reads a line of the submission; none can be taken down again.

- Namespaces of its own (inside bubblewrap): processes, shared memory and mounts of a submission end with it; its only
  writable place is a small file system in memory.
- Resource limits (every POSIX system): memory, processor time, file size, open files, threads, no core dumps.
- A filter of system calls (Linux on x86-64 and ARM64), the second wall: no sockets, processes, signals to others, ....

What the system does not offer is left out; `raise_walls` returns the names of those that stand.

References
----------
The layouts are those of the kernel's ``linux/seccomp.h``, ``linux/filter.h`` and ``linux/capability.h``.
"""

import contextlib
import ctypes
import os
import sys
from typing import Any

SCRATCH = "/scratch"
"""Working folder of a submission inside bubblewrap, and all that it can write to."""

_DISK, _FILES = 32 * 1024**2, 2000
_FILE = 16 * 1024**2
_OPEN_FILES, _THREADS = 64, 64
_NEW_MOUNTS, _NEW_IPC, _NEW_USER, _NEW_PIDS = 0x00020000, 0x08000000, 0x10000000, 0x20000000
_NO_SETUID, _NO_DEVICES, _NO_EXEC, _READ_ONLY = 2, 4, 8, 1
_DEATH_SIGNAL, _NO_NEW_PRIVILEGES = 1, 38
_SIGKILL = 9


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
    flags = _NO_SETUID | _NO_DEVICES | _NO_EXEC
    _mount("/proc", flags | _READ_ONLY, "size=4k,nr_inodes=1")
    _mount(SCRATCH, flags, f"size={_DISK},nr_inodes={_FILES},mode=700")


def _mount(place: str, flags: int, options: str) -> None:
    if _libc().mount(b"tmpfs", place.encode(), b"tmpfs", flags, options.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mounting {place} failed")


def raise_walls(memory: int, seconds: int, isolated: bool) -> list[str]:
    """Wall this process in, for good; return which walls stand.

    `isolated` says that it has namespaces of its own, which end it with the server.
    """
    walls = ["limits"] if limit_resources(memory, seconds, isolated) else []
    if sys.platform.startswith("linux"):
        libc = _libc()
        if not isolated:
            libc.prctl(_DEATH_SIGNAL, _SIGKILL, 0, 0, 0)
        libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        header = ctypes.create_string_buffer((0x20080522).to_bytes(4, "little") + bytes(4))
        libc.capset(header, ctypes.create_string_buffer(bytes(24)))  # none of root's rights is left
        from . import calls

        if calls.filter_calls(libc):
            walls.append("calls")
    return walls


def limit_resources(memory: int, seconds: int, isolated: bool) -> bool:
    """Bound memory, processor time, files and threads; False where the system has no such limits."""
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return False
    limits = {"AS": memory, "CPU": seconds, "FSIZE": _FILE, "NOFILE": _OPEN_FILES, "NPROC": _THREADS, "CORE": 0}
    for name, limit in limits.items():
        which = getattr(resource, f"RLIMIT_{name}", None)
        if which is None or (name == "NPROC" and not isolated):
            continue  # without namespaces the user's other processes count, too
        _, hard = resource.getrlimit(which)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        with contextlib.suppress(ValueError, OSError):  # macOS refuses some
            resource.setrlimit(which, (bound, bound))
    return True


def _libc() -> Any:
    return ctypes.CDLL(None, use_errno=True)
