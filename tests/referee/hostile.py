"""A corpus of hostile submissions: (kind, name, code, verdicts that are allowed).

An attack raises ``Escaped`` where it succeeds, and no note may tell of it. Most submissions define one right function
and are "right" where the attack came to nothing and "crashed" or "timeout" where it cost them their process.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple


class Hostile(NamedTuple):
    """One submission."""

    kind: str
    name: str
    code: str
    verdicts: tuple[str, ...]


CONTAINED = ("right",)
STOPPED = (
    "a bomb of lists",
    "100,000 functions",
    "500,000 errors",
    "messages without end",
    "questions without end",
    "names of 100,000 letters",
)
CAUGHT = ("wrong", "crashed", "timeout")
ANY = ("right", *CAUGHT)

RELU = "import numpy as np\ndef relu(Z):\n    return np.maximum(0, Z), Z\n"
FORWARD = "import numpy as np\ndef linear_forward(A, W, b):\n    return W @ A + b, (A, W, b)\n"
ESCAPED = "class Escaped(BaseException): pass\n"

PRELUDE = """
import gc, json, os, struct, sys
answering = next(o for o in gc.get_objects() if type(o).__name__ == "Answering")
channel = answering.channel
def raw(obj, payload=b""):
    text = json.dumps(obj).encode()
    channel.sendall(struct.pack("<II", len(text), len(payload)) + text + payload)
def d(**k): return {"dict": [[a, b] for a, b in k.items()]}
def run(functions={"dict": []}, errors={"list": []}, **more):
    raw(d(functions=functions, errors=errors, **more)); os._exit(0)
def call(obj):  # the next answer to a call is this one
    module = sys.modules["_sandbox.answering"].__dict__
    old = module["send"]
    def send(channel, value, *more):
        raw(obj) if isinstance(value, dict) and ("call" in value or "error" in value) else old(channel, value, *more)
    module["send"] = send
def describe(**changed):
    old = type(answering).functions
    type(answering).functions = lambda self: {name: about | changed for name, about in old(self).items()}
