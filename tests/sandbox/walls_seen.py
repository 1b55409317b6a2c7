"""The walls seen from inside: every call and every path of two lists, tried without walls and with them.

``python -m tests.sandbox.walls_seen`` prints the table of docs/referee.md.
"""

from __future__ import annotations

import json
import platform
import re
import subprocess
import sys
from pathlib import Path

from tinygrad_dnn.sandbox import Child, ForkServer, Limits
from tinygrad_dnn.sandbox.fork_server import CALLS as ALL

DENIED = ALL.get(platform.machine(), ALL["x86_64"])["denied"]
CALLS = {name: number for name, number in DENIED.items() if name not in ("fork", "vfork", "setsid", "msgget")}
"""Tried with arguments that are all -1, which let nothing happen; calls that act whatever they get are left out."""

PATHS = re.findall(
    r"\S+",
    """
    / /bin /bin/sh /boot /dev /dev/kmsg /dev/mem /dev/null /dev/shm /dev/tty /dev/urandom /dev/zero /etc
    /etc/group /etc/hosts /etc/ld.so.cache /etc/machine-id /etc/passwd /etc/resolv.conf /etc/shadow /etc/ssl
    /home /lib /lib64 /media /mnt /opt /proc /proc/1/environ /proc/1/mem /proc/cpuinfo /proc/kallsyms
    /proc/meminfo /proc/mounts /proc/net/tcp /proc/self/environ /proc/self/fd /proc/self/maps /proc/self/mem
    /proc/sys/kernel /proc/sysrq-trigger /root /run /run/dbus /sbin /scratch /srv /sys /sys/class/net
    /sys/fs/cgroup /sys/kernel /tmp /usr /usr/bin /usr/bin/env /usr/include /usr/local /usr/share /var
    /var/lib /var/log /var/run /var/tmp
    """,
)

PROBE = f"""
import ctypes, errno, json, os
libc = ctypes.CDLL(None, use_errno=True)
def call(number):
    result = libc.syscall(number, -1, -1, -1, -1, -1, -1)
    return "done" if result >= 0 else errno.errorcode[ctypes.get_errno()]
def path(name):
    try:
        folder = os.path.isdir(name)
        rights = os.path.join(name, "probe") if folder else name
        if folder and not os.listdir(name): seen = "empty"
        else:
            if not folder: os.close(os.open(name, os.O_RDONLY | os.O_NONBLOCK))
            seen = "read"
    except OSError as error: return errno.errorcode[error.errno]
    if os.access(name, os.W_OK) and not os.statvfs(name).f_flag & os.ST_RDONLY: seen += ", write"
    return seen
def probe(): return json.dumps([{{n: call(v) for n, v in {CALLS!r}.items()}}, {{n: path(n) for n in {PATHS!r}}}])
"""


def inside() -> list[dict[str, str]]:
    """Return what each call and path comes to within the walls."""
    with ForkServer("bubblewrap") as server, Child(server, Limits(), lambda *question: None) as child:
        child.run([{"code": PROBE, "number": 0}], "submission", [])
        found = child.call("probe", [], [])
    assert found.error is None, found.error
    return list(json.loads(found.value))


def outside() -> list[dict[str, str]]:
    """Return what each comes to without walls."""
    command = [sys.executable, "-c", f"{PROBE}\nprint(probe())"]
    return list(json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout))


def table() -> str:
    """Return both, grouped by what they come to."""
    lines = ["| | without walls | within |", "|---|---|---|"]
    for before, after in zip(outside(), inside(), strict=True):
        groups: dict[tuple[str, str], list[str]] = {}
        for name, result in after.items():
            groups.setdefault((before[name], result), []).append(f"`{name}`")
        lines += [f"| {' '.join(names)} | {old} | {new} |" for (old, new), names in groups.items()]
    return "\n".join(lines)


def documented() -> dict[str, str]:
    """Return what docs/referee.md says that each comes to within the walls."""
    text = Path(__file__).parents[2].joinpath("docs", "referee.md").read_text("utf-8")
    lines = text.partition("| | without walls | within |")[2].partition("\n\n")[0].splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]
    return {name.strip("`"): row[2] for row in rows if len(row) == 3 for name in row[0].split()}


if __name__ == "__main__":
    print(table())
