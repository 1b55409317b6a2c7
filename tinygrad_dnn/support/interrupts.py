"""Ctrl-C ends the command without a traceback: from the first import of the package on, and while it runs."""

import os
import sys

_signal = __import__("_signal")  # built in: to import the module signal takes milliseconds
INTERRUPTED = 130  # the exit status of an interrupted command
_COMMANDS = ("tinygrad-dnn", "tinygrad-dnn.exe", "tinygrad_dnn", "viz.demo")
if sys.argv[:1] == ["-m"]:  # a package is imported before it is run
    _program = sys.orig_argv[sys.orig_argv.index("-m") + 1] if "-m" in sys.orig_argv else ""
else:
    _program = os.path.basename(sys.argv[0]) if getattr(sys, "argv", None) else ""
if _program in _COMMANDS:  # a program that merely imports the package keeps its own ways
    _signal.signal(_signal.SIGINT, _signal.SIG_DFL)
import signal  # noqa: E402
from collections.abc import Callable  # noqa: E402


def interruptible(run: Callable[[], int | None]) -> int | None:
    """Return the exit status of `run`; Ctrl-C ends it without a traceback."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return run()
    except KeyboardInterrupt:
        return INTERRUPTED
    finally:
        signal.signal(signal.SIGINT, before)