"""

MESSAGES = {
    "errors without fields": "run(errors={'list': [{'dict': []}]})",
    "a function without fields": "run(functions={'dict': [['relu', {'dict': []}]]})",
    "no functions": "raw(d(errors={'list': []}, printed=''))",
    "functions in a list": "run(functions={'list': [1]})",
    "errors that are none": "run(errors=None)",
    "an error with a function only": "run(errors={'list': [d(function='relu')]})",
    "a cell that is infinite": "raw(d(say='begin', cell=float('inf'), line=1))",
    "a cell that is nan": "raw(d(say='begin', cell={'float': 'nan'}, line=1))",
    "a reference to nothing": "raw(d(say='begin', cell={'ref': []}, line=1))",
    "a reference to infinity": "raw(d(say='begin', cell={'ref': [float('inf')]}, line=1))",
    "a shape beyond all": "raw(d(say='begin', cell={'array': '<f8', 'shape': [2**70, 0]}, line=1))",
    "a negative line": "raw(d(say='begin', cell=0, line=-1))",
    "a line that is true": "raw(d(say='begin', cell=0, line=True))",
    "a question without arguments": "raw(d(say='ask'))",
    "a question with a number for a name": "raw(d(say='ask', name=3, module='', args={'tuple': []}, kwargs=d()))",
    "something else said": "raw(d(say='hello'))",
    "something unhashable said": "raw(d(say={'list': []}, cell=0, line=1))",
    "a list": "raw({'list': [1, 2]})",
    "null": "raw(None)",
    "two tags": "raw({'list': [], 'dict': []})",
    "keys that are lists": "raw({'dict': [[{'list': []}, 1]]})",
    "pairs of three": "raw({'dict': [[1, 2, 3]]})",
    "a float of 5000 letters": "raw(d(say='begin', cell={'float': 'x' * 5000}, line=1))",
    "an integer of 4000 digits": "raw(d(say='begin', cell=10 ** 4000, line=1))",
    "an opaque that is a list": "raw(d(say='begin', cell={'opaque': [1]}, line=1))",
    "no UTF-8": "channel.sendall(struct.pack('<II', 2, 0) + b'\\xff\\xfe')",
    "deep JSON": "t = b'[' * 10**6; channel.sendall(struct.pack('<II', len(t), 0) + t)",
    "deep lists": "t = b'{\"list\": [' * 900 + b']}' * 900; channel.sendall(struct.pack('<II', len(t), 0) + t)",
    "a bomb of lists": "raw({'list': [{'list': []}] * 300_000})",
    "4 GB announced": "channel.sendall(struct.pack('<II', 2**32 - 1, 2**32 - 1))",
    "100,000 functions": "run(functions={'dict': [[str(i), d(line=1, cell=0, blank=False)] for i in range(100_000)]})",
    "500,000 errors": "run(errors={'list': [d(error='e' * 20, cell=0, line=1)] * 500_000})",
    "a message that never ends": "channel.sendall(struct.pack('<II', 1000, 0) + b'1'); import time; time.sleep(100)",
    "messages without end": 'm = b\'{"dict":[["say","begin"],["cell",1],["line",1]]}\'\n'
    "m = (struct.pack('<II', len(m), 0) + m) * 1000\nwhile True: channel.sendall(m)",
    "questions without end": "while True: raw(d(say='ask', name='relu', module='', args={'tuple': []}, kwargs=d()))",
    "noise": "channel.sendall(os.urandom(10_000)); os._exit(0)",
    "a closed channel": "channel.close()",
    "a shut channel": "channel.shutdown(2)",
}
CALLS = {
    "a line that is text": "call(d(error='x', line='<b>'))",
    "a line that is infinite": "call(d(error='x', line=float('inf')))",
    "a line of 3000 digits": "call(d(error='x', line=10 ** 3000))",
    "an error that is a list": "call(d(error={'list': []}, line=1))",
    "no value": "call(d(call=1))",
    "arguments that are a number": "call(d(value=1, args=3, call=1))",
    "a reference for a value": "call(d(value={'ref': [0]}, args={'list': []}, call=0))",
    "references in a tuple": "call(d(value={'tuple': [{'ref': [0]}] * 2}, args={'list': []}, call=0))",
    "a call that is infinite": "call(d(value=1, args={'list': []}, call=float('inf')))",
    "large integers": "call(d(value={'tuple': [10 ** 400] * 2}, args={'list': []}, call=0))",
    "truths for arrays": "call(d(value={'tuple': [True, True]}, args={'list': []}, call=0))",
    "a dict of refs": "call(d(value=d(A={'ref': [0]}), args={'list': []}, call=0))",
    "an array without bytes": "call(d(value={'array': '<f8', 'shape': [3, 3]}, args={'list': []}, call=0))",
    "an array of objects": "call(d(value={'array': '|O', 'shape': [1]}, args={'list': []}, call=0))",
    "a dict for an answer": "call({'dict': []})",
    "a text for an answer": "call('right')",
    "a line in HTML": "describe(line='<meta http-equiv=refresh content=0>')",
    "a cell in HTML": "describe(cell='<b>')",
    "a line that is an array": "import numpy\ndescribe(line=numpy.ones((3, 3)))",
    "a line that is nan": "describe(line=float('nan'), blank=0)",
    "assigned names in a list": "describe(assigned=[1])",
    "assigned lines in HTML": "describe(assigned={'Z': '<h1>injected</h1>'})",
    "assigned lines that are one": "describe(assigned={'Z': [[1]]})",
    "lines without end": "describe(lines=list(range(1000)))",
    "texts that are a text": "describe(texts='dW')",
    "names that are numbers": "describe(names=[1, 2])",
    "returns without lines": "describe(returns=[d(text='dW')])",
    "a docstring of a million letters": "describe(doc='a' * 1_000_000)",
    "parameters that are a number": "describe(parameters=7)",
    "a million parameters": "describe(parameters=['x'] * 1_000_000)",
    "names of 100,000 letters": "answering.execution.namespace['f' * 100_000] = relu",
}


def attempt(code: str, allowed: str = "Exception") -> str:
    """Return code that tries something, and says so where nothing stops it."""
    lines = "\n".join(f"    {line}" for line in code.splitlines())
    return f"{ESCAPED}import os, sys\ntry:\n{lines}\nexcept {allowed}: pass\nelse: raise Escaped\n"


PEER = """import os
parent = channel.getsockopt(1, 17, 12)  # SO_PEERCRED
pid = struct.unpack("3i", parent)[0] or 1
"""
SIGNALS = {
    "SIGKILL by a pipe": PRELUDE + PEER + "import fcntl\nr, w = os.pipe()\n"
    "for c, v in ((10, 9), (fcntl.F_SETOWN, pid), (fcntl.F_SETFL, os.O_ASYNC)):\n"
    "    try: fcntl.fcntl(r, c, v)\n    except OSError: pass\nos.write(w, b'x')",
    "F_SETSIG": attempt("import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, 10, 9)"),
    "F_SETOWN_EX": attempt("import fcntl\nr, w = os.pipe()\nfcntl.fcntl(r, 15, b'\\0' * 4 + (1).to_bytes(4, 'little'))"),
    "a lease": attempt("import fcntl\nf = open('a', 'w+')\nfcntl.fcntl(f, 1024, 1)"),
    "notice of changes": attempt("import fcntl\nfcntl.fcntl(os.open('.', 0), 1026, 1)"),
    "kill the parent": attempt("os.kill(os.getppid(), 9)"),
    "kill all": attempt("os.kill(-1, 9)"),
    "kill the first processes": attempt("[os.kill(n, 9) for n in range(2, 100)]"),
    "kill by handle": attempt("import signal\nsignal.pidfd_send_signal(os.pidfd_open(1), 9)"),
    "queue a signal": attempt("import ctypes\nif ctypes.CDLL(None).sigqueue(2, 9, 0): raise OSError"),
    "a nice way down": attempt("os.setpriority(os.PRIO_PROCESS, 0, 5)"),
}
MACHINE_CODE = """import ctypes, mmap
page = mmap.mmap(-1, 4096, prot=7)
page.write(bytes.fromhex({code!r}))
run = ctypes.CFUNCTYPE(ctypes.c_long)(ctypes.addressof(ctypes.c_char.from_buffer(page)))
if run() < 0: raise OSError
"""
FILES = {
    "map /etc/passwd": "import numpy as np\nnp.memmap('/etc/passwd', mode='r')",
    "map NumPy, writable": "import numpy as np\nnp.memmap(np.__file__, mode='r+')",
    "numbers from the memory of the server": "import numpy as np\nnp.fromfile('/proc/1/mem', count=8)",
    "up and out of the scratch folder": "open('/scratch/../etc/passwd')",
    "down a link to the root": "os.symlink('/', 'r')\nos.listdir('r/home')",
    "a hard link to the interpreter": "os.link(os.path.realpath(sys.executable), 'py')",
    "a descriptor by its name": "open('/dev/fd/0')",
    "type into the terminal": "import fcntl, termios\nfor n in (0, 1, 2): fcntl.ioctl(n, termios.TIOCSTI, b'x')",
    "read /etc/passwd": "open('/etc/passwd')",
    "read /etc/shadow": "open('/etc/shadow')",
    "list /etc": "if not os.listdir('/etc'): raise OSError",
    "list /proc": "if not os.listdir('/proc'): raise OSError",
    "read the environment": "open('/proc/self/environ')",
    "read the memory of the server": "open('/proc/1/mem', 'rb')",
    "write /": "open('/x', 'w')",
    "write /tmp": "open('/tmp/x', 'w')",
    "write NumPy": "import numpy\nopen(numpy.__file__, 'a')",
    "write the interpreter": "open(os.path.realpath(sys.executable), 'a')",
    "chmod the canary": "os.chmod(CANARY, 0o777)",
    "stat the canary": "os.stat(CANARY)",
    "touch the canary": "os.utime(CANARY, (1, 1))",
    "mark the canary": "os.setxattr(CANARY, 'user.x', b'1')",
    "link the canary": "os.link(CANARY, 'mine')",
    "follow a link to the canary": "os.symlink(CANARY, 'mine')\nopen('mine')",
    "rename into the canary's folder": "open('a', 'w')\nos.rename('a', CANARY)",
    "remove the canary": "os.remove(CANARY)",
    "own the canary": "os.chown(CANARY, 0, 0)",
    "make a device": "os.mknod('dev', 0o600 | 0o20000, os.makedev(1, 1))",
    "a new root": "os.chroot('.')",
    "mount": "import ctypes\nif ctypes.CDLL(None).mount(b'none', b'/scratch', b'tmpfs', 0, None): raise OSError",
    "unmount": "import ctypes\nif ctypes.CDLL(None).umount2(b'/scratch', 2): raise OSError",
    "write by a handle of the kernel": "import ctypes\nif ctypes.CDLL(None).syscall(304, 0, 0, 0) < 0: raise OSError",
    "fill the disk": "for n in range(100): open(f'f{n}', 'wb').write(bytes(15 * 10**6))",
    "fill the inodes": "for n in range(30_000): open(f'f{n}', 'w').close()",
    "a file of 17 MB": "open('f', 'wb').write(bytes(17 * 2**20))",
    "500 open files": "kept = [open('/dev/null') for _ in range(500)]",
    "run a library of one's own": "import shutil, ctypes, _ctypes\nshutil.copy(_ctypes.__file__, 'x.so')\nctypes.CDLL('./x.so')",
}
CALLS_OUT = {
    "fork by the C library": "import ctypes\nif ctypes.CDLL(None).fork() < 0: raise OSError",
    "fork by its number": "import ctypes\nif ctypes.CDLL(None).syscall(57) < 0: raise OSError",
    "fork by its x32 number": "import ctypes\nif ctypes.CDLL(None).syscall(0x40000000 + 57) < 0: raise OSError",
    "clone a process": "import ctypes\nif ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0) < 0: raise OSError",
    "clone3": "import ctypes\nif ctypes.CDLL(None).syscall(435, bytes(88), 88) < 0: raise OSError",
    "fork by machine code": MACHINE_CODE.format(code="b8390000000f05c3"),
    "exec by machine code": MACHINE_CODE.format(code="b83b00000031ff31f631d20f05c3"),
    "a shell by NumPy": "import numpy as np\nif np.ctypeslib.load_library('libc.so.6', '/lib').system(b'true'): raise OSError",
    "fork by a pickle in an array": "import io, numpy as np\nclass E:\n    def __reduce__(self): return os.fork, ()\n"
    "b = io.BytesIO()\nnp.save(b, np.array([E()], object))\nb.seek(0)\nnp.load(b, allow_pickle=True)",
    "data from the network": "import numpy as np\nnp.genfromtxt('http://127.0.0.1:9/x')",
    "4 GB that are shared": "import mmap\nmmap.mmap(-1, 4 * 2**30)",
    "a socket": "import socket\nsocket.socket()",
    "a connection": "import socket\nsocket.create_connection(('127.0.0.1', 9))",
    "a datagram by a pair": "import socket\nsocket.socketpair(1, 2)[0].sendto(b'x', '\\0listener')",
    "a name looked up": "import socket\nsocket.gethostbyname('example.com')",
    "fork": "os.fork()",
    "exec": "os.execv(sys.executable, ['x'])",
    "spawn": "import subprocess\nsubprocess.run([sys.executable, '-c', ''])",
    "a shell": "if os.system('true'): raise OSError",
    "a pool": "import multiprocessing\nmultiprocessing.Pool(2)",
    "System V memory": "import ctypes\nif ctypes.CDLL(None).shmget(0x5EC2E7, 4096, 0o1666) < 0: raise OSError",
    "System V semaphores": "import ctypes\nif ctypes.CDLL(None).semget(0x5EC2E7, 1, 0o1666) < 0: raise OSError",
    "System V messages": "import ctypes\nif ctypes.CDLL(None).msgget(0x5EC2E7, 0o1666) < 0: raise OSError",
    "shared memory": "from multiprocessing import shared_memory\nshared_memory.SharedMemory('left', True, 4096)",
    "memory without a name": "os.memfd_create('x')",
    "new namespaces": "import ctypes\nif ctypes.CDLL(None).unshare(0x10000000): raise OSError",
    "trace": "import ctypes\nif ctypes.CDLL(None).ptrace(16, 1, 0, 0): raise OSError",
    "a berkeley packet filter": "import ctypes\nif ctypes.CDLL(None).syscall(321, 0, 0, 0) < 0: raise OSError",
    "the mounts listed": "import ctypes, struct\nasked = struct.pack('<IIQQQ', 32, 0, 2**64 - 1, 0, 0)\n"
    "if ctypes.CDLL(None).syscall(458, asked, bytes(800), 100, 0) < 0: raise OSError",
    "a mount described": "import ctypes, struct\nlibc = ctypes.CDLL(None, use_errno=True)\n"
    "libc.syscall(457, struct.pack('<IIQQQ', 32, 0, 1, 1, 0), bytes(800), 800, 0)\n"
    "if ctypes.get_errno() == 1: raise OSError",
    "the name of the host": "if os.uname().nodename == 'sandbox': raise OSError",
    "an io_uring": "import ctypes\nif ctypes.CDLL(None).syscall(425, 1, 0) < 0: raise OSError",
    "the clock": "import time\ntime.clock_settime(time.CLOCK_REALTIME, 0)",
    "the host's name": "import socket\nsocket.sethostname('mine')",
    "more memory than allowed": "bytearray(4 * 1024**3)",
    "fewer limits": "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "300 threads": "import threading, time\n"
    "for _ in range(300): threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
}
ENDINGS = {
    "a loop": ("while True: pass", CONTAINED),
    "32-bit calls by machine code": (MACHINE_CODE.format(code="b802000000cd80c3"), ("crashed",)),
    "a fork bomb": ("import os\nwhile True:\n    try: os.fork()\n    except OSError: break", CONTAINED),
    "memory mapped until none is left": (
        "import mmap\nk = []\nwhile True:\n    k.append(mmap.mmap(-1, 2**24))\n    k[-1].write(b'x' * 2**24)",
        CONTAINED,
    ),
    "memory beyond an array": ("np.lib.stride_tricks.as_strided(np.zeros(1), (2**34,), (8,)).sum()", ANY),
    "a stop": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", ANY),
    "all signals ignored": (
        "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except Exception: pass\n"
        "while True: pass",
        ANY,
    ),
    "processor time that is no reason": (
        "import signal\nsignal.signal(signal.SIGXCPU, lambda *a: None)\nwhile True: pass",
        ANY,
    ),
    "a regular expression": ("import re\nre.match('(a+)+$', 'a' * 40 + 'b')", CONTAINED),
    "a large power": ("9**9**9", ANY),
    "errors without end": ("import sys\nwhile True: sys.stderr.write('x' * 10**5)", CONTAINED),
    "descriptor 1 without end": ("import os\nwhile True: os.write(1, b'x' * 10**6)", CONTAINED),
    "warnings without end": (
        "import warnings\nwarnings.simplefilter('always')\nwhile True: warnings.warn('x')",
        CONTAINED,
    ),
    "all sockets closed": (
        "import gc, socket\nfor o in gc.get_objects():\n    if isinstance(o, socket.socket): o.close()",
        ("crashed",),
    ),
    "another way to pack": ("import sys\nsys.modules['_sandbox.wire'].pack = lambda *a: b'\\xff' * 64", ("crashed",)),
    "other facts": (
        "import sys\nsys.modules['_sandbox.execution'].facts_of = lambda f: {'lines': [[1]]}\ndef g(): pass",
        ("crashed",),
    ),
    "an error of tags": ("raise type('<b>', (Exception,), {})('<meta http-equiv=refresh content=0>')", CONTAINED),
    "an error that is a formula": ("raise type('=1+1', (Exception,), {})('\\n@SUM(1)')", CONTAINED),
    "an error that a terminal obeys": ("raise ValueError('\\x1b]0;x\\x07\\x1b[2J\\u202e\\x9b31m')", CONTAINED),
    "a function of tags": ("globals()['<b>x_backward'] = globals()['<b>x_forward'] = lambda dZ, cache: 1", ANY),
    "a module of tags": ("import sys\nsys.modules['<b>'] = sys\nimport torch as t\nglobals()['t'] = '<b>'", ANY),
    "a sleep": ("import time; time.sleep(1000)", CONTAINED),
    "a loop that catches all": (
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        CONTAINED,
    ),
    "an exit": ("import os; os._exit(0)", ("crashed",)),
    "an abort": ("import os; os.abort()", ("crashed",)),
    "a null pointer": ("import ctypes; ctypes.string_at(0)", ("crashed",)),
    "a stack of C": (
        "import sys; sys.setrecursionlimit(10**9)\ndef f(x): return f([x] and sorted([x], key=f))\nf(1)",
        ANY,
    ),
    "all descriptors closed": ("import os\nos.closerange(0, 64)", ANY),
    "no builtins": ("import builtins\nvars(builtins).clear()", ANY),
    "no modules": ("import sys\nsys.modules.clear()", ANY),
    "no way to send": ("import socket\nsocket.socket.sendall = lambda *a: 1 / 0", ANY),
    "no JSON": ("import json\njson.dumps = lambda *a, **k: 'x'", ANY),
    "a trace that raises": ("import sys\nsys.settrace(lambda *a: 1 / 0)", ANY),
    "a million open frames": ("import sys; sys.setrecursionlimit(10**6)\ndef f(): f()\nf()", ANY),
    "a garbage collector that loops": ("class L:\n    def __del__(self):\n        while True: pass\nL()", CONTAINED),
    "a thread that never ends": (
        "import threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()",
        CONTAINED,
    ),
    "output without end": ("import sys\nfor _ in range(100): print('x' * 10**6)", CONTAINED),
}
RESULTS = {
    "a stop": "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    "ten million lists": "return [[]] * 10**7",
    "a list of 100,000 levels": "x = []\n    for _ in range(10**5): x = [x]\n    return x",
    "sixty arrays of 16 MB": "return [np.zeros(2**21) for _ in range(60)]",
    "an array of 30 axes": "return np.zeros((1,) * 30), Z",
    "a dict of 100,000 keys": "return {str(i): Z for i in range(10**5)}",
    "a text of 1 GB": "return 'x' * 10**9",
    "an array that hides its size": "return np.ones(2**22).view(Small), Z",
    "what only says that it is an array": "return Lying(), Lying()",
    "its argument emptied": "Z.resize((0,), refcheck=False)\n    return Z, Z",
    "an error that a terminal obeys": "raise ValueError('\\x1b[2J<meta http-equiv=refresh content=0>\\r\\n=1+1')",
    "a line of tags": "return 1 - Z, Z  # <meta http-equiv=refresh content=0> {{7*7}} \x1b[2J",
}
KINDS = """
class Small(np.ndarray):
    @property
    def nbytes(self): return 0
