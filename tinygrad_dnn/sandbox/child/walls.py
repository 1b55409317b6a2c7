"""What a submission may not do: the walls that its process puts around itself before it reads a line of it.

Three layers, each of which only takes rights away and cannot be undone:

- resource limits (every POSIX system): memory, file size, open files, no core dumps;
- Landlock (Linux >= 5.13): files are readable only where Python lives, writable only in the scratch folder;
- seccomp (Linux on x86-64 and ARM64): no sockets, no new processes, no signals to or peeking into other processes.

What the system does not offer is left out; `raise_walls` returns the names of those that stand.

References
----------
The layouts are those of the kernel's ``linux/landlock.h``, ``linux/seccomp.h`` and ``linux/filter.h``.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
import sys
from collections.abc import Iterable

FILE_LIMIT = 16 * 1024 * 1024
"""The largest file that a submission may write, in bytes."""

_NO_NEW_PRIVS, _SECCOMP, _FILTER = 38, 22, 2
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_READ, _LIST = 0b1101, 0b1000  # execute, read a file, list a folder
_WRITE = 0x7FFF & ~_READ  # write, remove, make, refer, truncate
_SCRATCH_RIGHTS, _ABI_TRUNCATE = 0x7FFF, 3


def raise_walls(scratch: str, memory: int) -> list[str]:
    """Wall this process in, for good; return which walls stand."""
    limit_resources(memory)
    walls = ["limits"]
    if sys.platform.startswith("linux"):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.prctl(_NO_NEW_PRIVS, 1, 0, 0, 0)
        drop_capabilities(libc)
        if fence_files(libc, scratch):
            walls.append("files")
        if filter_calls(libc):
            walls.append("calls")
    return walls


def limit_resources(memory: int) -> None:
    """Bound memory, file size, open files; no core dumps."""
    limits = {"AS": memory, "FSIZE": FILE_LIMIT, "NOFILE": 64, "CORE": 0}
    for name, limit in limits.items():
        which = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(which)
        bound = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(which, (bound, bound))


def drop_capabilities(libc: ctypes.CDLL) -> None:
    """Root inside the sandbox is nobody special."""
    header = ctypes.create_string_buffer(struct.pack("<Ii", 0x20080522, 0))
    libc.capset(header, ctypes.create_string_buffer(bytes(24)))


def readable_places() -> set[str]:
    """Where Python's library, NumPy, SciPy and the system's own files live: not where this package does."""
    places = {os.path.dirname(os.__file__)}
    for home in filter(None, sys.path):
        places |= {os.path.join(home, name) for name in ("numpy", "numpy.libs", "scipy", "scipy.libs")}
    return places | {"/usr", "/lib", "/lib64", "/etc", "/dev/zero", "/dev/urandom", "/dev/random"}


def fence_files(libc: ctypes.CDLL, scratch: str) -> bool:
    """Landlock: read where Python lives, write in `scratch` and ``/dev/null`` only."""
    abi = libc.syscall(_CREATE_RULESET, None, 0, 1)
    if abi < 1:
        return False
    known = (1 << {1: 13, 2: 14}.get(abi, 15)) - 1
    rules = ctypes.create_string_buffer(struct.pack("<Q", known))
    ruleset = libc.syscall(_CREATE_RULESET, rules, 8, 0)
    if ruleset < 0:
        return False
    try:
        for place in readable_places():
            _allow(libc, ruleset, place, _READ)
        for home in filter(None, sys.path):
            _allow(libc, ruleset, home, _LIST)
        _allow(libc, ruleset, "/dev/null", _READ | _WRITE & known)
        _allow(libc, ruleset, scratch, _SCRATCH_RIGHTS & known)
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _allow(libc: ctypes.CDLL, ruleset: int, place: str, rights: int) -> None:
    try:
        handle = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(place):
        rights &= 0b111 | 1 << 14  # what applies to a file: execute, write, read, truncate
    rule = ctypes.create_string_buffer(struct.pack("<Qi", rights, handle))
    libc.syscall(_ADD_RULE, ruleset, 1, rule, 0)
    os.close(handle)


# seccomp: a program of the classic Berkeley packet filter, run on every system call.
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _DENY, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000  # EPERM is 1, ENOSYS is 38
_CALL, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_THREAD = 0x00010000  # CLONE_THREAD

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_COLUMN = {"x86_64": 0, "aarch64": 1}
_NONE = -1  # this architecture has no such call

# fmt: off
_DENIED: dict[str, tuple[tuple[int, int], ...]] = {  # the calls' numbers on x86-64 and on ARM64
    "socket, connect, bind, listen": ((41, 198), (42, 203), (49, 200), (50, 201)),
    "fork, vfork": ((57, _NONE), (58, _NONE)),
    "ptrace, process_vm_readv, process_vm_writev": ((101, 117), (310, 270), (311, 271)),
    "pidfd_open, pidfd_send_signal, pidfd_getfd": ((434, 434), (424, 424), (438, 438)),
    "rt_sigqueueinfo, rt_tgsigqueueinfo, tkill": ((129, 138), (297, 240), (200, 130)),
    "setrlimit, setsid, setpriority": ((160, 164), (112, 157), (141, 140)),
    "mount, umount2, pivot_root, chroot": ((165, 40), (166, 39), (155, 41), (161, 51)),
    "unshare, setns": ((272, 97), (308, 268)),
    "sethostname, setdomainname, settimeofday, clock_settime": ((170, 161), (171, 162), (164, 170), (227, 112)),
    "swapon, swapoff, reboot": ((167, 224), (168, 225), (169, 142)),
    "init_module, finit_module, delete_module": ((175, 105), (313, 273), (176, 106)),
    "kexec_load, kexec_file_load": ((246, 104), (320, 294)),
    "perf_event_open, bpf, userfaultfd, io_uring_setup": ((298, 241), (321, 280), (323, 282), (425, 425)),
    "add_key, request_key, keyctl": ((248, 217), (249, 218), (250, 219)),
}
# fmt: on
_KILL_CALLS = ((62, 129), (234, 131))  # kill and tgkill: to this process only
_LIMITS_CALL = (302, 261)  # prlimit: its own limits only
_CLONE = (56, 220)  # threads only
_CLONE3 = 435  # its flags lie behind a pointer: unknown to the filter, so that libc falls back to clone


def filter_calls(libc: ctypes.CDLL) -> bool:
    """Seccomp: no sockets, no processes, no signals to others."""
    machine = platform.machine()
    if machine not in _ARCHITECTURES or sys.byteorder != "little":
        return False
    code = b"".join(_program(machine, os.getpid()))
    listing = ctypes.create_string_buffer(code)
    program = ctypes.create_string_buffer(struct.pack("<HxxxxxxQ", len(code) // 8, ctypes.addressof(listing)))
    return bool(libc.prctl(_SECCOMP, _FILTER, program, 0, 0) == 0)


def _program(machine: str, own: int) -> Iterable[bytes]:
    def step(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
        return struct.pack("<HBBI", code, then, otherwise, value)

    yield step(_LOAD, _ARCHITECTURE)
    yield step(_EQUAL, _ARCHITECTURES[machine], 1, 0)
    yield step(_RETURN, _KILL)
    yield step(_LOAD, _CALL)
    if machine == "x86_64":  # the x32 calls are the same ones under other numbers
        yield from (step(_ANY_BIT, 0x40000000, 0, 1), step(_RETURN, _DENY))
    column = _COLUMN[machine]
    denied = [numbers[column] for group in _DENIED.values() for numbers in group]
    for call in (number for number in denied if number != _NONE):
        yield from (step(_EQUAL, call, 0, 1), step(_RETURN, _DENY))
    yield from (step(_EQUAL, _CLONE3, 0, 1), step(_RETURN, _UNKNOWN))
    first_argument = [(call[column], _EQUAL, own) for call in _KILL_CALLS]
    first_argument += [(_CLONE[column], _ANY_BIT, _THREAD), (_LIMITS_CALL[column], _EQUAL, 0)]
    for call, test, legal in first_argument:
        yield from (step(_EQUAL, call, 0, 4), step(_LOAD, _ARGUMENT))
        yield from (step(test, legal, 1, 0), step(_RETURN, _DENY), step(_RETURN, _ALLOW))
    yield step(_RETURN, _ALLOW)
