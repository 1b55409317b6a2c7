"""The sandbox's inside: the standard library and NumPy only, never the rest of this package.

It holds nothing worth stealing: no right formula, no expected number. Read it in the order of `MODULES`.
"""

from functools import lru_cache
from pathlib import Path

MODULES = ("wire", "walls", "stand_ins", "execution", "layers", "answering", "server")  # in the order of loading
_LOADER = """
import sys, types
def load(name, source):
    module = types.ModuleType(name)
    module.__package__ = "_sandbox"
    sys.modules[name] = module
    setattr(sys.modules["_sandbox"], name.partition(".")[2], module)
    exec(compile(source, f"<{name}>", "exec"), vars(module))
sys.modules["_sandbox"] = types.ModuleType("_sandbox")
sys.modules["_sandbox"].__path__ = []
"""


@lru_cache
def bundle() -> str:
    """Return the inside as one Python program, which ends with all modules loaded as ``_sandbox.NAME``."""
    folder = Path(__file__).parent
    sources = ((name, (folder / f"{name}.py").read_text("utf-8")) for name in MODULES)
    return _LOADER + "".join(f"load({f'_sandbox.{name}'!r}, {source!r})\n" for name, source in sources)