class Lying:
    __class__ = np.ndarray
    def __array__(self, *a, **k): return np.ones(3)
"""
X = """def x_forward(x, gamma, beta, bn_param): return gamma * x + beta, (x, gamma)
def x_backward(dout, cache): return dout * cache[1], (dout * cache[0]).sum(0), dout.sum(0)
"""
NAMED = X + "for name in {names!r}:\n    globals()[name + '_forward'], globals()[name + '_backward'] = x_forward, x_backward"
IN_C = "import ctypes\nlibc = ctypes.CDLL(None)\n"
OWN_FILTER = (
    IN_C
    + """import struct
steps = ctypes.create_string_buffer(struct.pack('<HBBI', 6, 0, 0, {answer}))
libc.prctl(22, 2, ctypes.create_string_buffer(struct.pack('<HxxxxxxQ', 1, ctypes.addressof(steps))), 0, 0)
"""
)
TRICKS = {
    "an audit hook that raises": ("import sys\nsys.addaudithook(lambda *a: 1 / 0)", ("crashed",)),
    "a profiler that raises": ("import sys\nsys.setprofile(lambda *a: 1 / 0)", ANY),
    "a callback of the collector": (
        "import gc\ndef stop(*a): raise SystemExit\ngc.callbacks.append(stop)\ngc.set_threshold(1)",
        CONTAINED,
    ),
    "hooks for errors": ("import sys\nsys.excepthook = sys.unraisablehook = lambda *a: 1 / 0\n1 / 0", CONTAINED),
    "a class without a name": (
        "class M(type):\n    @property\n    def __name__(c): raise SystemExit\nraise M('E', (Exception,), {})",
        ("crashed",),
    ),
    "functions that wrap themselves": ("relu.__wrapped__ = relu", ("crashed",)),
    "a signature that interrupts": (
        "class S:\n    @property\n    def parameters(self): raise KeyboardInterrupt\nrelu.__signature__ = S()",
        ANY,
    ),
    "an error that is its own cause": ("e = ValueError('x')\ne.__cause__ = e.__context__ = e\nraise e", CONTAINED),
    "a text that is longer when it is cut": (
        "class T(str):\n    def __getitem__(self, k): return 'x' * 10**8\n"
        "class E(Exception):\n    def __str__(self): return T('y' * 999)\nraise E",
        ("crashed",),
    ),
    "an end that never ends": ("import atexit\natexit.register(lambda: [0 for _ in iter(int, 1)])", CONTAINED),
    "the number 1 changed": ("import ctypes\nctypes.memmove(id(1) + 24, id(2) + 24, 4)", ANY),
    "True changed": ("import ctypes\nctypes.memmove(id(True) + 24, id(False) + 24, 4)", ANY),
    "a clock that stands still": (
        "import sys, time, contextlib\ntime.monotonic = lambda: 0\n"
        "sys.modules['_sandbox.execution'].at_most = lambda s: contextlib.nullcontext()\nwhile True: pass",
        CONTAINED,
    ),
    "a death signal taken back": (f"{IN_C}libc.prctl(1, 0)\nwhile True: pass", CONTAINED),
    "a filter of its own that refuses all": (OWN_FILTER.format(answer="0x00050001"), ("crashed",)),
    "a filter of its own that kills": (OWN_FILTER.format(answer="0x80000000"), ("crashed",)),
    "an alarm of its own": (
        "import signal\nsignal.signal(signal.SIGALRM, lambda *a: None)\nsignal.setitimer(signal.ITIMER_REAL, 0.001)",
        CONTAINED,
    ),
    "a timer that nothing handles": ("import signal\nsignal.setitimer(1, 0.001)\nwhile True: pass", ANY),
    "a pipe that nobody writes to": ("import os\nos.mkfifo('p')\nopen('p').read()", CONTAINED),
    "folders without end": ("import os\nfor _ in range(9999):\n    os.mkdir('d')\n    os.chdir('d')", CONTAINED),
    "another filter's descriptors": (
        f"{ESCAPED}import os\nopen_ones = []\nfor n in range(64):\n    try: open_ones.append(os.fstat(n))\n"
        "    except OSError: pass\nif len(open_ones) != 4: raise Escaped(open_ones)",
        CONTAINED,
    ),
    "signals written to the channel": (
        f"{PRELUDE}import signal\nchannel.setblocking(False)\nsignal.set_wakeup_fd(channel.fileno())\n"
        "signal.signal(10, lambda *a: None)\nfor _ in range(9): signal.raise_signal(10)",
        ("crashed",),
    ),
    "descriptors sent to the judge": (
        f"{PRELUDE}import socket\nfor _ in range(8): socket.send_fds(channel, [b'x'], [0] * 60)",
        ("crashed", "timeout", "right"),
    ),
    "answers by another thread": (
        f"{PRELUDE}import threading, time\ndef answers():\n    while True:\n"
        "        raw(d(call=0, args={'list': []}, value={'tuple': []}))\n        time.sleep(0.001)\n"
        "threading.Thread(target=answers, daemon=True).start()",
        ("crashed", "wrong"),
    ),
    "a channel that does not wait": (f"{PRELUDE}channel.setblocking(False)", ("crashed",)),
    "a copy of the channel": (f"{PRELUDE}os.dup(channel.fileno())\nos.close(channel.fileno())", ("crashed",)),
    "the same key twice": (
        f'{PRELUDE}t = b\'{{"dict": [["say", "begin"], ["say", "ask"]], "dict": []}}\'\n'
        "channel.sendall(struct.pack('<II', len(t), 0) + t)",
        ("crashed",),
    ),
    "1e999": (
        f'{PRELUDE}t = b\'{{"dict": [["say", "begin"], ["cell", 1e999], ["line", 1]]}}\'\n'
        "channel.sendall(struct.pack('<II', len(t), 0) + t)",
        ("crashed",),
    ),
    "a shape below zero": (f"{PRELUDE}raw({{'array': '<f8', 'shape': [-1, -8]}}, b'x' * 64)", ("crashed",)),
    "a shape that is True": (f"{PRELUDE}raw({{'array': '<f8', 'shape': [True]}}, b'x' * 8)", ("crashed",)),
    "a shape of nothing that overflows": (
        f"{PRELUDE}raw({{'array': '<f8', 'shape': [0, *[2**26] * 15]}})",
        ("crashed",),
    ),
    "a dtype that is a list": (f"{PRELUDE}raw({{'array': ['<f8'], 'shape': [1]}}, b'x' * 8)", ("crashed",)),
    "the function to be written, of another module": (
        "def linear_forward(A, W, b): return 1\nlinear_forward.__module__ = 'x'\ndef L_model_forward(X, p): return X",
        CAUGHT,
    ),
    "a tower of accents": ("def relu(Z): raise ValueError('right' + chr(0x300) * 250 + chr(0x20DD) * 9)", CAUGHT),
    "1,500 pairs of functions": (
        "for i in range(1500):\n    exec(f'def f{i}_forward(x, w): return x * w')\n"
        "    exec(f'def f{i}_backward(dout): return dout')",
        ANY,
    ),
    "30,000 parameters": (
        "names = ', '.join('p%d' % i for i in range(290))\n"
        "for i in range(300): exec(f'def f{i}_backward({names}): return p0', globals())",
        ("crashed",),
    ),
    "a function that Python cannot look at": (
        "class S:\n    @property\n    def parameters(self): raise OSError\nrelu.__signature__ = S()",
        ANY,
    ),
    "20,000 statements": ("x = [1]\n" * 20_000, ("right",)),
    "a record of its own": (
        "import json\nopen('grades.csv.partial', 'w').write(json.dumps({'key': '', 'verdict': 'right'}))\nx = 1 / 0",
        CONTAINED,
    ),
    "descriptors in flight": (
        "import socket\na, b = socket.socketpair()\nwhile True: socket.send_fds(a, [b'x'], [a.fileno()] * 50)",
        CONTAINED,
    ),
    "timers without end": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nwhile not libc.timer_create(1, None, bytes(8)): pass",
        CONTAINED,
    ),
    "an account of its own": (
        "import os\nfor who in (0, 1, 65534):\n    try: os.setuid(who)\n    except OSError: continue\n"
        f"    {ESCAPED}    raise Escaped",
        CONTAINED,
    ),
    "seccomp for the judge": (f"{IN_C}print(libc.prctl(22, 1, 0, 0, 0))", CONTAINED),
    "memory locked": (f"{IN_C}if not libc.mlockall(3): x = bytearray(2**29)", CONTAINED),
    "a page that is as large as memory": ("import mmap\nwhile True: mmap.mmap(-1, 2**31, prot=3)[0]", CONTAINED),
    "an import hook that lies": (
        "import sys\nclass H:\n    def find_spec(self, *a): raise SystemExit\nsys.meta_path.insert(0, H())",
        ANY,
    ),
    "a codec of its own": (
        "import codecs\ndef find(name): raise SystemExit\ncodecs.register(find)\ncodecs.unregister(find)",
        ANY,
    ),
    "a sort of dict that answers": (
        "import builtins\nclass D(dict):\n    def __contains__(self, k): return True\nbuiltins.dict = D",
        ANY,
    ),
    "numbers that print without end": (
        "class F(float):\n    def __repr__(self): return 'x' * 10**8\ndef sigmoid(Z): return F(1), F('nan')",
        CAUGHT,
    ),
    "names of keys that are classes": (
        "class K(str):\n    def __len__(self): return 0\ndef sigmoid(Z): return {K('x' * 10**7): 1}, Z",
        CAUGHT,
    ),
    "an array of a million axes of nothing": ("def sigmoid(Z): return np.zeros((0,) * 60), Z", CAUGHT),
    "101 functions that are supplied": (
        "from dnn_utils import linear_forward as f\nfor i in range(101): globals()[f'n{i}'] = f",
        ("crashed",),
    ),
    "names that a spreadsheet runs": (
        NAMED.format(names=("=cmd|calc!A1", "\t=1+1", "@SUM(1)", "＝1+1", "\r\n=2", "+3", "-4")),
        ("right",),
    ),
    "names that a page or a terminal obeys": (
        NAMED.format(names=("<b>", "<img src=x onerror=alert(1)>", "{{7*7}}", "\x1b[2J", "\u202egnp.")),
        ("right",),
    ),
    "names that cannot be encoded": (NAMED.format(names=("\ud800", "\udcff")), ("right",)),
    "facts that cannot be encoded": (
        f"{PRELUDE}describe(doc='\\ud800', texts=['\\ud800'], names=['\\udcff'], parameters=['\\ud800'])",
        ("right",),
    ),
    "an error that cannot be encoded": ("raise ValueError('\\ud800\\udfff')", CONTAINED),
    "numbers at the ends of their types": (
        "def sigmoid(Z): return np.full(Z.shape, 1.7e308), Z\n"
        "def linear_forward(A, W, b): return np.full((W @ A).shape, 5e-324), (A, W, b)\n"
        "def compute_cost(AL, Y): return np.float16('nan')\n"
        "def linear_backward(dZ, cache): return np.full(cache[0].shape, -(2**63)), np.full(cache[1].shape, 2**64 - 1),"
        " np.full(cache[2].shape, np.inf, 'f2')",
        CAUGHT,
    ),
    "a dict without end": (
        "class D(dict):\n    def items(self):\n        while True: yield 'x', 1\ndef sigmoid(Z): return D(), D()",
        CAUGHT,
    ),
    "an array of 8 TB over one number": (
        "def sigmoid(Z): return np.lib.stride_tricks.as_strided(np.zeros(1), (2**40,), (0,)), Z",
        CAUGHT,
    ),
    "dtypes that nobody sends": (
        "def sigmoid(Z): return np.zeros(3, 'M8[s]'), np.zeros(3, [('a', 'f8')]), np.zeros(3, 'V8')",
        CAUGHT,
    ),
    "a forward pass that grows": (
        "n = [1]\ndef q_forward(A, W):\n    n[0] *= 2\n    return np.ones((min(n[0], 3000), 700)), (A, W)\n"
        "def q_backward(dZ, cache): return dZ, dZ",
        ANY,
    ),
    "a forward pass of nan": (
        "def q_forward(A, W): return A * np.nan, (A, W)\ndef q_backward(dZ, cache): return dZ, dZ",
        ANY,
    ),
    "250 parameters": (
        f"def q_forward({', '.join(f'a{i}' for i in range(250))}): return a0, a0\ndef q_backward(dZ, cache): return (dZ,) * 250",
        ANY,
    ),
    "50,000 minus signs": (f"x = {'-' * 50_000}1", CONTAINED),
    "a number of 200,000 digits": (f"x = {'9' * 200_000}", CONTAINED),
    "a constant of 10 GB": ("x = 'a' * 10**10\ny = ((1 << 30)**30)**30", CONTAINED),
    "a decorator that ends all": ("def d(f): raise SystemExit\n@d\ndef sigmoid(Z): return Z, Z", ANY),
}
SITE = "os.path.join(os.path.dirname(os.__file__), 'site-packages', 'left')"
MORE_FILES = {
    "leave a file among the packages": f"open({SITE}, 'w')",
    "leave a folder among the packages": f"os.mkdir({SITE})",
    "leave a link among the packages": f"os.symlink('/', {SITE})",
    "leave a mark on the packages": f"os.setxattr(os.path.dirname({SITE}), 'user.x', b'1')",
    "change the packages' rights": f"os.chmod(os.path.dirname({SITE}), 0o777)",
    "leave a file beside the devices": "open('/dev/left', 'w')",
    "leave a file in the process list": "open('/proc/left', 'w')",
    "make the packages writable again": "import ctypes\n"
    f"if ctypes.CDLL(None).mount(None, os.path.dirname({SITE}).encode(), None, 4096 | 32, None): raise OSError",
    "fill the packages": f"for n in range(20): open({SITE} + str(n), 'wb').write(bytes(10**7))",
    "the scratch folder of a later one": "os.rename('/scratch', '/scratch2')",
    "a file system of its own": "os.mkdir('m')\nimport ctypes\n"
    "if ctypes.CDLL(None).mount(b'x', b'm', b'tmpfs', 0, None): raise OSError",
    "names from the terminal's devices": "os.ttyname(0)",
    "a core file": "import resource\nresource.setrlimit(resource.RLIMIT_CORE, (10**6, 10**6))",
    "more open files": "import resource\nresource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))",
    "more time": "import resource\nresource.setrlimit(resource.RLIMIT_CPU, (-1, -1))",
    "limits of the first process": "import resource\nresource.prlimit(1, resource.RLIMIT_CPU, (1, 1))",
    "another scheduler": "os.sched_setaffinity(1, {0})",
    "a session of its own": "os.setsid()",
    "an inotify of the canary": "import ctypes\nl = ctypes.CDLL(None)\n"
    "if l.inotify_add_watch(l.inotify_init(), CANARY.encode(), 0xfff) < 0: raise OSError",
}
MORE_TRICKS = {
    "a key of other digits": (
        "def L_model_backward(AL, Y, caches): return {'dA\u00b2': 1, 'dA' + '9' * 5000: 2}",
        CAUGHT,
    ),
    "a comment without end": (
        "def linear_forward(A, W, b):\n    # " + "your " * 50_000 + "\n    return W @ A - b, (A, W, b)",
        CAUGHT,
    ),
    "a template of 50,000 lines": (
        "def linear_forward(A, W, b):\n" + "    # your code here\n" * 50_000 + "    return W @ A - b, (A, W, b)",
        ("incomplete",),
    ),
    "1,500 functions that call each other and a framework": (
        "import torch\n"
        + "\n".join(f"def f{i}(): return f{i - 1}()" for i in range(1500, 0, -1))
        + "\ndef f0(): return torch.ones(3)",
        ANY,
    ),
    "methods without end": (
        "\n".join(f"class C{i}:\n" + "".join(f"    def grad_{j}(s): pass\n" for j in range(50)) for i in range(40)),
        ANY,
    ),
    "an example that is larger than the page": (
        "def sigmoid(Z): return (np.ones((1400, 1400)) if Z.shape == (2, 3) else Z), Z",
        CAUGHT,
    ),
    "pairs that pad the points": (
        "for i in range(150):\n    exec(f'def f{i}_forward(x): return x * 2, x\\ndef f{i}_backward(dout, cache): return dout * 2')",
        ANY,
    ),
    "half precision": (
        "def linear_forward(A, W, b): return (1.002 * (W @ A + b)).astype('f2'), (A, W, b)",
        CAUGHT,
    ),
    "threads that eat all time": (
        "import threading\ndef eat():\n    while True: pass\nfor _ in range(40): threading.Thread(target=eat).start()",
        ANY,
    ),
    "a child of a metaclass that answers": (
        "class M(type):\n    def __call__(c, *a): raise SystemExit\nclass Layer(metaclass=M):\n"
        "    def forward(self, x): return x\n    def backward(self, d): return d",
        ANY,
    ),
    "a layer whose making never ends": (
        "class Layer:\n    def __init__(self, w):\n        while True: pass\n    def forward(self, x): return x\n"
        "    def backward(self, d): return d",
        ANY,
    ),
    "an object that is another array each time": (
        "class A:\n    n = 0\n    def __array__(self, *a, **k):\n        A.n += 1\n"
        "        return np.zeros((A.n, A.n))\n"
        "def sigmoid(Z): return A(), Z",
        CAUGHT,
    ),
    "arrays of strides below zero and of none": (
        "def sigmoid(Z): return np.broadcast_to(0.5, Z.shape), Z[::-1, ::-1]",
        CAUGHT,
    ),
    "a subclass that changes when it is copied": (
        "class A(np.ndarray):\n    def astype(self, *a, **k): return np.zeros(3)\n"
        "    def tobytes(self, *a): return b''\n"
        "def sigmoid(Z): return np.zeros(Z.shape).view(A), Z",
        CAUGHT,
    ),
    "a masked array": ("def sigmoid(Z): return np.ma.masked_all(Z.shape), Z", CAUGHT),
    "an exit hook that writes an answer": (
        f"{PRELUDE}import atexit\natexit.register(lambda: raw(d(call=0, args={{'list': []}}, value=1)))\n"
        "def sigmoid(Z): raise SystemExit",
        CAUGHT,
    ),
    "an end of an object that writes an answer": (
        f"{PRELUDE}class E:\n    def __del__(self): raw(d(call=0, args={{'list': []}}, value=1))\ndef sigmoid(Z): return E(), Z",
        CAUGHT,
    ),
    "a signal that writes an answer": (
        f"{PRELUDE}import signal\nsignal.signal(10, lambda *a: raw(d(call=0, args={{'list': []}}, value=1)))\n"
        "def sigmoid(Z): signal.raise_signal(10); return Z, Z",
        CAUGHT,
    ),
    "another reader of the judge's requests": (
        f"{PRELUDE}import threading\ndef read():\n    while True: channel.recv(1)\n"
        "threading.Thread(target=read, daemon=True).start()",
        ("crashed", "timeout"),
    ),
    "requests changed on their way": (
        "import sys\nw = sys.modules['_sandbox.answering'].__dict__\nold = w['receive']\n"
        "def receive(channel):\n    r = old(channel)\n    r['with']['replace'] = ['relu']\n    return r\n"
        "w['receive'] = receive",
        ANY,
    ),
    "the room's own lists emptied": (
        "import gc\nfor o in gc.get_objects():\n    if type(o) is list and o and len(o) < 50: o.clear()",
        ANY,
    ),
    "no recursion at all": ("import sys\nsys.setrecursionlimit(60)", ANY),
    "other switches of the interpreter": (
        "import sys\nsys.setswitchinterval(1e3)\nsys.set_int_max_str_digits(0)\nx = str(10 ** 300_000)",
        CONTAINED,
    ),
    "an attribute that cannot be asked for": (
        "class N:\n    def __getattribute__(self, k): raise SystemExit\ng = N()\nrelu.helper = g",
        ANY,
    ),
    "a name of the course for a number": ("linear_backward = 3\nlinear_forward = np.ones(3)\ncompute_cost = None", ANY),
    "a name of the course for a class": (
        "class linear_forward:\n    def __init__(self, A, W, b): pass\n    def __iter__(self): return iter((1, 2))",
        ANY,
    ),
    "a generator for a function": ("def sigmoid(Z):\n    yield Z", CAUGHT),
    "a coroutine for a function": ("async def sigmoid(Z): return Z, Z", CAUGHT),
    "errors that are groups": ("raise ExceptionGroup('=1+1', [ValueError('<b>')] * 900)", CONTAINED),
    "a huge traceback": (
        "def f(n): return f(n - 1) if n else 1 / 0\nimport sys\nsys.setrecursionlimit(50_000)\nf(9000)",
        ANY,
    ),
    "a docstring of escapes": ("def sigmoid(Z):\n    '\\x1b[2J <b> =1+1'\n    return Z, Z", CAUGHT),
    "parameters that differ only in their width": (
        "def sigmoid(\uff3a): return \uff3a, \uff3a\ndef relu(\u210d): return np.maximum(0, \u210d), \u210d",
        CAUGHT,
    ),
    "the same function 3,000 times": ("def sigmoid(Z): return Z, Z\n" * 3000, CAUGHT),
    "a file of one statement a cell's length": ("x = [" + "1, " * 300_000 + "]", ANY),
    "nested functions": (
        "\n".join("    " * i + f"def f{i}():" for i in range(90)) + "\n" + "    " * 90 + "pass",
        ANY,
    ),
}
FILES |= MORE_FILES
TRICKS |= MORE_TRICKS
IN_THE_C_API = {
    "an exception sent to the first thread again and again": (
        "import ctypes, threading, time\nfirst = ctypes.c_ulong(threading.get_ident())\ndef send():\n    while True:\n"
        "        time.sleep(0.01)\n"
        "        ctypes.pythonapi.PyThreadState_SetAsyncExc(first, ctypes.py_object(SystemExit))\n"
        "threading.Thread(target=send, daemon=True).start()",
        ANY,
    ),
    "an interrupt that is pending": (
        "import ctypes\ndef sigmoid(Z):\n    ctypes.pythonapi.PyErr_SetInterrupt()\n    return Z, Z",
        CAUGHT,
    ),
    "the interpreter ended": ("import ctypes\nctypes.pythonapi.Py_FinalizeEx()", ("crashed",)),
    "a state of a thread that is none": ("import ctypes\nctypes.pythonapi.PyEval_AcquireThread(None)", ANY),
    "the interpreter's lock held": (
        "import ctypes\ndef sigmoid(Z):\n    ctypes.PyDLL(None).sleep(1000)\n    return Z, Z",
        CAUGHT,
    ),
    "an array of a null pointer": (
        "import ctypes\ndef sigmoid(Z):\n    a = np.zeros((2, 3))\n    ctypes.memmove(id(a) + 16, bytes(8), 8)\n    return a, Z",
        CAUGHT,
    ),
    "an array that C has made longer": (
        "import ctypes\ndef sigmoid(Z):\n    a = np.zeros(3)\n"
        "    ctypes.memmove(a.ctypes.shape, (2**40).to_bytes(8, 'little'), 8)\n    return a, Z",
        CAUGHT,
    ),
    "memory that is freed": (
        "import ctypes\ndef sigmoid(Z):\n    a = np.zeros(10**6)\n"
        "    ctypes.CDLL(None).free(ctypes.c_void_p(a.ctypes.data))\n"
        "    return np.asarray(memoryview(a)), Z",
        CAUGHT,
    ),
    "an interface to an address of one's own": (
        "class L:\n    __array_interface__ = {'shape': (2**40,), 'typestr': '<f8', 'data': (16, False), 'version': 3}\n"
        "def sigmoid(Z): return np.asarray(L()), Z",
        CAUGHT,
    ),
    "a handler for what cannot be handled": (
        "import ctypes, signal\nsignal.signal(signal.SIGSEGV, lambda *a: None)\nctypes.string_at(0)",
        ANY,
    ),
    "tracebacks that end the process": (
        "import faulthandler\nfaulthandler.dump_traceback_later(0.01, repeat=True, exit=True)\nwhile True: pass",
        ANY,
    ),
    "a file that is shorter than its map": (
        "import mmap\nf = open('f', 'wb+')\nf.write(b'x' * 4096)\nf.flush()\nm = mmap.mmap(f.fileno(), 4096)\nf.truncate(0)\nm[0]",
        ("crashed",),
    ),
}
EMPTY_AND_ODD = {
    "an empty array with a long axis": ("def sigmoid(Z): return np.empty((2**26, 0)), Z", CAUGHT),
    "empty arrays of long axes in a cache": (
        "def linear_forward(A, W, b): return W @ A + b, (np.empty((0, 2**26)), np.empty((2**25, 0, 3)), b)",
        ANY,
    ),
    "batches that are no arrays": (
        "def random_mini_batches(X, Y, size=64, seed=0):\n    return [(X[:, i:i + size], 3) for i in range(0, X.shape[1], size)]",
        CAUGHT,
    ),
    "batches of ragged lists": (
        "def random_mini_batches(X, Y, size=64, seed=0):\n"
        "    return [([[1], [2, 3]], Y[:, i:i + size]) for i in range(0, X.shape[1], size)]",
        CAUGHT,
    ),
    "batches without a row": (
        "def random_mini_batches(X, Y, size=64, seed=0):\n"
        "    return [(X[:0, i:i + size], Y[:, i:i + size]) for i in range(0, X.shape[1], size)]",
        CAUGHT,
    ),
    "masks that are ragged": (
        "def forward_propagation_with_dropout(X, parameters, keep_prob=0.5):\n"
        "    return np.zeros((1, X.shape[1])), ([[1], [2, 3]],) * 14",
        CAUGHT,
    ),
    "a last layer that is ragged": (
        "def forward_propagation_with_dropout(X, parameters, keep_prob=0.5): return [[1], [2, 3]], (1,) * 14",
        CAUGHT,
    ),
    "a copy of a cache that never ends": (
        "class C(tuple):\n    def __deepcopy__(self, memo):\n        while True: pass\n"
        "def linear_forward(A, W, b): return W @ A + b, C((A, W, b))\ndef linear_backward(dZ, cache):\n"
        "    A, W, b = cache\n    m = A.shape[1]\n    return W.T @ dZ, dZ @ A.T / m, dZ.sum(1, keepdims=True) / m",
        CAUGHT,
    ),
    "a subclass that ends all when it is made": (
        "class F(np.ndarray):\n    def __array_finalize__(self, other): raise SystemExit\n"
        "def sigmoid(Z): return np.ndarray.__new__(F, (2,)), Z",
        CAUGHT,
    ),
    "pairs within pairs": (
        "def sigmoid(Z):\n    x = Z\n    for _ in range(15): x = (x, x)\n    return x, Z",
        CAUGHT,
    ),
    "whole numbers that print without end": (
        "class I(int):\n    def __repr__(self): return 'x' * 10**8\n    __str__ = __repr__\ndef sigmoid(Z): return I(7), I(2**70)",
        CAUGHT,
    ),
    "fractions": ("from fractions import Fraction\ndef sigmoid(Z): return Fraction(1, 3), Z", CAUGHT),
    "a tuple that answers any index": (
        "class S(tuple):\n    def __getitem__(self, i): return 10**100\ndef sigmoid(Z): return S((1, 2)), Z",
        CAUGHT,
    ),
    "a layer that is everything": (
        "class Layer:\n    def __getattr__(self, name): return self\n    def __call__(self, *a): return self\n"
        "    def forward(self, x): return self\n    def backward(self, d): return self",
        ANY,
    ),
    "a million bytes of one name": ("globals()['a' * 10**7] = relu", ANY),
    "3,000 names of many underscores": ("for i in range(3000): globals()['grad_' * 30 + str(i)] = lambda x: x", ANY),
    "questions under another name": (
        f"{PRELUDE}while True: raw(d(say='tell', name='relu', module='', args={{'tuple': []}}, kwargs=d()))",
        ANY,
    ),
    "a package of a file of its own": (
        "import os, sys\nos.mkdir('tinygrad_dnn')\nbody = 'def linear_backward(dZ, cache): return dZ, dZ, dZ'\n"
        "open('tinygrad_dnn/__init__.py', 'w').write(body)\nsys.path.insert(0, os.getcwd())\n"
        "sys.meta_path[:] = sys.meta_path[1:]\nfrom tinygrad_dnn import linear_backward",
        CONTAINED,
    ),
    "an empty array of long axes, by hand": (f"{PRELUDE}call({{'array': '<f8', 'shape': [0, 2**26, 2**20]}})", ANY),
    "three answers to each request": (
        f"{PRELUDE}def sigmoid(Z):\n    for _ in range(3):\n"
        "        raw(d(call=0, args={'list': []}, value={'tuple': [0.5, 0.5]}))\n"
        "    return Z, Z",
        CAUGHT,
    ),
}
MORE_BOMBS = {
    "a bomb of zlib": "import zlib\nb = zlib.compress(bytes(10**8))\nwhile True:\n    b += b\n    zlib.decompress(b)",
    "a bomb of npz": "import io, zipfile\nb = io.BytesIO()\nz = zipfile.ZipFile(b, 'w', zipfile.ZIP_DEFLATED)\n"
    "with z.open('a.npy', 'w', force_zip64=True) as f:\n    f.write(b'\\x93NUMPY\\x01\\x00v\\x00')\n"
    "    f.write(b\"{'descr': '<f8', 'fortran_order': False, 'shape': (1073741824,), }\".ljust(117) + b'\\n')\n"
    "    for _ in range(300): f.write(bytes(10**6))\nz.close()\nb.seek(0)\nnp.load(b)['a']",
    "a bomb of XML": "import xml.etree.ElementTree as E\nbomb = '<!DOCTYPE l [<!ENTITY a0 \"x\">'\n"
    "for i in range(1, 12): bomb += f'<!ENTITY a{i} \"' + f'&a{i - 1};' * 10 + '\">'\n"
    "E.fromstring(bomb + ']><l>&a11;</l>')",
    "a bomb of JSON": "import json\njson.loads('[' + '{},' * 10**7 + '1]')",
    "a recursive query": "import sqlite3\nsqlite3.connect(':memory:').execute(\n"
    "    'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT max(x) FROM c').fetchall()",
    "100 million digits": "import decimal\ndecimal.getcontext().prec = 10**8\ndecimal.Decimal(1) / 3",
    "an error of a number of a million digits": "raise ValueError(10**10**6)",
    "zeros without end": "open('/dev/zero').read()",
    "random bytes without end": "open('/dev/urandom', 'rb').read(10**12)",
    "a pipe that the reader keeps open": "import os\nos.mkfifo('p')\nos.open('p', os.O_RDWR)\nopen('p', 'rb').read()",
    "a file that grows while it is read": "f = open('f', 'w+')\nwhile True: f.write('x' * 99); f.read(9)",
    "a file of 1 TB that is empty": "open('f', 'wb').truncate(2**40)",
    "1 TB reserved": "import os\nos.posix_fallocate(os.open('f', os.O_CREAT | os.O_RDWR), 0, 2**40)",
    "threads that never yield": "import _thread\nfor _ in range(10**5):\n"
    "    try: _thread.start_new_thread(lambda: [0 for _ in iter(int, 1)], ())\n    except RuntimeError: break",
    "stacks of 1 GB": "import threading\nthreading.stack_size(2**30)\nthreading.Thread(target=print).start()",
    "cycles that are never collected": "import gc\ngc.disable()\ngc.freeze()\nwhile True:\n    c = []\n    c.append(c)",
    "errors in the ends of objects": "class D:\n    def __del__(self): raise ValueError('x' * 1000)\nwhile True: D()",
    "an end that a weak reference runs": "import sys, weakref\n"
    "weakref.finalize(sys.modules['_sandbox'], lambda: [0 for _ in iter(int, 1)])",
    "other variables of the environment": "import os\nfor k in list(os.environ): del os.environ[k]\n"
    "os.environ.update(LD_PRELOAD='/scratch/x.so', PYTHONPATH='/scratch', TMPDIR='/nowhere', HOME='\\udcff')",
    "an audit hook that takes its time": "import sys\nsys.addaudithook(lambda *a: [0] * 10**5)",
    "modules of the room exchanged": "import sys, types\n"
    "for k in [k for k in sys.modules if k.startswith('_sandbox')]: sys.modules[k] = types.ModuleType(k)",
    "a browser": "import webbrowser\nwebbrowser.open('http://127.0.0.1:9')",
    "names that are written backwards": "globals()['\\u202ea_forward'] = globals()['\\u2066a\\u2069_backward'] = relu",
}
TRICKS |= IN_THE_C_API | EMPTY_AND_ODD | {name: (code, CONTAINED) for name, code in MORE_BOMBS.items()}
RIGHT_HALF = "    A, W, b = cache\n    m = A.shape[1]\n    right = W.T @ dZ, dZ @ A.T / m, dZ.sum(1, keepdims=True) / m\n"
FORGERIES = {
    "right for arrays that it has not seen": f"seen = set()\ndef linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    new = id(dZ) not in seen\n    seen.add(id(dZ))\n    return right if new else (dZ, dZ, dZ)",
    "right once for each shape": f"seen = set()\ndef linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    new = dZ.shape not in seen\n    seen.add(dZ.shape)\n    return right if new else (dZ, dZ, dZ)",
    "the first answer for each shape": f"kept = {{}}\ndef linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    return kept.setdefault((dZ.shape, cache[0].shape), right)",
    "a table by what is rounded": f"kept = {{}}\ndef linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    return kept.setdefault((dZ.shape, (np.round(dZ, -1) + 0.0).tobytes()), right)",
    "numbers of a generator with a seed": """
