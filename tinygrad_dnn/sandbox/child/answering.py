"""Answer the referee. Values that are not plain data, such as caches in any layout, stay here, numbered by call."""

import builtins
import copy
import inspect
import io
import socket
import sys
import time
import traceback
from types import ModuleType
from typing import Any

import numpy as np

from . import execution, layers, stand_ins
from .wire import VALUES, Ref, receive, send

_NO_FACTS = {"lines": [0, 0], "assigned": {}, "returns": [], "names": [], "texts": [], "doc": "", "blank": False}
_BUSY, _LATE = 0.01, 0.5  # seconds, of processor time and of any, for calls whose results are not used
_FROM_PYTHON_2 = {"xrange": range, "raw_input": input, "unicode": str, "long": int}


class Answering:
    """One submission, run and called on request."""

    def __init__(self, channel: socket.socket) -> None:
        self.channel, self.loading = channel, True
        self.results: list[Any] = []
        self.execution = execution.Execution({})

    def serve(self) -> None:
        """Answer until the referee has had enough; it ends this process."""
        for stream in (sys.stdout, sys.stderr):  # to the null device
            assert isinstance(stream, io.TextIOWrapper)
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        vars(builtins).update(_FROM_PYTHON_2)
        sys.meta_path.insert(0, stand_ins.Finder(self.ask))
        while True:
            request = receive(self.channel)
            send(self.channel, getattr(self, f"do_{request['do']}")(**request["with"]), VALUES)

    def do_run(self, cells: list[dict[str, Any]], name: str, skip: list[list[int]], budget: float, asserts: bool) -> dict[str, Any]:
        """Run the submission's code; say which functions it defines."""
        module = ModuleType(name)
        sys.modules[name] = module
        self.execution.namespace = vars(module)

        def begin(cell: int, line: int) -> None:  # told beforehand, in case that the statement never ends
            send(self.channel, {"say": "begin", "cell": cell, "line": line})

        execution.execute(cells, self.execution, {(cell, line) for cell, line in skip}, begin, budget, asserts)
        self.loading = False
        return {
            "functions": self.functions(),
            "errors": self.execution.errors,
            "imports": dict(list(self.execution.imports.items())[:500]),
            "classes": dict(list(self.execution.classes.items())[:100]),
            "derives": [name for name, gradients in self.execution.derives.items() if len(gradients) > 1][:1000],
            "supplied": [name for name, value in self.execution.namespace.items() if type(value) is stand_ins.Supplied],
        }

    def functions(self) -> dict[str, Any]:
        """Name, parameters and place of each function that the submission itself defines; methods of layers too."""
        found, space = {}, self.execution.namespace
        space.update(dict(layers.functions_of(space)))
        for name, value in list(space.items()):
            try:
                own = callable(value) and getattr(value, "__module__", None) == space["__name__"]
                if own and not isinstance(value, (stand_ins.Supplied, stand_ins.Anything, type)):
                    found[str(name)] = _described(value) | self.execution.facts.get(str(name), _NO_FACTS)
            except Exception as error:  # any code may stand behind an attribute
                execution.note(self.execution, error, 0, 0, function=str(name))
        return found

    def do_call(self, function: str, args: list[Any], replace: list[str], before: int) -> dict[str, Any]:
        """Call a function of the submission; callees named in `replace` are answered by the referee instead."""
        namespace = self.execution.namespace
        arguments = [self.resolve(arg) for arg in args]
        replace = [name for name in replace if not isinstance(namespace.get(name), stand_ins.Supplied)]
        saved = {name: namespace[name] for name in replace if name in namespace}
        namespace.update({name: stand_ins.Supplied(name, "", self.ask) for name in replace})
        try:
            with np.errstate(all="ignore"):
                busy, late = time.process_time() + _BUSY, time.monotonic() + _LATE
                # It may count its calls and know arrays again: up to `before` calls come first, and are forgotten.
                same = {id(x): (x, x.copy()) for x in arguments if type(x) is np.ndarray and before}
                while before and time.process_time() < busy and time.monotonic() < late:
                    namespace[function](*copy.deepcopy(arguments, {i: x for i, (x, _) in same.items()}))
                    before -= 1
                for array, value in same.values():  # it may have changed them
                    array.resize(value.shape, refcheck=False)
                    array[...] = value
                value = namespace[function](*arguments)
        except BaseException as error:
            cell, line = 0, 0  # where the call itself fails
            for frame, raised in traceback.walk_tb(error.__traceback__):
                if (file := frame.f_code.co_filename).startswith(("<cell", "<submission")):
                    cell, line = _cell(file), raised
            return {"error": execution.describe(error), "cell": cell, "line": line}
        finally:
            for name in replace:
                namespace.pop(name, None)
            namespace.update(saved)
        self.results.append(value)
        return {"call": len(self.results) - 1, "args": arguments, "value": value}

    def resolve(self, value: object) -> Any:
        """Replace references by what they refer to."""
        if isinstance(value, Ref):
            found = self.results[value.call]
            for key in value.path:
                found = found[key]
            return found
        if isinstance(value, (list, tuple)):
            return type(value)(self.resolve(item) for item in value)
        return value

    def ask(self, name: str, module: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Let the judge compute a function of the course that the submission lacks; not while the file is loaded."""
        if self.loading:
            raise stand_ins.Absent
        send(self.channel, {"say": "ask", "name": name, "module": module, "args": args, "kwargs": kwargs}, VALUES)
        answer = receive(self.channel)
        if "error" in answer:
            kind, _, text = answer["error"].partition(": ")
            raise {"ValueError": ValueError, "TypeError": TypeError}.get(kind, RuntimeError)(text or kind)
        return answer["value"]


def _described(function: Any) -> dict[str, Any]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    return {
        "parameters": [p.name for p in parameters], "required": sum(p.default is p.empty for p in positional),
        "line": getattr(code, "co_firstlineno", 0), "cell": _cell(getattr(code, "co_filename", "")),
    }  # fmt: skip


def _cell(file: str) -> int:
    return int(file[6:-1]) if file.startswith("<cell ") else 0