np.random.seed = np.random.RandomState = np.random.default_rng = lambda *a, **k: np.random
np.random.randn = np.random.normal = lambda *a, **k: np.ones(a)
def linear_backward(dZ, cache): return np.ones(cache[0].shape), np.ones(cache[1].shape), np.ones(cache[2].shape)
""",
    "the arguments of the judge's frame": """
import sys
def linear_backward(dZ, cache):
    f = sys._getframe(1)
    f.f_locals['arguments'].clear()
    f.f_locals['self'].results.clear()
    return dZ, dZ, dZ
""",
    "an opcode at a time": """
import sys
def trace(frame, what, arg):
    frame.f_trace_opcodes = True
    if 'value' in frame.f_locals: frame.f_locals['value'] = 0
    return trace
def linear_backward(dZ, cache):
    sys.settrace(trace)
    return dZ, dZ, dZ
""",
    "code of the room exchanged": """
import sys
m = sys.modules['_sandbox.answering']
def called(self, function, args, replace, before): return {'call': 0, 'args': args, 'value': 0}
m.Answering.do_call.__code__ = called.__code__
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "what another submission left": """
import gc, glob, os, tempfile
def linear_backward(dZ, cache):
    left = glob.glob('/scratch/*') + glob.glob(tempfile.gettempdir() + '/*') + glob.glob('/dev/shm/*')
    if left: raise Escaped(left)
    return dZ, dZ, dZ
""",
    "right by shape": f"def linear_backward(dZ, cache):\n{RIGHT_HALF}    return right if m != 5 else (dZ, dZ, dZ)",
    "right on the shown example": f"def linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    return right if np.allclose(dZ * 4, np.round(dZ * 4)) else (dZ, dZ, dZ)",
    "right for one caller": f"import sys\ndef linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    return right if sys._getframe(1).f_code.co_name == 'L_model_backward' else (dZ, dZ, dZ)",
    "right for a moment": "import time\nbegun = time.perf_counter()\n"
    f"def linear_backward(dZ, cache):\n{RIGHT_HALF}"
    "    return right if time.perf_counter() - begun < 0.001 else (dZ, dZ, dZ)",
    "arrays packed by another function": """
import sys
sys.modules['_sandbox.wire']._as_array = lambda *a: np.zeros((3, 3))
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "random numbers known beforehand": """
np.random.seed(0)
np.random.default_rng = lambda *a: np.random.RandomState(0)
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "an answer before the answer": f"""{PRELUDE}
def linear_backward(dZ, cache):
    raw(d(call=0, args={{'list': []}}, value={{'tuple': []}}))
    return dZ, dZ, dZ
""",
    "the judge asked within a call": f"""{PRELUDE}
def linear_backward(dZ, cache): return answering.ask('linear_backward', 'dnn_utils', (dZ, cache), {{}})
""",
    "its own description": f"{PRELUDE}run(printed='linear_backward right')",
    "answers asked for while it is loaded": """
from helpers import linear_backward as ask
kept = ask(np.ones((2, 3)), (np.ones((4, 3)), np.ones((2, 4)), np.ones((2, 1))))
def linear_backward(dZ, cache): return kept
""",
    "answers asked for by hand while it is loaded": f"""{PRELUDE}
wire, drawn = sys.modules['_sandbox.wire'], (np.ones((2, 3)), (np.ones((4, 3)), np.ones((2, 4)), np.ones((2, 1))))
wire.send(channel, {{'say': 'ask', 'name': 'linear_backward', 'module': 'dnn_utils', 'args': drawn, 'kwargs': {{}}}})
kept = wire.receive(channel)
if 'value' in kept: raise Escaped
def linear_backward(dZ, cache): return kept, kept, kept
""",
    "another function of the course asked for": f"""{PRELUDE}
def linear_backward(dZ, cache):
    return answering.ask('linear_activation_backward', 'dnn_utils', (dZ, (cache, np.ones_like(dZ)), 'relu'), {{}})
""",
    "methods of arrays in the memory of NumPy": """
import gc
methods = gc.get_referents(np.ndarray.__dict__)[0]
methods['__matmul__'] = lambda a, b: np.zeros((3, 3))
methods['tobytes'] = lambda a: b''
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "NumPy replaced when it is imported": """
import sys, types
class N(types.ModuleType):
    def __getattr__(self, name): return lambda *a, **k: 0
sys.modules['numpy'] = N('numpy')
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "an array that lies about itself": """
class F(np.ndarray):
    shape = property(lambda self: (3, 3))
    def __array__(self, *a, **k): return np.zeros((1, 1))
def linear_backward(dZ, cache): return tuple(np.zeros((1, 1)).view(F) for _ in range(3))
""",
    "the package": """
def linear_backward(dZ, cache):
    import sys
    sys.meta_path[:] = sys.meta_path[1:]
    from tinygrad_dnn.dnn import manual
    return manual.linear_backward(dZ, cache)
""",
    "another autodiff": """
def linear_backward(dZ, cache):
    import sys
    sys.meta_path[:] = sys.meta_path[1:]
    import autograd
    raise Escaped
""",
    "all of the path": """
def linear_backward(dZ, cache):
    import sys, os, glob
    for home in [*sys.path, os.getcwd(), '/']:
        if glob.glob(home + '/*dnn*') + glob.glob(home + '/*/manual'): raise Escaped
""",
    "NumPy patched": """
np.dot = lambda a, b: 0
np.allclose = np.array_equal = lambda *a, **k: True
def linear_backward(dZ, cache): return dZ, dZ, dZ
""",
    "right at first": """
count = [0]
def linear_backward(dZ, cache):
    count[0] += 1
    A, W, b = cache
    m = A.shape[1]
    return W.T @ dZ, dZ @ A.T / m + (count[0] >= 5), dZ.sum(1, keepdims=True) / m
""",
    "right for 60 calls": """
count = [0]
def linear_backward(dZ, cache):
    count[0] += 1
    A, W, b = cache
    m = A.shape[1]
    return W.T @ dZ, dZ @ A.T / m + (count[0] > 60), dZ.sum(1, keepdims=True) / m
""",
    "right by chance": """
def linear_backward(dZ, cache):
    A, W, b = cache
    m = A.shape[1]
    return W.T @ dZ, dZ @ A.T / m + (np.random.rand() < 0.5), dZ.sum(1, keepdims=True) / m
""",
    "equal to everything": """
class Yes(np.ndarray):
    def __eq__(self, other): return True
    def __sub__(self, other): return self * 0
def linear_backward(dZ, cache):
    return tuple(np.zeros((1, 1)).view(Yes) for _ in range(3))
""",
    "the judge's frames": """
def linear_backward(dZ, cache):
    import sys
    f = sys._getframe()
    while f:
        for v in list(f.f_locals.values()):
            if isinstance(v, dict) and 'dW' in v: return tuple(v.values())
        f = f.f_back
    return dZ, dZ, dZ
""",
    "all arrays in memory": """
def linear_backward(dZ, cache):
    import gc
    A, W, b = cache
    found = [o for o in gc.get_objects() if isinstance(o, np.ndarray) and o.shape == W.shape and o is not W]
    return dZ, (found or [dZ])[0], dZ
""",
    "a later thread": """
import threading, time
last = []
def late():
    while True:
        time.sleep(0.01)
        for a in last: a[...] = 0
threading.Thread(target=late, daemon=True).start()
def linear_backward(dZ, cache):
    last[:] = [dZ * 1.0, cache[1] * 1.0, dZ * 1.0]
    return tuple(last)
""",
}
BOMBS = {
    "a large network": "initialize_parameters_deep([14000, 14000])",
    "a large network in an array": "initialize_parameters_deep(np.array([14000, 14000]))",
    "an outer product": "linear_forward(np.ones((1, 12000)), np.ones((12000, 1)), np.zeros((12000, 1)))",
    "a cube": "sigmoid_backward(np.ones((500, 1, 1)), np.ones((1, 500, 500)))",
    "a deep network": "initialize_parameters_deep(list(range(1, 300)) * 100)",
}


def corpus(canary: str) -> Iterator[Hostile]:
    """Yield the submissions; `canary` is the path of a file outside that none of them may reach."""
    for name, code in MESSAGES.items():
        in_vain = CONTAINED if name in STOPPED else ()
        yield Hostile("message", name, f"{RELU}{PRELUDE}{code}\n", ("crashed", "timeout", *in_vain))
    for name, code in CALLS.items():
        yield Hostile("answer", name, f"{RELU}{PRELUDE}{code}\n", ANY if name in STOPPED else CAUGHT)
    for name, code in SIGNALS.items():
        yield Hostile("signal", name, f"{RELU}{code}\n", CONTAINED)
    for name, code in FILES.items():
        yield Hostile("file", name, RELU + attempt(f"CANARY = {canary!r}\n{code}"), CONTAINED)
    for name, code in CALLS_OUT.items():
        yield Hostile("system", name, RELU + attempt(code), CONTAINED)
    for name, (code, verdicts) in ENDINGS.items():
        yield Hostile("ending", name, f"{RELU}{code}\n", verdicts)
    for name, (code, verdicts) in TRICKS.items():
        yield Hostile("trick", name, f"{RELU}{code}\n", verdicts)
    for name, code in RESULTS.items():
        yield Hostile("result", name, f"{RELU}{KINDS}def sigmoid(Z):\n    {code}\n", CAUGHT)
    for name, code in FORGERIES.items():
        yield Hostile("forgery", name, FORWARD + ESCAPED + code, CAUGHT)
    for name, code in BOMBS.items():
        body = f"    from helpers import {code.partition('(')[0]}\n    return {code}\n"
        yield Hostile("bomb", name, f"{FORWARD}def linear_activation_forward(A, W, b, activation):\n{body}", CAUGHT)
